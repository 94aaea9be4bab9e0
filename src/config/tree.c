#include "config/tree.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define BLOCK_BYTES ((size_t)32 * 1024)

/* Memory that pieces are cut from; a piece larger than a block gets its own. */
struct block {
    struct block *next;
    size_t used_bytes;
    size_t size_bytes;
    alignas(max_align_t) char bytes[];
};

struct owned_secret {
    struct owned_secret *next;
    struct secret *secret;
};

struct config_tree {
    struct block *blocks; /* the one that is being cut first */
    struct owned_secret *secrets;
    const struct config_node *root;
};

int tree_new(struct config_tree **ret_tree)
{
    struct config_tree *tree = calloc(1, sizeof(*tree));

    if (!tree)
        return -ENOMEM;
    *ret_tree = tree;
    return 0;
}

struct config_tree *config_tree_free(struct config_tree *tree)
{
    if (!tree)
        return NULL;
    for (struct owned_secret *owned = tree->secrets; owned; owned = owned->next)
        secret_free(owned->secret);
    while (tree->blocks) {
        struct block *block = tree->blocks;

        tree->blocks = block->next;
        secret_wipe(block->bytes, block->used_bytes);
        free(block);
    }
    free(tree);
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

static struct block *block_for(struct config_tree *tree, size_t bytes)
{
    struct block *block = tree->blocks;
    const size_t size_bytes = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;

    if (block && block->size_bytes - block->used_bytes >= bytes)
        return block;
    block = calloc(1, sizeof(*block) + size_bytes);
    if (!block)
        return NULL;
    block->size_bytes = size_bytes;
    block->next = tree->blocks;
    tree->blocks = block;
    return block;
}

void *tree_alloc(struct config_tree *tree, size_t count, size_t size)
{
    size_t bytes;
    struct block *block;
    void *piece;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    block = block_for(tree, bytes);
    if (!block)
        return NULL;
    piece = block->bytes + block->used_bytes;
    block->used_bytes += bytes;
    return piece;
}

char *tree_copy(struct config_tree *tree, const char *text, size_t len)
{
    char *copy = tree_alloc(tree, len + 1, 1);

    if (copy)
        memcpy(copy, text, len);
    return copy;
}

int tree_own_secret(struct config_tree *tree, struct secret *secret)
{
    struct owned_secret *owned = tree_alloc(tree, 1, sizeof(*owned));

    if (!owned) {
        secret_free(secret);
        return -ENOMEM;
    }
    owned->secret = secret;
    owned->next = tree->secrets;
    tree->secrets = owned;
    return 0;
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
