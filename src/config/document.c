#include "config/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "config/expand.h"
#include "config/merge.h"
#include "config/survey.h"
#include "config/syntax.h"
#include "config/tree.h"

/* The state of one of libyaml's nodes, by its index. */
struct converted {
    const struct config_node *node; /* NULL: not done */
    bool begun;
};

/* One document on its way from libyaml's nodes to ours. */
struct reading {
    struct config_tree *tree;
    const struct config_options *options;
    bool expand;
    const char *name;
    struct diag_list *diags;
    yaml_document_t document;
    struct converted *converted; /* by index − 1; an alias finds what its anchor became */
    bool failed;                 /* errors were added, and reading went on for more */
};

static int read_node(struct reading *reading, int index,
                     const struct config_node **ret_node);

static struct diag_place place_of(const struct reading *reading, const yaml_node_t *node)
{
    const yaml_mark_t start = node->start_mark;
    const yaml_mark_t end = node->end_mark;
    struct diag_place place = {reading->name, start.line + 1, start.column + 1, 1};

    if (node->type == YAML_SCALAR_NODE && end.line == start.line &&
        end.column > start.column)
        place.width = end.column - start.column;
    return place;
}

/* Adds an error and lets the reading go on. Returns 0 or -ENOMEM. */
static int note(struct reading *reading, int error)
{
    reading->failed = true;
    return error == -ENOMEM ? error : 0;
}

static bool is_plain_null(const struct config_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

    if (node->quoted)
        return false;
    for (size_t i = 0; i < COUNT_OF(nulls); i++) {
        if (strcmp(node->written, nulls[i]) == 0)
            return true;
    }
    return false;
}

/* A scalar as it is written. Returns 0 or -ENOMEM. */
static int copy_scalar(struct reading *reading, const yaml_node_t *yaml,
                       struct config_node **ret_node)
{
    const char *value = (const char *)yaml->data.scalar.value;
    const size_t len = yaml->data.scalar.length;
    char *text = tree_copy(reading->tree, value, len);
    struct config_node *node =
        text ? tree_scalar(reading->tree, place_of(reading, yaml), text) : NULL;

    if (!node)
        return -ENOMEM;
    node->quoted = yaml->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    *ret_node = node;
    if (memchr(value, '\0', len))
        return note(reading, diag_add(reading->diags, node->place, NULL,
                                      "a text that holds a NUL character"));
    return 0;
}

static int read_scalar(struct reading *reading, const yaml_node_t *yaml,
                       const struct config_node **ret_node)
{
    struct config_node *node;
    int r = copy_scalar(reading, yaml, &node);

    if (r < 0)
        return r;
    *ret_node = node;
    if (is_plain_null(node)) {
        node->kind = CONFIG_NULL;
        return 0;
    }
    if (!reading->expand)
        return 0;
    r = expand_scalar(reading->tree, reading->options, node, reading->diags);
    node->broken = r < 0;
    return r < 0 ? note(reading, r) : 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the text, which the survey has bounded
static int read_list(struct reading *reading, const yaml_node_t *yaml,
                     const struct config_node **ret_node)
{
    const yaml_node_item_t *first = yaml->data.sequence.items.start;
    const size_t count = (size_t)(yaml->data.sequence.items.top - first);
    const struct config_node **items =
        (const struct config_node **)tree_alloc(reading->tree, count, sizeof(*items));

    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const int r = read_node(reading, first[i], &items[i]);

        if (r < 0)
            return r;
    }
    *ret_node = tree_list(reading->tree, place_of(reading, yaml), items, count);
    return *ret_node ? 0 : -ENOMEM;
}

/* A key, which is a scalar and never expanded. Leaves *ret_key NULL where it is none. */
static int read_key(struct reading *reading, int index, struct config_node **ret_key)
{
    const yaml_node_t *yaml = yaml_document_get_node(&reading->document, index);

    if (yaml->type == YAML_SCALAR_NODE)
        return copy_scalar(reading, yaml, ret_key);
    if (yaml->type == YAML_MAPPING_NODE)
        return note(reading,
                    diag_add(reading->diags, place_of(reading, yaml),
                             "quote a text that starts with a template: \"{{ … }}\"",
                             "a '{{' that YAML takes for a map in a map"));
    return note(reading, diag_add(reading->diags, place_of(reading, yaml),
                                  "quote it if it is meant as a text",
                                  "a list where a key should be"));
}

/* A map that is being read; there is room for all its entries. */
struct growing_map {
    struct config_entry *entries;
    size_t count;
    bool broken; /* something stands where a key should be */
};

/* The entry that already has the key, or NULL. */
static const struct config_entry *find_entry(const struct growing_map *map,
                                             const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->entries[i].key->text, key) == 0)
            return &map->entries[i];
    }
    return NULL;
}

static int refuse_duplicate(struct reading *reading, const struct config_node *key,
                            const struct config_entry *first)
{
    char hint[80];

    (void)snprintf(hint, sizeof(hint),
                   "it was already given in line %zu; keep one of them",
                   first->key->place.line);
    return note(reading, diag_add(reading->diags, key->place, hint, "duplicate key '%s'",
                                  key->written));
}

/* Adds one pair to the map's entries, unless its key is wrong. Returns 0 or -ENOMEM. */
// NOLINTNEXTLINE(misc-no-recursion): as read_list
static int read_pair(struct reading *reading, const yaml_node_pair_t *pair,
                     struct growing_map *map)
{
    struct config_entry *entry = &map->entries[map->count];
    const struct config_entry *first;
    struct config_node *key = NULL;
    int r = read_key(reading, pair->key, &key);

