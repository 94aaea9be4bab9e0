#include "config/yaml_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/environment.h"
#include "config/expand.h"
#include "config/file.h"
#include "config/keys.h"
#include "config/tree.h"
#include "config/yaml_text.h"

#define INDENT 2
#define MASK "***"

/* How much of a value may be seen. */
enum openness {
    OPEN,    /* it is put in */
    GUARDED, /* what came from the environment stays as it is written */
    SECRET,  /* only the name of a variable may be seen, and templates */
    TOKEN,   /* likewise, and short words */
    PATH,    /* it is put in, as seen from everywhere */
};

struct writer {
    struct config_tree *tree;
    bool (*is_public)(const char *key);
    struct buf *out;
    bool hidden; /* something in this line was left out */
};

static void indent(struct writer *writer, int depth)
{
    for (int i = 0; i < depth * INDENT; i++)
        buf_append_char(writer->out, ' ');
}

/* Where a line ends: with where its value came from, if that is not the file around it. */
static void end_line(struct writer *writer, const struct config_node *node,
                     const char *file)
{
    if (writer->hidden)
        buf_append_str(writer->out, "  # left out: it is a secret");
    else if (file && node->place.file && strcmp(node->place.file, file) != 0) {
        buf_append_str(writer->out, "  # ");
        buf_append_printable(writer->out, node->place.file, strlen(node->place.file));
    }
    writer->hidden = false;
    buf_append_char(writer->out, '\n');
}

/* Whether the name of a variable in a text tells that it holds a key. */
static bool names_a_key(const char *written)
{
    static const char *const words[] = {"KEY",    "TOKEN", "SECRET", "PASS",
                                        "PASSWD", "CRED",  "AUTH"};

    for (const char *at = written; (at = strstr(at, "${")) != NULL; at += 2) {
        const size_t len = strcspn(at, "}");

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            const char *found = strcasestr(at, words[i]);

            if (found && found < at + len)
                return true;
        }
    }
    return false;
}

/* The '@' behind the credentials of a URL, or NULL. */
static const char *credentials_end(const char *text, const char **ret_start)
{
    const char *start = strstr(text, "://");

    if (!start)
        return NULL;
    start += 3;
    *ret_start = start;
    return memchr(start, '@', strcspn(start, "/?# "));
}

static void write_masked_url(struct writer *writer, const char *text, const char *start,
                             const char *end)
{
    struct buf masked = BUF_INIT(strlen(text) + sizeof(MASK));

    buf_append(&masked, text, (size_t)(start - text));
    buf_append_str(&masked, MASK);
    buf_append_str(&masked, end);
    yaml_text_append(writer->out, buf_str(&masked), false, true);
    if (buf_error(&masked) < 0)
        writer->out->error = buf_error(&masked);
    buf_deinit(&masked);
    writer->hidden = true;
}

static void write_open(struct writer *writer, const struct config_node *node,
                       enum openness openness)
{
    const char *start = NULL;
    const char *end = credentials_end(node->text, &start);
    const bool keeps_names =
        node->from_env && (openness == GUARDED || end || strchr(node->text, '?') ||
                           names_a_key(node->written));

    if (keeps_names)
        yaml_text_append(writer->out, node->written, !node->quoted, false);
    else if (end)
        write_masked_url(writer, node->text, start, end);
    else
        yaml_text_append(writer->out, node->text, !node->quoted, true);
}

/* No shorter word is taken for a key. */
#define KEY_BYTES 8

/* Whether nothing in a text can be a key: outside of templates there are short words alone. */
static bool is_keyless(const char *text)
{
    size_t word = 0;

    while (*text) {
        const char *end = strncmp(text, "{{", 2) == 0 ? strstr(text, "}}") : NULL;

        if (end) {
            text = end + 2;
            continue;
        }
        word = *text == ' ' ? 0 : word + 1;
        if (word >= KEY_BYTES)
            return false;
        text++;
    }
    return true;
}

