/*
 * An index of things by their names, found in O(log n): tsearch(3)'s tree over links that the things
 * embed. It owns nothing of what it holds. Pure.
 */
#pragma once

/* Embedded in what has a name. */
struct name_link {
    const char *name; /* borrowed; stays as it is while the link is in a tree */
};

/* Zeroed it is empty. */
struct name_tree {
    void *root;
};

/* Returns 0; -EEXIST: something has this name already; -ENOMEM. */
int name_tree_add(struct name_tree *tree, struct name_link *link);

/* NULL: nothing has this name. */
struct name_link *name_tree_find(const struct name_tree *tree, const char *name);

/* Takes a link out that is in the tree. */
void name_tree_remove(struct name_tree *tree, struct name_link *link);
