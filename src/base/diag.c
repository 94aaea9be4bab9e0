#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cut_text.h"

/* A sentence is longer only where it quotes something long; it is cut. */
#define MAX_MESSAGE_BYTES 1024

struct source {
    char *file;
    char *text;
    size_t len;
};

struct diag {
    struct diag_place place; /* its file is the one below */
    char *file;              /* owned */
    char *message;           /* owned */
    char *hint;              /* owned, may be NULL */
    size_t order;            /* of addition: the sort stays stable */
};

struct diag_list {
    struct diag *diags;
    size_t kept;
    size_t count;
    size_t max_count;
    struct source *sources;
    size_t source_count;
};

int diag_list_new(size_t max_count, struct diag_list **ret_list)
{
    struct diag_list *list = calloc(1, sizeof(*list));

    if (!list)
        return -ENOMEM;
    list->max_count = max_count;
    *ret_list = list;
    return 0;
}

static void diag_release(struct diag *diag)
{
    free(diag->file);
    free(diag->message);
    free(diag->hint);
}

struct diag_list *diag_list_free(struct diag_list *list)
{
    if (!list)
        return NULL;
    for (size_t i = 0; i < list->kept; i++) {
        diag_release(&list->diags[i]);
    }
    for (size_t i = 0; i < list->source_count; i++) {
        free(list->sources[i].file);
        free(list->sources[i].text);
    }
    free(list->diags);
    free(list->sources);
    free(list);
    return NULL;
}