/* ${NAME} where it is nothing else; its default goes, unless it is empty. */
static void write_secret(struct writer *writer, const struct config_node *node)
{
    bool has_default = false;
    bool has_empty_default = false;
    const size_t len =
        expand_single_name(node->written, &has_default, &has_empty_default);

    if (len > 0 && (node->from_env || has_empty_default)) {
        buf_printf(writer->out, "${%.*s%s}", (int)len, node->written + 2,
                   has_empty_default ? ":-" : "");
        writer->hidden = has_default && !has_empty_default;
    } else {
        buf_append_str(writer->out, "\"" MASK "\"");
        writer->hidden = true;
    }
}

/* From wherever it is read next. */
static void write_path(struct writer *writer, const struct config_node *node)
{
    const char *path = file_beside(writer->tree, node->place.file, node->text);
    char *absolute = path ? realpath(path, NULL) : NULL;

    yaml_text_append(writer->out, absolute ? absolute : node->text, false, true);
    free(absolute);
}

static void write_scalar(struct writer *writer, const struct config_node *node,
                         enum openness openness)
{
    if (node->kind == CONFIG_NULL)
        buf_append_str(writer->out, "null");
    else if (openness == PATH)
        write_path(writer, node);
    else if ((openness == TOKEN || (openness == SECRET && strstr(node->text, "{{"))) &&
             !node->from_env && is_keyless(node->text))
        write_open(writer, node, OPEN);
    else if (openness == SECRET || openness == TOKEN)
        write_secret(writer, node);
    else
        write_open(writer, node, openness);
}

/* {file: path} of a secret. */
static void write_file(struct writer *writer, const struct config_node *node)
{
    buf_append_str(writer->out, "{file: ");
    write_path(writer, config_find(node, "file"));
    buf_append_char(writer->out, '}');
}

/* What a value is, by the tables: one of these, or a scalar. */
struct context {
    const struct field_table *table; /* a form of it, or a list of them */
    bool keyed;                      /* or a map of names to these */
    bool listed;                     /* or a list of them */
    const struct field *pairs;       /* a map of any keys */
    bool has_secrets;                /* what stands below `secret` is one */
    enum openness openness;
};

static struct context context_of(const struct field *field)
{
    struct context context = {.openness = OPEN};

    if (!field)
        return context;
    context.table = field->table;
    context.keyed = field->type == FIELD_KEYED;
    context.listed = field->type == FIELD_LIST || field->type == FIELD_KEYED;
    if (field->type == FIELD_PAIRS)
        context.pairs = field;
    context.has_secrets = field->type == FIELD_NODE && (field->flags & FIELD_KEY);
    if (field->type == FIELD_SECRET)
        context.openness = SECRET;
    else if (field->flags & FIELD_PATH)
        context.openness = PATH;
    else if (field->type == FIELD_TEXT && (field->flags & FIELD_KEY))
        context.openness = TOKEN;
    else if (field->type == FIELD_NODE || (field->flags & FIELD_GUARDED))
        context.openness = GUARDED;
    return context;
}

/* Of the value under a key. */
static struct context context_below(const struct writer *writer,
                                    const struct context *context, const char *key)
{
    if (context->keyed)
        return (struct context){.table = context->table, .listed = context->listed};
    if (context->table)
        return context_of(keys_find(context->table, key));
    if (context->pairs)
        return (struct context){.openness = (context->pairs->flags & FIELD_GUARDED) &&
                                                    !writer->is_public(key)
                                                ? SECRET
                                                : GUARDED};
    if (context->has_secrets && strcmp(key, "secret") == 0)
        return (struct context){.openness = SECRET};
    return *context;
}

/* Of an item of a list: of the forms themselves, or of the list that one form is in short. */
static struct context context_of_item(const struct context *context)
{
    struct context item = *context;

    if (context->table && !context->listed && context->table->short_key)
        item = context_of(config_short_field(context->table));
    item.keyed = false;
    item.listed = false;
    return item;
}

