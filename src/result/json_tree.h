/*
 * Building JSON documents with one check at the end: the first failure sticks, as in struct buf,
 * and whatever is put after it is released. Texts may come from a server: what is not UTF-8 in
 * them becomes U+FFFD.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct json_tree {
    int error; /* 0 or -ENOMEM */
};

/* New nodes, the caller's until they are put somewhere; NULL (with the error kept) on failure. */
json_t *json_tree_object(struct json_tree *tree);
json_t *json_tree_array(struct json_tree *tree);

/* Puts a node into an object or at the end of an array. Takes the node, NULL included. */
void json_tree_put(struct json_tree *tree, json_t *object, const char *key, json_t *node);
void json_tree_append(struct json_tree *tree, json_t *array, json_t *node);

/* A new object, put there. Borrowed; NULL after a failure, which all of these take. */
json_t *json_tree_put_object(struct json_tree *tree, json_t *object, const char *key);

void json_tree_put_text(struct json_tree *tree, json_t *object, const char *key,
                        const char *text);
/* A count; above INT64_MAX, which JSON readers could not keep, it is cut there. */
void json_tree_put_count(struct json_tree *tree, json_t *object, const char *key,
                         uint64_t count);
/* A number, rounded to `decimals`; null where it is not finite. */
void json_tree_put_number(struct json_tree *tree, json_t *object, const char *key,
                          double number, int decimals);
void json_tree_put_bool(struct json_tree *tree, json_t *object, const char *key,
                        bool value);
void json_tree_put_null(struct json_tree *tree, json_t *object, const char *key);

/*
 * Money as two members: `name`_usd, a number with 12 decimals, and `name`_pusd, the same in whole
 * pico-dollars, which is exact for any sum.
 */
void json_tree_put_money(struct json_tree *tree, json_t *object, const char *name,
                         int64_t pusd);

/* Takes the root: gives it out, or releases it after a failure. Returns 0 or -ENOMEM. */
int json_tree_finish(const struct json_tree *tree, json_t *root, json_t **ret_root);
