#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define MAX_MESSAGE_BYTES ((size_t)4096)

struct source {
    char *file;
    char *text;
    size_t len;
};

struct diag {
    struct diag_place place; /* file is owned */
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

struct diag_list *diag_list_free(struct diag_list *list)
{
    if (!list)
        return NULL;
    for (size_t i = 0; i < list->kept; i++) {
        free((char *)(uintptr_t)list->diags[i].place.file);
        free(list->diags[i].message);
        free(list->diags[i].hint);
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

int diag_add(struct diag_list *list, struct diag_place place, const char *hint,
             const char *format, ...)
{
    struct buf message = BUF_INIT(MAX_MESSAGE_BYTES);
    va_list args;

    list->count++;
    if (list->kept == list->max_count)
        return -EINVAL;
    struct diag *grown = reallocarray(list->diags, list->kept + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    list->diags = grown;
    va_start(args, format);
    buf_vprintf(&message, format, args);
    va_end(args);
    struct diag diag = {.place = place,
                        .message = buf_take(&message),
                        .hint = hint ? strdup(hint) : NULL,
                        .order = list->kept};

    diag.place.file = strdup(place.file);
    if (!diag.message || !diag.place.file || (hint && !diag.hint)) {
        free(diag.message);
        free(diag.hint);
        free((char *)(uintptr_t)diag.place.file);
        return -ENOMEM;
    }
    list->diags[list->kept++] = diag;
    return -EINVAL;
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

/* Blanks up to the caret: a tab stays a tab, so that both lines are indented alike. */
static void print_caret(const struct diag_place *place, const char *line, size_t len,
                        struct buf *out)
{
    size_t column = 1;
    size_t at = 0;

    for (; at < len && column < place->column; at++) {
        if (((unsigned char)line[at] & 0xC0) == 0x80)
            continue; /* inside a character */
        buf_append_char(out, line[at] == '\t' ? '\t' : ' ');
        column++;
    }
    for (; column < place->column; column++)
        buf_append_char(out, ' ');
    buf_append_char(out, '^');
    for (size_t i = 1; i < place->width; i++)
        buf_append_char(out, '~');
}

static void print_line(const struct diag_list *list, const struct diag_place *place,
                       int colour, struct buf *out)
{
    size_t len = 0;
    const char *line = place->line ? line_of(list, place->file, place->line, &len) : NULL;

    if (!line)
        return;
    buf_printf(out, "%5zu | ", place->line);
    buf_append(out, line, len);
    buf_append_str(out, "\n");
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
        buf_printf(out, ": %serror:%s%s %s%s\n", red, plain, bold, diag->message, plain);
        print_line(list, &diag->place, colour, out);
        if (diag->hint)
            buf_printf(out, "      = hint: %s\n", diag->hint);
    }
    if (list->count > list->kept)
        buf_printf(out, "… and %zu more\n", list->count - list->kept);
    if (list->count > 0)
        buf_printf(out, "%zu error%s\n", list->count, list->count == 1 ? "" : "s");
    return buf_error(out);
}
