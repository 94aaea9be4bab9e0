#include "simulator/name_tree.h"

#include <errno.h>
#include <search.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct name_link *)a)->name,
                  ((const struct name_link *)b)->name);
}

int name_tree_add(struct name_tree *tree, struct name_link *link)
{
    struct name_link **there = (struct name_link **)tsearch(link, &tree->root, compare);

    if (!there)
        return -ENOMEM;
    return *there == link ? 0 : -EEXIST;
}

struct name_link *name_tree_find(const struct name_tree *tree, const char *name)
{
    const struct name_link wanted = {.name = name};
    struct name_link **there = (struct name_link **)tfind(&wanted, &tree->root, compare);

    return there ? *there : NULL;
}

void name_tree_remove(struct name_tree *tree, struct name_link *link)
{
    (void)tdelete(link, &tree->root, compare);
}
