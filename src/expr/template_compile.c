#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_scan.h"
#include "expr/template_tree.h"

/* A compilation: what of the text is read, and the list of parts. */
struct compilation {
    const char *text; /* a copy, in the arena */
    const char *end;
    const char *at;
    bool is_path;
    const char *kept; /* from here on it is a literal that is no part yet */
    const struct template_part **link;
    struct template_reader reader;
};

static struct template_part *add_part(struct compilation *compilation)
{
    struct template_part *part = arena_alloc(compilation->reader.arena, 1, sizeof(*part));

    if (part) {
        *compilation->link = part;
        compilation->link = &part->next;
    }
    return part;
}

/* Makes a part of what was kept up to here. */
static int add_literal(struct compilation *compilation, const char *until)
{
    if (until == compilation->kept)
        return 0;
    struct template_part *part = add_part(compilation);

    if (!part)
        return -ENOMEM;
    part->text = compilation->kept;
    part->len = (size_t)(until - compilation->kept);
    return 0;
}

/* The filter that an expression ends in; NULL: it has none. */
static const struct template_filter *
last_filter(const struct template_expression *expression)
{
    const struct template_use *use = expression->uses;

    while (use && use->next)
        use = use->next;
    return use ? use->filter : NULL;
}

static bool is_for_paths(const struct template_expression *expression)
{
    const struct template_filter *filter = last_filter(expression);

    return filter && template_filter_is_for_paths(filter);
}

static int add_expression(struct compilation *compilation,
                          const struct template_expression *expression, bool escaped)
{
    struct template_part *part = add_part(compilation);

    if (!part)
        return -ENOMEM;
    part->expression = expression;
    part->escaped = escaped;
    part->encoded = compilation->is_path && !is_for_paths(expression);
    return 0;
}

/* Reads the expression behind the braces at `at`, in text that is written as it is. */
static int read_plain(struct compilation *compilation,
                      const struct template_expression **ret_expression)
{
    struct template_reader *reader = &compilation->reader;

    reader->begin = reader->at = compilation->at + 2;
    reader->end = compilation->end;
    const int r = template_read_expression(reader, ret_expression);

    if (r == -EINVAL)
        reader->error->offset += (size_t)(reader->begin - compilation->text);
    compilation->at = reader->at;
    return r;
}

static int compile_text(struct compilation *compilation)
{
    while ((compilation->at =
                memmem(compilation->at, (size_t)(compilation->end - compilation->at),
                       "{{", 2))) {
        const struct template_expression *expression = NULL;
        int r = add_literal(compilation, compilation->at);

        if (r == 0)
            r = read_plain(compilation, &expression);
        if (r == 0)
            r = add_expression(compilation, expression, false);
        if (r < 0)
            return r;
        compilation->kept = compilation->at;
    }
    return add_literal(compilation, compilation->end);
}

/* Bytes of the character, or of the escape, at a place in a JSON string. */
static size_t raw_step(const char *at, const char *end)
{
    return *at == '\\' ? json_scan_escape(at, (size_t)(end - at)).consumed : 1;
}

/* Where the JSON string that `at` is in ends: its closing quote, or the end of the text. */
static const char *string_end(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += raw_step(at, end);
    return at;
}

/* The place in the raw text of a place in the decoded one. */
static const char *raw_place(const char *raw, const char *end, size_t decoded)
{
    while (raw < end && decoded > 0) {
        const size_t len =
            *raw == '\\' ? json_scan_escape(raw, (size_t)(end - raw)).len : 1;

        decoded -= len < decoded ? len : decoded;
        raw += raw_step(raw, end);
    }
    return raw;
}

/* Undoes the escapes of what stands in a JSON string, for the reader. Returns 0; -ENOMEM. */
static int decode(struct template_reader *reader, const char *raw, const char *end)
{
    char *to = arena_alloc(reader->arena, (size_t)(end - raw) + 1, 1);

    if (!to)
        return -ENOMEM;
    reader->begin = reader->at = to;
    while (raw < end) {
        if (*raw != '\\') {
            *to++ = *raw++;
            continue;
        }
        const struct json_escape escape = json_scan_escape(raw, (size_t)(end - raw));

        memcpy(to, escape.text, escape.len);
        to += escape.len;
        raw += escape.consumed;
    }
    reader->end = to;
    return 0;
}