static enum openness openness_of_scalar(const struct context *context)
{
    if (context->table && context->table->short_key)
        return context_of(keys_find(context->table, context->table->short_key)).openness;
    return context->openness;
}

static bool is_block(const struct config_node *node, const struct context *context)
{
    return (node->kind == CONFIG_MAP || node->kind == CONFIG_LIST) && node->count > 0 &&
           context->openness != SECRET;
}

/* All that fits behind its key. */
static void write_inline(struct writer *writer, const struct config_node *node,
                         const struct context *context)
{
    if (node->kind == CONFIG_SCALAR || node->kind == CONFIG_NULL)
        write_scalar(writer, node, openness_of_scalar(context));
    else if (node->count == 0)
        buf_append_str(writer->out, node->kind == CONFIG_MAP ? "{}" : "[]");
    else
        write_file(writer, node);
}

static void write_block(struct writer *writer, const struct config_node *node,
                        const struct context *context, int depth, bool begun);

/* What stands behind "key:" or "-"; in_list: the block begins in the same line. */
// NOLINTNEXTLINE(misc-no-recursion): as high as the tree, at most CONFIG_MAX_HEIGHT
static void write_value(struct writer *writer, const struct config_node *node,
                        const struct context *context, int depth, bool in_list,
                        const char *file)
{
    if (!is_block(node, context)) {
        buf_append_char(writer->out, ' ');
        write_inline(writer, node, context);
        end_line(writer, node, file);
    } else if (in_list && node->kind == CONFIG_MAP) {
        buf_append_char(writer->out, ' ');
        write_block(writer, node, context, depth + 1, true);
    } else {
        end_line(writer, node, file);
        write_block(writer, node, context, depth + 1, false);
    }
}

/* begun: the first line's indentation stands there already. */
// NOLINTNEXTLINE(misc-no-recursion): as write_value
static void write_block(struct writer *writer, const struct config_node *node,
                        const struct context *context, int depth, bool begun)
{
    for (size_t i = 0; i < node->count; i++) {
        const bool is_map = node->kind == CONFIG_MAP;
        const struct config_node *value =
            is_map ? node->entries[i].value : node->items[i];
        struct context below = *context;

        if (is_map) {
            const struct config_node *key = node->entries[i].key;

            below = context_below(writer, context, key->text);
            if (keys_is_blank(value) && below.openness == OPEN)
                continue;
            if (!begun)
                indent(writer, depth);
            yaml_text_append_key(writer->out, key->text, !key->quoted);
            buf_append_char(writer->out, ':');
        } else {
            below = context_of_item(context);
            if (!begun)
                indent(writer, depth);
            buf_append_char(writer->out, '-');
        }
        begun = false;
        write_value(writer, value, &below, depth, !is_map, node->place.file);
    }
}

/* What was laid under or over the root is in it. */
static bool is_laid_in(const char *key)
{
    return strcmp(key, "include") == 0 || strcmp(key, ENVIRONMENTS_KEY) == 0 ||
           strcmp(key, ENVIRONMENT_KEY) == 0;
}

static const struct config_node *without_layers(struct config_tree *tree,
                                                const struct config_node *root)
{
    struct config_entry *entries = tree_alloc(tree, root->count, sizeof(*entries));
    size_t count = 0;

    for (size_t i = 0; entries && i < root->count; i++)
        if (!is_laid_in(root->entries[i].key->text))
            entries[count++] = root->entries[i];
    return entries ? tree_map(tree, root->place, entries, count) : NULL;
}

int config_write_yaml(struct config_tree *tree, const struct field_table *table,
                      bool (*is_public)(const char *key), struct buf *out)
{
    const struct config_node *root = without_layers(tree, config_root(tree));
    struct writer writer = {.tree = tree, .is_public = is_public, .out = out};
    const struct context context = {.table = table};

    if (!root)
        return -ENOMEM;
    write_block(&writer, root, &context, 0, false);
    return buf_error(out);
}
