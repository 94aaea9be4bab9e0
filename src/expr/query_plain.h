/*
 * Queries that are evaluated without libjq, straight off the JSON text: paths, literals,
 * comparisons, `and`, `or`, `not`, `//`, `length`, `|`. What they mean is what jq 1.6 means by them.
 */
#pragma once

#include "expr/query_value.h"

struct arena;

enum query_node_kind {
    QUERY_NODE_PATH,
    QUERY_NODE_LITERAL,
    QUERY_NODE_LENGTH,
    QUERY_NODE_NOT,
    QUERY_NODE_AND,
    QUERY_NODE_OR,
    QUERY_NODE_OTHERWISE, /* // */
    QUERY_NODE_EQUAL,
    QUERY_NODE_NOT_EQUAL,
    QUERY_NODE_LESS,
    QUERY_NODE_LESS_EQUAL,
    QUERY_NODE_GREATER,
    QUERY_NODE_GREATER_EQUAL,
    QUERY_NODE_PIPE,
};

struct query_node {
    enum query_node_kind kind;
    const struct query_node *left;
    const struct query_node *right;
    const struct query_step *steps; /* of PATH */
    size_t step_count;
    struct query_value literal;
};

/*
 * Reads a query into the arena. Returns 0; 1 where it is more than this evaluates, or no query at
 * all; -ENOMEM.
 */
int query_plain_parse(const char *text, struct arena *arena,
                      const struct query_node **ret_node);

/* As query_run(). */
int query_plain_run(const struct query_node *node, const struct query_root *roots,
                    size_t count, struct buf *out, struct query_result *ret_result);

/* What the roots make up, as libjq holds it; without a value where they do not fit each other. */
jv query_input(const struct query_root *roots, size_t count);
