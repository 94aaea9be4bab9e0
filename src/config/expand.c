#include "config/expand.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "config/tree.h"

/* A value that one variable can have. */
#define MAX_VALUE_BYTES ((size_t)64 * 1024)

/* ${NAME:-default}, cut into its parts. */
struct reference {
    const char *start; /* the dollar sign */
    const char *name;
    size_t name_len;
    const char *preset; /* NULL: none */
    size_t preset_len;
    const char *end; /* behind the brace */
};

/* One value on its way. */
struct expansion {
    const struct config_options *options;
    struct config_node *node;
    struct diag_list *diags;
    struct buf text;
    int error; /* 0, -EINVAL or -ENOMEM: the first that happened */
};

static void buf_wipe(struct buf *buf)
{
    if (buf->bytes)
        secret_wipe(buf->bytes, buf->cap);
    buf_deinit(buf);
}

/*
 * Where the reference stands. Only in a scalar that was not quoted do bytes of the text and
 * columns of the line run in step; otherwise it is the whole scalar.
 */
static struct diag_place place_of(const struct expansion *expansion, const char *start,
                                  const char *end)
{
    struct diag_place place = expansion->node->place;
    const char *written = expansion->node->written;

    if (expansion->node->quoted || place.width != strlen(written))
        return place;
    place.column += (size_t)(start - written);
    place.width = (size_t)(end - start);
    return place;
}

static bool starts_name(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool continues_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Cuts the reference at start, which is "${". Returns whether it is well formed. */
static bool reference_cut(const char *start, struct reference *ret_reference)
{
    const char *at = start + 2;
    struct reference reference = {.start = start, .name = at};
    const char *brace;

    if (!starts_name(*at))
        return false;
    while (continues_name(*at))
        at++;
    reference.name_len = (size_t)(at - reference.name);
    brace = strchr(at, '}');
    if (!brace)
        return false;
    if (at != brace) {
        if (strncmp(at, ":-", 2) != 0)
            return false;
        reference.preset = at + 2;
        reference.preset_len = (size_t)(brace - reference.preset);
    }
    reference.end = brace + 1;
    *ret_reference = reference;
    return true;
}

static void note(struct expansion *expansion, int error)
{
    if (expansion->error == 0 || error == -ENOMEM)
        expansion->error = error;
}

static const char *look_up(const struct config_options *options, const char *name)
{
    if (options->lookup)
        return options->lookup(options->lookup_ctx, name);
    return getenv(name);
}

/* Puts in what the reference stands for. */
static void resolve(struct expansion *expansion, const struct reference *reference)
{
    char *name = strndup(reference->name, reference->name_len);
    const char *value;

    if (!name) {
        note(expansion, -ENOMEM);
        return;
    }
    value = look_up(expansion->options, name);
    if (value && (*value || !reference->preset)) {
        buf_append_str(&expansion->text, value);
        expansion->node->from_env = true;
    } else if (reference->preset) {
        buf_append(&expansion->text, reference->preset, reference->preset_len);
    } else {
        char hint[160];

        (void)snprintf(hint, sizeof(hint), "set it, or write a default: ${%.60s:-…}",
                       name);
        note(expansion, diag_add(expansion->diags,
                                 place_of(expansion, reference->start, reference->end),
                                 hint, "there is no environment variable '%s'", name));
    }
    free(name);
}

/* Expands what stands at a dollar sign. Returns where the text goes on. */
static const char *expand_dollar(struct expansion *expansion, const char *dollar)
{
    struct reference reference;

    if (dollar[1] == '$') {
        buf_append_char(&expansion->text, '$');
        return dollar + 2;
    }
    if (dollar[1] != '{') {
        buf_append_char(&expansion->text, '$');
        return dollar + 1;
    }
    if (!reference_cut(dollar, &reference)) {
        note(expansion,
             diag_add(expansion->diags, place_of(expansion, dollar, dollar + 2),
                      "write ${NAME} or ${NAME:-default}; $$ stands for a dollar sign",
                      "'${' without a variable's name and a '}'"));
        return dollar + 2;
    }
    resolve(expansion, &reference);
    return reference.end;
}

int expand_scalar(struct config_tree *tree, const struct config_options *options,
                  struct config_node *node, struct diag_list *reterr_diags)
{
    struct expansion expansion = {
        .options = options,
        .node = node,
        .diags = reterr_diags,
        .text = BUF_INIT(MAX_VALUE_BYTES + strlen(node->written)),
    };
    const char *at = node->written;

    if (!strchr(at, '$'))
        return 0;
    while (*at) {
        const size_t plain = strcspn(at, "$");

        buf_append(&expansion.text, at, plain);
        at += plain;
        if (*at)
            at = expand_dollar(&expansion, at);
    }
    if (buf_error(&expansion.text) == -EMSGSIZE)
        note(&expansion, diag_add(reterr_diags, node->place, NULL,
                                  "too long once its variables are put in"));
    else if (buf_error(&expansion.text) < 0)
        note(&expansion, buf_error(&expansion.text));
    node->text = tree_copy(tree, buf_str(&expansion.text), expansion.text.len);
    if (!node->text)
        note(&expansion, -ENOMEM);
    buf_wipe(&expansion.text);
    return expansion.error;
}

size_t expand_single_name(const char *written, bool *ret_has_default,
                          bool *ret_has_empty_default)
{
    struct reference reference;

    if (strncmp(written, "${", 2) != 0 || !reference_cut(written, &reference) ||
        *reference.end != '\0')
        return 0;
    *ret_has_default = reference.preset != NULL;
    *ret_has_empty_default = reference.preset && reference.preset_len == 0;
    return reference.name_len;
}