/* Reads the expression behind the braces at `at`, in a JSON string. */
static int read_in_string(struct compilation *compilation,
                          const struct template_expression **ret_expression)
{
    struct template_reader *reader = &compilation->reader;
    const char *raw = compilation->at + 2;
    const char *end = string_end(raw, compilation->end);
    int r = decode(reader, raw, end);

    if (r < 0)
        return r;
    r = template_read_expression(reader, ret_expression);
    if (r == -EINVAL)
        reader->error->offset =
            (size_t)(raw_place(raw, end, reader->error->offset) - compilation->text);
    else
        compilation->at = raw_place(raw, end, (size_t)(reader->at - reader->begin));
    return r;
}

static bool gives_json(const struct template_expression *expression)
{
    const struct template_filter *filter = last_filter(expression);

    return filter && template_filter_is_json(filter);
}

/* Whether the string whose closing quote stands here is a key. */
static bool is_key(const char *quote, const char *end)
{
    struct json_scan scan = json_scan_begin(quote + 1, (size_t)(end - quote - 1));

    return json_scan_peek(&scan) == ':';
}

/*
 * Adds the expression at `at`, in a string that opened at `open`. Where it is all of that string and
 * ends in the filter `json`, it stands in place of the string, quotes and all.
 */
static int compile_in_string(struct compilation *compilation, const char *open)
{
    const char *braces = compilation->at;
    const struct template_expression *expression = NULL;
    int r = read_in_string(compilation, &expression);

    if (r < 0)
        return r;
    const bool whole = gives_json(expression) && braces == open + 1 &&
                       compilation->at < compilation->end && *compilation->at == '"';

    if (whole && is_key(compilation->at, compilation->end))
        return template_problem(compilation->reader.error,
                                (size_t)(braces - compilation->text), NULL,
                                "a key of a JSON object cannot be other than text: leave "
                                "the filter 'json' out");
    r = add_literal(compilation, whole ? open : braces);
    if (r == 0)
        r = add_expression(compilation, expression, !whole);
    compilation->kept = compilation->at + whole;
    return r;
}

/* A JSON string, whose opening quote stands at `at`. */
static int compile_string(struct compilation *compilation)
{
    const char *open = compilation->at++;

    while (compilation->at < compilation->end && *compilation->at != '"') {
        const char *at = compilation->at;

        if (*at == '{' && compilation->end - at > 1 && at[1] == '{') {
            const int r = compile_in_string(compilation, open);

            if (r < 0)
                return r;
        } else {
            compilation->at += raw_step(at, compilation->end);
        }
    }
    compilation->at += compilation->at < compilation->end;
    return 0;
}

static int compile_json(struct compilation *compilation)
{
    while ((compilation->at = memchr(compilation->at, '"',
                                     (size_t)(compilation->end - compilation->at)))) {
        const int r = compile_string(compilation);

        if (r < 0)
            return r;
    }
    return add_literal(compilation, compilation->end);
}

int template_compile(const char *text, size_t len, enum template_form form,
                     template_name_fn *names, void *names_ctx, struct arena *arena,
                     const struct template **ret_template,
                     struct template_error *reterr_error)
{
    const char *copy = arena_copy_bytes(arena, text, len);
    struct template *template = arena_alloc(arena, 1, sizeof(*template));

    if (!copy || !template)
        return -ENOMEM;
    struct compilation compilation = {
        .text = copy,
        .end = copy + len,
        .is_path = form == TEMPLATE_PATH,
        .at = copy,
        .kept = copy,
        .link = &template->parts,
        .reader = {.names = names,
                   .names_ctx = names_ctx,
                   .arena = arena,
                   .error = reterr_error},
    };
    const int r =
        form == TEMPLATE_JSON ? compile_json(&compilation) : compile_text(&compilation);

    if (r < 0)
        return r;
    *ret_template = template;
    return 0;
}
