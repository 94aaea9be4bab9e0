#include "config/merge.h"

#include <errno.h>
#include <string.h>

#include "config/tree.h"

/* A map that is being put together; there is room for all that may come. */
struct collection {
    struct config_entry *entries;
    size_t count;
};

bool merge_is_merge_key(const struct config_node *key)
{
    return !key->quoted && strcmp(key->text, "<<") == 0;
}

static struct config_entry *collected(const struct collection *collection,
                                      const char *key)
{
    for (size_t i = 0; i < collection->count; i++) {
        if (strcmp(collection->entries[i].key->text, key) == 0)
            return &collection->entries[i];
    }
    return NULL;
}

/* Adds what is not there yet. */
static void collect(struct collection *collection, const struct config_node *map)
{
    for (size_t i = 0; i < map->count; i++) {
        if (!merge_is_merge_key(map->entries[i].key) &&
            !collected(collection, map->entries[i].key->text))
            collection->entries[collection->count++] = map->entries[i];
    }
}

static int refuse(const struct config_node *node, struct diag_list *reterr_diags)
{
    return diag_add(reterr_diags, node->place,
                    "write '<<: *anchor', or '<<: [*one, *two]'",
                    "'<<' merges a map or a list of maps, and this is %s",
                    config_kind_name(node->kind));
}

/* How many entries a << can bring, or -EINVAL. */
static int sources_count(const struct config_node *value, struct diag_list *reterr_diags,
                         size_t *ret_count)
{
    size_t count = 0;

    if (value->kind == CONFIG_MAP) {
        *ret_count = value->count;
        return 0;
    }
    if (value->kind != CONFIG_LIST)
        return refuse(value, reterr_diags);
    for (size_t i = 0; i < value->count; i++) {
        if (value->items[i]->kind != CONFIG_MAP)
            return refuse(value->items[i], reterr_diags);
        count += value->items[i]->count;
    }
    *ret_count = count;
    return 0;
}

static const struct config_node *merge_value(const struct config_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        if (merge_is_merge_key(node->entries[i].key))
            return node->entries[i].value;
    }
    return NULL;
}

int merge_keys(struct config_tree *tree, const struct config_node **node,
               struct diag_list *reterr_diags)
{
    const struct config_node *own = *node;
    const struct config_node *value = merge_value(own);
    struct collection collection = {0};
    size_t extra = 0;
    int r;

    if (!value)
        return 0;
    r = sources_count(value, reterr_diags, &extra);
    collection.entries =
        tree_alloc(tree, own->count + extra, sizeof(*collection.entries));
    if (!collection.entries)
        return -ENOMEM;
    collect(&collection, own);
    if (r == 0 && value->kind == CONFIG_MAP)
        collect(&collection, value);
    for (size_t i = 0; r == 0 && value->kind == CONFIG_LIST && i < value->count; i++)
        collect(&collection, value->items[i]);
    *node = tree_map(tree, own->place, collection.entries, collection.count);
    return *node ? r : -ENOMEM;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the nodes are high, which is bounded
int merge_over(struct config_tree *tree, const struct config_node *base,
               const struct config_node *over, const struct config_node **ret_node)
{
    struct collection collection = {0};

    if (base->kind != CONFIG_MAP || over->kind != CONFIG_MAP) {
        *ret_node = over;
        return 0;
    }
    collection.entries =
        tree_alloc(tree, base->count + over->count, sizeof(*collection.entries));
    if (!collection.entries)
        return -ENOMEM;
    collect(&collection, base);
    for (size_t i = 0; i < over->count; i++) {
        struct config_entry *below = collected(&collection, over->entries[i].key->text);
        int r;

        if (!below) {
            collection.entries[collection.count++] = over->entries[i];
            continue;
        }
        below->key = over->entries[i].key;
        r = merge_over(tree, below->value, over->entries[i].value, &below->value);
        if (r < 0)
            return r;
    }
    *ret_node = tree_map(tree, over->place, collection.entries, collection.count);
    return *ret_node ? 0 : -ENOMEM;
}
