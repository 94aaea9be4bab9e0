#include "config/tree.h"

#include <errno.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/secret.h"

struct config_tree {
    struct arena *arena;
    const struct config_node *root;
};

int tree_new(struct config_tree **ret_tree)
{
    struct arena *arena = NULL;
    struct config_tree *tree = NULL;

    if (arena_new(&arena) < 0)
        return -ENOMEM;
    tree = arena_alloc(arena, 1, sizeof(*tree));
    if (!tree) {
        arena_free(arena);
        return -ENOMEM;
    }
    tree->arena = arena;
    *ret_tree = tree;
    return 0;
}

struct config_tree *config_tree_free(struct config_tree *tree)
{
    if (tree)
        arena_free(tree->arena); /* the tree itself is its first piece */
    return NULL;
}

void tree_set_root(struct config_tree *tree, const struct config_node *root)
{
    tree->root = root;
}

const struct config_node *config_root(const struct config_tree *tree)
{
    return tree->root;
}

void *tree_alloc(struct config_tree *tree, size_t count, size_t size)
{
    return arena_alloc(tree->arena, count, size);
}

char *tree_copy(struct config_tree *tree, const char *text, size_t len)
{
    return arena_copy_bytes(tree->arena, text, len);
}

int tree_own_secret(struct config_tree *tree, struct secret *secret)
{
    const int r = arena_own_secret(tree->arena, secret);

    if (r < 0)
        secret_free(secret);
    return r;
}

static struct config_node *node_new(struct config_tree *tree, enum config_kind kind,
                                    struct diag_place place)
{
    struct config_node *node = tree_alloc(tree, 1, sizeof(*node));

    if (!node)
        return NULL;
    *node = (struct config_node){.kind = kind, .place = place, .height = 1, .weight = 1};
    return node;
}

/* What a child adds to its parent; the weight stays at its greatest instead of wrapping. */
static void grow_by(struct config_node *parent, const struct config_node *child)
{
    if (child->height >= parent->height)
        parent->height = child->height + 1;
    if (__builtin_add_overflow(parent->weight, child->weight, &parent->weight))
        parent->weight = UINT32_MAX;
}

struct config_node *tree_scalar(struct config_tree *tree, struct diag_place place,
                                const char *text)
{
    struct config_node *node = node_new(tree, CONFIG_SCALAR, place);

    if (!node)
        return NULL;
    node->text = text;
    node->written = text;
    return node;
}

const struct config_node *tree_list(struct config_tree *tree, struct diag_place place,
                                    const struct config_node *const *items, size_t count)
{
    struct config_node *node = node_new(tree, CONFIG_LIST, place);

    if (!node)
        return NULL;
    node->items = items;
    node->count = count;
    for (size_t i = 0; i < count; i++)
        grow_by(node, items[i]);
    return node;
}

struct config_node *tree_map(struct config_tree *tree, struct diag_place place,
                             const struct config_entry *entries, size_t count)
{
    struct config_node *node = node_new(tree, CONFIG_MAP, place);

    if (!node)
        return NULL;
    node->entries = entries;
    node->count = count;
    for (size_t i = 0; i < count; i++) {
        grow_by(node, entries[i].key);
        grow_by(node, entries[i].value);
    }
    return node;
}
