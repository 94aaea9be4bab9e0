#include "config/node.h"

#include <string.h>

#include "base/buf.h"

static const struct config_entry *find(const struct config_node *node, const char *key)
{
    if (!node || node->kind != CONFIG_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        if (strcmp(node->entries[i].key->text, key) == 0)
            return &node->entries[i];
    }
    return NULL;
}

const struct config_node *config_find(const struct config_node *node, const char *key)
{
    const struct config_entry *entry = find(node, key);

    return entry ? entry->value : NULL;
}

const struct config_node *config_find_key(const struct config_node *node, const char *key)
{
    const struct config_entry *entry = find(node, key);

    return entry ? entry->key : NULL;
}

const char *config_kind_name(enum config_kind kind)
{
    switch (kind) {
    case CONFIG_NULL:
        return "nothing";
    case CONFIG_SCALAR:
        return "a single value";
    case CONFIG_LIST:
        return "a list";
    case CONFIG_MAP:
        return "a map";
    }
    return "";
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* RFC 8259, section 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool is_json_number(const char *text)
{
    const char *at = text + (*text == '-');
    const size_t whole = digits(at);

    if (whole == 0 || (whole > 1 && *at == '0'))
        return false;
    at += whole;
    if (*at == '.') {
        at++;
        if (digits(at) == 0)
            return false;
        at += digits(at);
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        if (digits(at) == 0)
            return false;
        at += digits(at);
    }
    return *at == '\0';
}

static void write_text(const char *text, struct buf *out)
{
    buf_append_char(out, '"');
    buf_append_json(out, text, strlen(text));
    buf_append_char(out, '"');
}

static void write_scalar(const struct config_node *node, struct buf *out)
{
    const bool bare =
        !node->quoted && (is_json_number(node->text) || strcmp(node->text, "true") == 0 ||
                          strcmp(node->text, "false") == 0);

    if (bare)
        buf_append_str(out, node->text);
    else
        write_text(node->text, out);
}

/* The depth of the recursion is the node's height, at most CONFIG_MAX_HEIGHT. */
// NOLINTNEXTLINE(misc-no-recursion)
int config_write_json(const struct config_node *node, struct buf *out)
{
    switch (node->kind) {
    case CONFIG_NULL:
        buf_append_str(out, "null");
        break;
    case CONFIG_SCALAR:
        write_scalar(node, out);
        break;
    case CONFIG_LIST:
        buf_append_char(out, '[');
        for (size_t i = 0; i < node->count; i++) {
            if (i > 0)
                buf_append_char(out, ',');
            config_write_json(node->items[i], out);
        }
        buf_append_char(out, ']');
        break;
    case CONFIG_MAP:
        buf_append_char(out, '{');
        for (size_t i = 0; i < node->count; i++) {
            if (i > 0)
                buf_append_char(out, ',');
            write_text(node->entries[i].key->text, out);
            buf_append_char(out, ':');
            config_write_json(node->entries[i].value, out);
        }
        buf_append_char(out, '}');
        break;
    }
    return buf_error(out);
}
