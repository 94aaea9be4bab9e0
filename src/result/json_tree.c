#include "result/json_tree.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"

/* Texts are names, labels and sentences; what is longer is cut off by nobody who means well. */
#define MAX_TEXT_BYTES ((size_t)1 << 20)

static json_t *note(struct json_tree *tree, json_t *node)
{
    if (!node)
        tree->error = -ENOMEM;
    return node;
}

json_t *json_tree_object(struct json_tree *tree)
{
    return note(tree, json_object());
}

json_t *json_tree_array(struct json_tree *tree)
{
    return note(tree, json_array());
}

/* A text as a node: jansson refuses what is not UTF-8, and buf_append_json() mends it. */
static json_t *text_node(const char *text)
{
    struct buf quoted = BUF_INIT(MAX_TEXT_BYTES);
    json_t *node = json_string(text);

    if (node)
        return node;
    buf_append_char(&quoted, '"');
    buf_append_json(&quoted, text, strlen(text));
    buf_append_char(&quoted, '"');
    if (buf_error(&quoted) == 0)
        node = json_loadb(quoted.bytes, quoted.len, JSON_DECODE_ANY, NULL);
    buf_deinit(&quoted);
    return node;
}

void json_tree_put(struct json_tree *tree, json_t *object, const char *key, json_t *node)
{
    json_t *name = NULL;

    if (!node || json_object_set(object, key, node) == 0) {
        note(tree, node);
        json_decref(node);
        return;
    }
    name = text_node(key);
    if (!name || json_object_set(object, json_string_value(name), node) < 0)
        tree->error = -ENOMEM;
    json_decref(name);
    json_decref(node);
}

void json_tree_append(struct json_tree *tree, json_t *array, json_t *node)
{
    if (!node || json_array_append_new(array, node) < 0)
        tree->error = -ENOMEM;
}

json_t *json_tree_put_object(struct json_tree *tree, json_t *object, const char *key)
{
    json_t *node = json_tree_object(tree);

    json_tree_put(tree, object, key, node);
    return tree->error < 0 ? NULL : node;
}

void json_tree_put_text(struct json_tree *tree, json_t *object, const char *key,
                        const char *text)
{
    json_tree_put(tree, object, key, text_node(text));
}

void json_tree_put_count(struct json_tree *tree, json_t *object, const char *key,
                         uint64_t count)
{
    json_tree_put(tree, object, key,
                  json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count));
}

void json_tree_put_number(struct json_tree *tree, json_t *object, const char *key,
                          double number, int decimals)
{
    const double scale = pow(10, decimals);

    json_tree_put(tree, object, key,
                  isfinite(number) ? json_real(round(number * scale) / scale)
                                   : json_null());
}

void json_tree_put_bool(struct json_tree *tree, json_t *object, const char *key,
                        bool value)
{
    json_tree_put(tree, object, key, json_boolean(value));
}

void json_tree_put_null(struct json_tree *tree, json_t *object, const char *key)
{
    json_tree_put(tree, object, key, json_null());
}

void json_tree_put_money(struct json_tree *tree, json_t *object, const char *name,
                         int64_t pusd)
{
    struct buf key = BUF_INIT(64);

    buf_printf(&key, "%s_usd", name);
    json_tree_put(tree, object, buf_str(&key),
                  json_real((double)pusd / (double)PUSD_PER_USD));
    buf_clear(&key);
    buf_printf(&key, "%s_pusd", name);
    json_tree_put(tree, object, buf_str(&key), json_integer(pusd));
    if (buf_error(&key) < 0)
        tree->error = -ENOMEM;
    buf_deinit(&key);
}

int json_tree_finish(const struct json_tree *tree, json_t *root, json_t **ret_root)
{
    if (tree->error < 0 || !root) {
        json_decref(root);
        return -ENOMEM;
    }
    *ret_root = root;
    return 0;
}
