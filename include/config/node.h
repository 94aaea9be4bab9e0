/*
 * Nodes: what a YAML file says, before anybody knows what it should say: scalars, lists and maps,
 * each with its place in the file that it came from. A tree is immutable once loaded; aliases are
 * shared nodes, so it is a directed graph without cycles, of bounded height and size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/diag.h"

struct buf;
struct config_tree;

enum config_kind {
    CONFIG_NULL, /* a key without a value, ~ or null */
    CONFIG_SCALAR,
    CONFIG_LIST,
    CONFIG_MAP,
};

/* One key of a map with its value; both borrowed from the tree. */
struct config_entry {
    const struct config_node *key; /* a scalar */
    const struct config_node *value;
};

/* Everything in it belongs to the tree and dies with it. */
struct config_node {
    enum config_kind kind;
    struct diag_place place; /* where it is written; of --set and its like, the option */
    const char *text;        /* of a scalar: its value, ${…} expanded */
    /* Of a scalar: as the file has it. Messages quote this and never the text, which may hold a
       key from the environment. */
    const char *written;
    bool quoted;   /* a quoted or block scalar, which is always text */
    bool from_env; /* text holds the value of an environment variable */
    bool broken;   /* an error about it was added: it needs no second one */
    const struct config_node *const *items; /* of a list */
    const struct config_entry *entries;     /* of a map, in the order of the file */
    size_t count;                           /* items or entries */
    uint32_t height;                        /* levels below and with it: 1 for a scalar */
    uint32_t weight; /* nodes below and with it, each alias counted in full */
};

/* The value of a key, or NULL: no map, or no such key. NULL is allowed. */
const struct config_node *config_find(const struct config_node *node, const char *key);

/* The key itself, where messages about a key as such point; NULL as config_find. */
const struct config_node *config_find_key(const struct config_node *node,
                                          const char *key);

/* What the node is, for sentences: "a map", "a list", "a text", "nothing". */
const char *config_kind_name(enum config_kind kind);

/*
 * Appends the node as JSON. Plain scalars that look like a JSON number, true, false or null are
 * such (YAML 1.2, section 10.2), everything else is a string. Returns 0 or the buffer's error.
 */
int config_write_json(const struct config_node *node, struct buf *out);

/* The tree's root, a map. */
const struct config_node *config_root(const struct config_tree *tree);

/* Wipes (it may hold keys) and releases all nodes; NULL is allowed. Returns NULL. */
struct config_tree *config_tree_free(struct config_tree *tree);

DEFINE_CLEANUP(struct config_tree, config_tree_free)
