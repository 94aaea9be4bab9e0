#include "config/keys.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"

/* Keys of a table that can be suggested. */
#define MAX_KEYS 64

/* A longer hint is cut. */
#define MAX_HINT_BYTES ((size_t)2048)

const struct field *keys_find(const struct field_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->fields[i].key, key) == 0)
            return &table->fields[i];
    }
    return NULL;
}

const struct field *config_short_field(const struct field_table *table)
{
    return table->short_key ? keys_find(table, table->short_key) : NULL;
}

bool keys_is_bare(const struct field *field)
{
    return (field->flags & FIELD_ALTERNATIVE) &&
           (field->type == FIELD_MAP || (field->flags & FIELD_BARE));
}

bool keys_is_blank(const struct config_node *node)
{
    return node->kind == CONFIG_SCALAR && *node->text == '\0' && *node->written != '\0' &&
           !node->from_env && !node->broken;
}

/* The table's keys that can be written: all, or only the alternatives. */
static size_t list_keys(const struct field_table *table, bool only_alternatives,
                        const char *keys[static MAX_KEYS])
{
    size_t count = 0;

    for (size_t i = 0; i < table->count && count < MAX_KEYS; i++) {
        const struct field *field = &table->fields[i];

        if (field->type != FIELD_REFUSED &&
            (!only_alternatives || (field->flags & FIELD_ALTERNATIVE)))
            keys[count++] = field->key;
    }
    return count;
}

/* "did you mean 'chat'? steps are chat, http, think and repeat" */
static void write_key_hint(const struct field_table *table, const char *written,
                           bool only_alternatives, struct buf *hint)
{
    const char *keys[MAX_KEYS];
    const size_t count = list_keys(table, only_alternatives, keys);
    const char *meant = suggest_name(written, keys, count);

    if (meant)
        buf_printf(hint, "did you mean '%s'?%s", meant, only_alternatives ? " " : "");
    if (!only_alternatives && meant)
        return;
    buf_printf(hint, "%s: ", only_alternatives ? "the kinds are" : "its keys are");
    for (size_t i = 0; i < count; i++)
        buf_printf(hint, "%s%s", i == 0 ? "" : i + 1 == count ? " and " : ", ", keys[i]);
}

int keys_refuse_nothing(const struct field_table *table, const struct config_node *node,
                        struct diag_list *reterr_diags)
{
    struct buf hint = BUF_INIT(MAX_HINT_BYTES);
    int r;

    write_key_hint(table, "", true, &hint);
    r = buf_error(&hint) == -ENOMEM ? -ENOMEM
                                    : diag_add(reterr_diags, node->place, buf_str(&hint),
                                               "%s has no value", table->name);
    buf_deinit(&hint);
    return r;
}

int keys_refuse_unknown(const struct field_table *table, const struct config_node *key,
                        bool kind_wanted, struct diag_list *reterr_diags)
{
    struct buf hint = BUF_INIT(MAX_HINT_BYTES);
    int r;

    write_key_hint(table, key->written, kind_wanted, &hint);
    r = buf_error(&hint) == -ENOMEM ? -ENOMEM : 0;
    if (r == 0 && kind_wanted)
        r = diag_add(reterr_diags, key->place, buf_str(&hint),
                     "there is no kind of %s named '%s'", table->alternatives,
                     key->written);
    else if (r == 0)
        r = diag_add(reterr_diags, key->place, buf_str(&hint), "unknown key '%s' in %s",
                     key->written, table->name);
    buf_deinit(&hint);
    return r;
}

static int refuse_kindless(const struct field_table *table,
                           const struct config_node *node, struct diag_list *reterr_diags)
{
    struct buf hint = BUF_INIT(MAX_HINT_BYTES);
    int r;

    write_key_hint(table, "", true, &hint);
    r = buf_error(&hint) == -ENOMEM ? -ENOMEM : 0;
    if (r == 0)
        r = diag_add(reterr_diags, node->place, buf_str(&hint),
                     "this %s does not say its kind", table->alternatives);
    buf_deinit(&hint);
    return r;
}

int keys_check_alternatives(const struct field_table *table,
                            const struct config_node *node,
                            struct diag_list *reterr_diags, bool *ret_kind_wanted)
{
    const struct config_node *first = NULL;
    size_t unknown = 0;

    for (size_t i = 0; i < node->count; i++) {
        const struct config_node *key = node->entries[i].key;
        const struct field *field = keys_find(table, key->text);

        if (!field || field->type == FIELD_REFUSED)
            unknown++;
        if (!field || !(field->flags & FIELD_ALTERNATIVE))
            continue;
        if (first)
            return diag_add(reterr_diags, key->place, "put it into an item of its own",
                            "a %s is either '%s' or '%s'", table->alternatives,
                            first->text, key->text);
        first = key;
    }
    *ret_kind_wanted = !first;
    return first || unknown > 0 ? 0 : refuse_kindless(table, node, reterr_diags);
}

/* Help without the marks of Markdown. */
static void append_plain(const char *help, struct buf *out)
{
    for (; *help; help++) {
        if (*help != '`')
            buf_append_char(out, *help);
    }
}

static int refuse_missing(const struct field_table *table, const struct config_form *head,
                          const struct field *field, struct diag_list *reterr_diags)
{
    struct buf hint = BUF_INIT(MAX_HINT_BYTES);
    int r;

    buf_printf(&hint, "add '%s': ", field->key);
    append_plain(field->help, &hint);
    r = buf_error(&hint) == -ENOMEM ? -ENOMEM : 0;
    if (r == 0 && head->key)
        r = diag_add(reterr_diags, head->key->place, buf_str(&hint), "%s lacks '%s'",
                     head->key->written, field->key);
    else if (r == 0)
        r = diag_add(reterr_diags, head->node->place, buf_str(&hint),
                     "this %s lacks '%s'", table->name, field->key);
    buf_deinit(&hint);
    return r;
}

/* Whether one of the keys that are unknown may be this one, misspelt. */
static bool may_be_misspelt(const struct field_table *table,
                            const struct config_node *node, const struct field *field)
{
    const char *keys[MAX_KEYS];
    const size_t count = list_keys(table, false, keys);

    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->entries[i].key->text;
        const char *meant = keys_find(table, key) ? NULL : suggest_name(key, keys, count);

        if (meant && strcmp(meant, field->key) == 0)
            return true;
    }
    return false;
}

int keys_check_required(const struct field_table *table, struct config_form *head,
                        struct diag_list *reterr_diags)
{
    int result = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const struct config_node *value = config_find(head->node, field->key);

        if (!(field->flags & FIELD_REQUIRED) || (value && !keys_is_blank(value)))
            continue;
        head->faulty = true;
        if (head->node->kind == CONFIG_MAP && may_be_misspelt(table, head->node, field))
            continue;
        result = refuse_missing(table, head, field, reterr_diags);
        if (result == -ENOMEM)
            break;
    }
    return result;
}
