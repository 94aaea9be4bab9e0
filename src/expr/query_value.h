/*
 * A value in the evaluation of a query: where it stands in a JSON text, or what a literal says. No
 * tree is built; what only libjq knows (the order of lists, how it prints numbers) is asked of it.
 */
#pragma once

#include <jv.h>

#include "base/json_scan.h"
#include "expr/query.h"

struct query_value {
    enum query_kind kind;   /* never QUERY_NOTHING */
    double number;          /* of QUERY_NUMBER */
    struct json_piece text; /* of QUERY_TEXT; of QUERY_JSON all of it */
    bool is_plain; /* the text stands for itself: a backslash in it is no escape */
};

/* What a text of JSON says, null where it is none. Borrows the text. */
struct query_value query_value_read(const char *text, size_t len);

/* What a root is. Borrows its text. */
struct query_value query_value_of_root(const struct query_root *root);

/* One step of a path. */
struct query_step {
    const char *key; /* NUL-terminated; NULL: an index */
    size_t key_len;
    size_t index;
};

/*
 * Goes along a path. Returns 0, *ret_value is null where there is nothing; -EINVAL where jq cannot
 * index what stands there.
 */
int query_value_walk(const struct query_value *value, const struct query_step *steps,
                     size_t count, struct query_value *ret_value);

/* The same from a root on; in one pass over its text, where query_value_of_root() takes another. */
int query_value_walk_root(const struct query_root *root, const struct query_step *steps,
                          size_t count, struct query_value *ret_value);

/* jq's order of all values: less than, equal to, or greater than 0. */
int query_value_compare(const struct query_value *a, const struct query_value *b);

/* jq's `length`. Returns 0; -EINVAL: true and false have none. */
int query_value_length(const struct query_value *value, double *ret_length);

bool query_value_is_true(const struct query_value *value);

/* Appends a text, a JSON value, or a number, as jq prints it. Returns 0 or out's error. */
int query_value_append(const struct query_value *value, struct buf *out);

/* The caller's own. */
jv query_value_to_jv(const struct query_value *value);

/* As query_value_append(), of what libjq holds; frees it. Fills the result in. */
int query_append_jv(jv value, struct buf *out, struct query_result *ret_result);