    if (r < 0)
        return r;
    if (!key) {
        map->broken = true;
        return 0;
    }
    first = find_entry(map, key->text);
    if (first)
        return refuse_duplicate(reading, key, first);
    r = read_node(reading, pair->value, &entry->value);
    if (r < 0)
        return r;
    entry->key = key;
    map->count++;
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as read_list
static int read_map(struct reading *reading, const yaml_node_t *yaml,
                    const struct config_node **ret_node)
{
    const yaml_node_pair_t *first = yaml->data.mapping.pairs.start;
    const size_t pairs = (size_t)(yaml->data.mapping.pairs.top - first);
    struct growing_map map = {.entries =
                                  tree_alloc(reading->tree, pairs, sizeof(*map.entries))};
    struct config_node *node;

    if (!map.entries)
        return -ENOMEM;
    if (pairs > CONFIG_MAX_KEYS)
        return diag_add(reading->diags, place_of(reading, yaml), NULL,
                        "too large: over %d keys in one map", CONFIG_MAX_KEYS);
    for (size_t i = 0; i < pairs; i++) {
        const int r = read_pair(reading, &first[i], &map);

        if (r < 0)
            return r;
    }
    node = tree_map(reading->tree, place_of(reading, yaml), map.entries, map.count);
    if (!node)
        return -ENOMEM;
    node->broken = map.broken;
    *ret_node = node;
    return 0;
}

static int refuse_tag(struct reading *reading, const yaml_node_t *yaml)
{
    static const char *const usual[] = {YAML_STR_TAG, YAML_SEQ_TAG, YAML_MAP_TAG};
    const char *tag = (const char *)yaml->tag;

    for (size_t i = 0; i < COUNT_OF(usual); i++) {
        if (strcmp(tag, usual[i]) == 0)
            return 0;
    }
    return note(reading, diag_add(reading->diags, place_of(reading, yaml),
                                  "remove it; quote a text that starts with '!'",
                                  "the tag '%s' has no meaning here", tag));
}

/* Aliases make trees out of small texts that are too large or too deep. */
static int check_bounds(struct reading *reading, const struct config_node *node)
{
    if (node->weight > CONFIG_MAX_NODES)
        return diag_add(reading->diags, node->place, NULL,
                        "too large: over %d values once its aliases are followed",
                        CONFIG_MAX_NODES);
    if (node->height > CONFIG_MAX_HEIGHT)
        return diag_add(
            reading->diags, node->place, NULL,
            "too deep: over %d levels of nesting once its aliases are followed",
            CONFIG_MAX_HEIGHT);
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as read_list
static int read_anew(struct reading *reading, const yaml_node_t *yaml,
                     const struct config_node **ret_node)
{
    int r = refuse_tag(reading, yaml);

    if (r < 0)
        return r;
    switch (yaml->type) {
    case YAML_NO_NODE:
        return -EINVAL;
    case YAML_SCALAR_NODE:
        return read_scalar(reading, yaml, ret_node);
    case YAML_SEQUENCE_NODE:
        return read_list(reading, yaml, ret_node);
    case YAML_MAPPING_NODE:
        r = read_map(reading, yaml, ret_node);
        if (r < 0)
            return r;
        r = merge_keys(reading->tree, ret_node, reading->diags);
        return r < 0 ? note(reading, r) : 0;
    }
    return -EINVAL;
}

// NOLINTNEXTLINE(misc-no-recursion): as read_list
static int read_node(struct reading *reading, int index,
                     const struct config_node **ret_node)
{
    const yaml_node_t *yaml = yaml_document_get_node(&reading->document, index);
    struct converted *converted = &reading->converted[index - 1];
    int r;

    if (converted->node) {
        *ret_node = converted->node;
        return 0;
    }
    if (converted->begun)
        return diag_add(reading->diags, place_of(reading, yaml),
                        "an alias cannot stand inside of what it stands for",
                        "a value that contains itself");
    converted->begun = true;
    r = read_anew(reading, yaml, &converted->node);
    if (r == 0)
        r = check_bounds(reading, converted->node);
    if (r < 0)
        return r;
    *ret_node = converted->node;
    return 0;
}

static int read_root(struct reading *reading, const struct config_node **ret_root)
{
    const yaml_document_t *document = &reading->document;
    const size_t count = (size_t)(document->nodes.top - document->nodes.start);
    struct config_node *nothing;
    int r;

    if (count == 0) {
        nothing =
            tree_scalar(reading->tree, (struct diag_place){reading->name, 0, 0, 0}, "");
        if (!nothing)
            return -ENOMEM;
        nothing->kind = CONFIG_NULL;
        *ret_root = nothing;
        return 0;
    }
    reading->converted = calloc(count, sizeof(*reading->converted));
    if (!reading->converted)
        return -ENOMEM;
    r = read_node(reading, 1, ret_root);
    free(reading->converted);
    return r == 0 && reading->failed ? -EINVAL : r;
}

int document_read(struct config_tree *tree, const struct config_options *options,
                  bool expand, const char *name, const char *text, size_t len,
                  struct diag_list *reterr_diags, const struct config_node **ret_root)
{
    CLEANUP(yaml_parser_delete) yaml_parser_t parser = {0};
    struct reading reading = {.tree = tree,
                              .options = options,
                              .expand = expand,
                              .name = name,
                              .diags = reterr_diags};
    int r = survey_text(name, text, len, reterr_diags);

    if (r < 0)
        return r;
    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    if (!yaml_parser_load(&parser, &reading.document))
        return syntax_explain(&parser, name, text, len, reterr_diags);
    r = read_root(&reading, ret_root);
    yaml_document_delete(&reading.document);
    return r;
}
