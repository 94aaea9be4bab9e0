#include "config/override.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "config/document.h"
#include "config/tree.h"

/* One override on its way down the tree. */
struct override {
    struct config_tree *tree;
    struct diag_list *diags;
    struct diag_place place;     /* the option as a whole */
    const char *const *segments; /* of the path */
    size_t count;
    const struct config_node *value;
};

/* Cuts one segment off the path: up to a '.', or a text in double quotes. NULL: malformed. */
static char *cut_segment(struct config_tree *tree, const char **at)
{
    const char *start = *at;
    const bool quoted = *start == '"';
    const char *stop;

    if (quoted) {
        start++;
        stop = strchr(start, '"');
        if (!stop || (stop[1] != '.' && stop[1] != '\0'))
            return NULL;
        *at = stop + 1;
    } else {
        stop = start + strcspn(start, ".");
        *at = stop;
    }
    if (stop == start)
        return NULL;
    if (**at == '.')
        (*at)++;
    return tree_copy(tree, start, (size_t)(stop - start));
}

/* Where the path ends and the value begins: the first '=' outside of quotes, or NULL. */
static const char *find_equals(const char *text)
{
    bool quoted = false;

    for (; *text; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (*text == '=' && !quoted)
            return text;
    }
    return NULL;
}

/* Fills segments, of which there are at most CONFIG_MAX_HEIGHT. Returns their number, 0 if bad. */
static size_t cut_path(struct config_tree *tree, const char *path, const char **segments)
{
    const char *at = path;
    size_t count = 0;

    while (*at) {
        if (count == CONFIG_MAX_HEIGHT)
            return 0;
        segments[count] = cut_segment(tree, &at);
        if (!segments[count])
            return 0;
        count++;
    }
    return count > 0 && path[strlen(path) - 1] != '.' ? count : 0;
}

static int put(const struct override *override, size_t level,
               const struct config_node *below, const struct config_node **ret_node);

// NOLINTNEXTLINE(misc-no-recursion): as deep as the path, at most CONFIG_MAX_HEIGHT
static int put_into_list(const struct override *override, size_t level,
                         const struct config_node *list,
                         const struct config_node **ret_node)
{
    const char *segment = override->segments[level];
    const struct config_node **items;
    uint64_t index = 0;
    int r;

    if (quantity_parse_count(segment, &index) < 0 || index >= list->count)
        return diag_add(override->diags, override->place, "items are counted from 0",
                        "a list of %zu has no item '%s'", list->count, segment);
    items = (const struct config_node **)tree_alloc(override->tree, list->count,
                                                    sizeof(*items));
    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    r = put(override, level + 1, list->items[index], &items[index]);
    if (r < 0)
        return r;
    *ret_node = tree_list(override->tree, list->place, items, list->count);
    return *ret_node ? 0 : -ENOMEM;
}

/* map may be NULL or nothing: it is made then. */
// NOLINTNEXTLINE(misc-no-recursion): as put_into_list
static int put_into_map(const struct override *override, size_t level,
                        const struct config_node *map,
                        const struct config_node **ret_node)
{
    const char *segment = override->segments[level];
    const size_t old_count = map ? map->count : 0;
    struct config_entry *entries =
        tree_alloc(override->tree, old_count + 1, sizeof(*entries));
    size_t at = 0;
    int r;

    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < old_count; i++)
        entries[i] = map->entries[i];
    while (at < old_count && strcmp(entries[at].key->text, segment) != 0)
        at++;
    if (at == old_count) {
        entries[at].key = tree_scalar(override->tree, override->place, segment);
        if (!entries[at].key)
            return -ENOMEM;
    }
    r = put(override, level + 1, entries[at].value, &entries[at].value);
    if (r < 0)
        return r;
    *ret_node = tree_map(override->tree, map ? map->place : override->place, entries,
                         at == old_count ? old_count + 1 : old_count);
    return *ret_node ? 0 : -ENOMEM;
}

// NOLINTNEXTLINE(misc-no-recursion): as put_into_list
static int put(const struct override *override, size_t level,
               const struct config_node *below, const struct config_node **ret_node)
{
    if (level == override->count) {
        *ret_node = override->value;
        return 0;
    }
    if (below && below->kind == CONFIG_LIST)
        return put_into_list(override, level, below, ret_node);
    if (below && below->kind == CONFIG_SCALAR)
        return diag_add(override->diags, override->place,
                        "set the whole of it: KEY={one: …, two: …}",
                        "'%s' is a single value there, which has no '%s'",
                        override->segments[level - 1], override->segments[level]);
    return put_into_map(override, level, below, ret_node);
}

/* "--set load.0.users", which is what messages call the value. */
static char *name_of(struct config_tree *tree, const char *text, size_t path_len)
{
    static const char option[] = "--set ";
    char *name = tree_alloc(tree, sizeof(option) + path_len, 1);

    if (!name)
        return NULL;
    memcpy(name, option, sizeof(option) - 1);
    memcpy(name + sizeof(option) - 1, text, path_len);
    return name;
}

int override_apply(struct config_tree *tree, const char *override,
                   struct diag_list *reterr_diags, const struct config_node **ret_root)
{
    static const struct config_options nothing = {0};
    const char *segments[CONFIG_MAX_HEIGHT] = {0};
    const char *equals = find_equals(override);
    const size_t path_len = equals ? (size_t)(equals - override) : strlen(override);
    struct override request = {.tree = tree, .diags = reterr_diags, .segments = segments};
    const char *name = name_of(tree, override, path_len);
    const char *path = tree_copy(tree, override, path_len);
    int r;

    if (!name || !path)
        return -ENOMEM;
    request.place = (struct diag_place){name, 0, 0, 0};
    request.count = cut_path(tree, path, segments);
    if (!equals || request.count == 0)
        return diag_add(reterr_diags, request.place,
                        "write KEY=VALUE with a path such as load.0.users=50",
                        "not a key with a value");
    r = diag_list_add_source(reterr_diags, name, equals + 1, strlen(equals + 1));
    if (r == 0)
        r = document_read(tree, &nothing, false, name, equals + 1, strlen(equals + 1),
                          reterr_diags, &request.value);
    if (r < 0)
        return r;
    return put(&request, 0, *ret_root, ret_root);
}

int config_parse(struct config_tree *tree, const char *origin, const char *yaml,
                 struct diag_list *reterr_diags, const struct config_node **ret_node)
{
    static const struct config_options nothing = {0};
    const int r = diag_list_add_source(reterr_diags, origin, yaml, strlen(yaml));

    if (r < 0)
        return r;
    return document_read(tree, &nothing, false, origin, yaml, strlen(yaml), reterr_diags,
                         ret_node);
}

int config_put(struct config_tree *tree, const char *origin, const char *const *path,
               size_t count, const struct config_node *value,
               struct diag_list *reterr_diags)
{
    const struct override override = {.tree = tree,
                                      .diags = reterr_diags,
                                      .place = {origin, 0, 0, 0},
                                      .segments = path,
                                      .count = count,
                                      .value = value};
    const struct config_node *root = NULL;
    const int r = put(&override, 0, config_root(tree), &root);

    if (r == 0)
        tree_set_root(tree, root);
    return r;
}