int diag_list_add_source(struct diag_list *list, const char *file, const char *text,
                         size_t len)
{
    struct source *grown =
        reallocarray(list->sources, list->source_count + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    list->sources = grown;
    struct source source = {.file = strdup(file), .text = malloc(len + 1), .len = len};

    if (!source.file || !source.text) {
        free(source.file);
        free(source.text);
        return -ENOMEM;
    }
    memcpy(source.text, text, len);
    source.text[len] = '\0';
    list->sources[list->source_count++] = source;
    return 0;
}

static bool is_same(const struct diag *diag, struct diag_place place, const char *message)
{
    return diag->place.line == place.line && diag->place.column == place.column &&
           strcmp(diag->place.file, place.file) == 0 &&
           strcmp(diag->message, message) == 0;
}

/* A value that aliases share is checked wherever they stand: its mistake is told once. */
static bool was_told(const struct diag_list *list, struct diag_place place,
                     const char *message)
{
    for (size_t i = 0; i < list->kept; i++) {
        if (is_same(&list->diags[i], place, message))
            return true;
    }
    return false;
}

/* Returns -EINVAL; -ENOMEM. */
static int keep(struct diag_list *list, struct diag_place place, const char *hint,
                const char *message)
{
    struct diag *grown;
    struct diag diag;

    if (was_told(list, place, message))
        return -EINVAL;
    list->count++;
    if (list->kept == list->max_count)
        return -EINVAL;
    grown = reallocarray(list->diags, list->kept + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    list->diags = grown;
    diag = (struct diag){.place = place,
                         .file = strdup(place.file),
                         .message = strdup(message),
                         .hint = hint ? strdup(hint) : NULL,
                         .order = list->kept};
    diag.place.file = diag.file;
    if (!diag.file || !diag.message || (hint && !diag.hint)) {
        diag_release(&diag);
        return -ENOMEM;
    }
    list->diags[list->kept++] = diag;
    return -EINVAL;
}

int diag_add(struct diag_list *list, struct diag_place place, const char *hint,
             const char *format, ...)
{
    char message[MAX_MESSAGE_BYTES];
    va_list args;

    va_start(args, format);
    cut_text_vprintf(message, sizeof(message), format, args);
    va_end(args);
    return keep(list, place, hint, message);
}

size_t diag_count(const struct diag_list *list)
{
    return list->count;
}

static int compare(const void *left, const void *right)
{
    const struct diag *a = left;
    const struct diag *b = right;
    const int files = strcmp(a->place.file, b->place.file);

    if (files != 0)
        return files;
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    if (a->place.column != b->place.column)
        return a->place.column < b->place.column ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* Line number `line` of a file whose text was lent, without its end. NULL when not known. */
static const char *line_of(const struct diag_list *list, const char *file, size_t line,
                           size_t *ret_len)
{
    for (size_t i = 0; i < list->source_count; i++) {
        const char *at = list->sources[i].text;
        const char *end = at + list->sources[i].len;

        if (strcmp(list->sources[i].file, file) != 0)
            continue;
        for (size_t number = 1; number < line && at; number++) {
            at = memchr(at, '\n', (size_t)(end - at));
            at = at ? at + 1 : NULL;
        }
        if (!at || at > end)
            return NULL;
        *ret_len = strcspn(at, "\r\n");
        return at;
    }
    return NULL;
}

/* A continuation byte of UTF-8. */
static int is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Blanks up to the caret: a tab stays a tab, so that both lines are indented alike. */
static void print_caret(const struct diag_place *place, const char *line, size_t len,
                        struct buf *out)
{
    size_t column = 1;
    size_t at = 0;

    for (; at < len && column < place->column; at++) {
        if (is_inside_character(line[at]))
            continue;
        buf_append_char(out, line[at] == '\t' ? '\t' : ' ');
        column++;
    }
    for (; column < place->column; column++)
        buf_append_char(out, ' ');
    buf_append_char(out, '^');
    /* Not past the end of the line: what goes on in the next one is not shown. */
    for (size_t i = 1; i < place->width && at < len; i++) {
        do
            at++;
        while (at < len && is_inside_character(line[at]));
        if (at < len)
            buf_append_char(out, '~');
    }
}

/* How many bytes of a URL stand before its last '@', which may be wrong in any way; 0: none. */
static size_t credentials_len(const char *text, size_t len)
{
    size_t url_len = 0;
    const char *at;

    while (url_len < len && !strchr("\"' \t", text[url_len]))
        url_len++;
    at = memrchr(text, '@', url_len);
    return at ? (size_t)(at - text) : 0;
}

/* What stands before the '@' of a URL may be a password. */
static void star_credentials(char *line, size_t len)
{
    static const char scheme_end[] = "://";
    char *found;

    while ((found = memmem(line, len, scheme_end, sizeof(scheme_end) - 1))) {
        char *from = found + sizeof(scheme_end) - 1;
        const size_t left = len - (size_t)(from - line);
        const size_t hidden = credentials_len(from, left);

        memset(from, '*', hidden);
        line = from + hidden;
        len = left - hidden;
    }
}

/* Nobody writes a key into a scenario; who did is told of another mistake of the line without it. */
static void star_keys(char *line, size_t len)
{
    static const char name[] = "api_key";
    const char *end = line + len;
    char *at;

    while ((at = memmem(line, (size_t)(end - line), name, sizeof(name) - 1))) {
        line = at += sizeof(name) - 1;
        while (at < end && strchr("\"': \t", *at))
            at++;
        if (at == line || at == end || *at == '$' || *at == '{')
            continue; /* another name, a variable, a file */
        while (at < end && !strchr(",}\"' \t", *at))
            *at++ = '*';
        line = at;
    }
}

/* The line as it may be seen. */
static void print_source(const char *line, size_t len, struct buf *out)
{
    struct buf seen = BUF_INIT(len + 1);

    if (len > 0 && buf_append(&seen, line, len) == 0) {
        star_credentials(seen.bytes, seen.len);
        star_keys(seen.bytes, seen.len);
        buf_append_printable(out, seen.bytes, seen.len);
    }
    if (buf_error(&seen) < 0 && buf_error(out) == 0)
        out->error = buf_error(&seen);
    buf_deinit(&seen);
}

static void print_line(const struct diag_list *list, const struct diag_place *place,
                       int colour, struct buf *out)
{
    size_t len = 0;
    const char *line = place->line ? line_of(list, place->file, place->line, &len) : NULL;

    if (!line)
        return;
    buf_printf(out, "%5zu | ", place->line);
    print_source(line, len, out);
    buf_append_char(out, '\n');
    if (place->column == 0)
        return;
    buf_append_str(out, "      | ");
    buf_append_str(out, colour ? "\x1b[1;32m" : "");
    print_caret(place, line, len, out);
    buf_append_str(out, colour ? "\x1b[0m\n" : "\n");
}

static void print_place(const struct diag_place *place, struct buf *out)
{
    buf_append_str(out, place->file);
    if (place->line)
        buf_printf(out, ":%zu", place->line);
    if (place->line && place->column)
        buf_printf(out, ":%zu", place->column);
}

int diag_print(const struct diag_list *list, int colour, struct buf *out)
{
    const char *bold = colour ? "\x1b[1m" : "";
    const char *red = colour ? "\x1b[1;31m" : "";
    const char *plain = colour ? "\x1b[0m" : "";

    if (list->kept > 0)
        qsort(list->diags, list->kept, sizeof(*list->diags), compare);
    for (size_t i = 0; i < list->kept; i++) {
        const struct diag *diag = &list->diags[i];

        buf_append_str(out, bold);
        print_place(&diag->place, out);
        buf_printf(out, ": %serror:%s%s ", red, plain, bold);
        buf_append_printable(out, diag->message, strlen(diag->message));
        buf_printf(out, "%s\n", plain);
        print_line(list, &diag->place, colour, out);
        if (diag->hint) {
            buf_append_str(out, "      = hint: ");
            buf_append_printable(out, diag->hint, strlen(diag->hint));
            buf_append_char(out, '\n');
        }
    }
    if (list->count > list->kept)
        buf_printf(out, "… and %zu more\n", list->count - list->kept);
    if (list->count > 0)
        buf_printf(out, "%zu error%s\n", list->count, list->count == 1 ? "" : "s");
    return buf_error(out);
}
