#include "scenario/draft.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "config/yaml_text.h"

#define MAX_PART_BYTES ((size_t)4 << 20)
#define MAX_TEXT_BYTES ((size_t)1 << 20)

/* Notes are wrapped as comments at this column. */
#define COMMENT_COLUMNS 96

int draft_init(struct draft *draft)
{
    *draft = (struct draft){.notes = BUF_INIT(MAX_PART_BYTES)};
    for (size_t i = 0; i < DRAFT_PARTS; i++)
        draft->parts[i] = BUF_INIT(MAX_PART_BYTES);
    return arena_new(&draft->arena);
}

void draft_deinit(struct draft *draft)
{
    for (size_t i = 0; i < DRAFT_PARTS; i++)
        buf_deinit(&draft->parts[i]);
    buf_deinit(&draft->notes);
    draft->arena = arena_free(draft->arena);
}

void draft_line(struct draft *draft, enum draft_part part, unsigned level,
                const char *format, ...)
{
    struct buf *out = &draft->parts[part];
    va_list args;

    buf_printf(out, "%*s", (int)(2 * level), "");
    va_start(args, format);
    buf_vprintf(out, format, args);
    va_end(args);
    buf_append_char(out, '\n');
}

/* Whether a line stands in a text of lines. */
static bool has_line(const char *lines, const char *line)
{
    const size_t len = strlen(line);

    for (const char *at = lines; (at = strstr(at, line)); at++)
        if ((at == lines || at[-1] == '\n') && at[len] == '\n')
            return true;
    return false;
}

const char *draft_take(struct draft *draft, struct buf *text)
{
    const char *kept =
        buf_error(text) ? NULL : arena_copy_bytes(draft->arena, buf_str(text), text->len);

    if (!kept)
        draft->error = -ENOMEM;
    buf_deinit(text);
    return kept ? kept : "";
}

__attribute__((format(printf, 2, 0))) static const char *
keep_formatted(struct draft *draft, const char *format, va_list args)
{
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    buf_vprintf(&text, format, args);
    return draft_take(draft, &text);
}

void draft_note(struct draft *draft, const char *format, ...)
{
    struct buf printable = BUF_INIT(MAX_TEXT_BYTES);
    const char *note;
    va_list args;

    va_start(args, format);
    note = keep_formatted(draft, format, args);
    va_end(args);
    buf_append_printable(&printable, note, strlen(note));
    note = draft_take(draft, &printable);
    if (*note && !has_line(buf_str(&draft->notes), note))
        buf_printf(&draft->notes, "%s\n", note);
}

const char *draft_text(struct draft *draft, const char *text, bool in_flow)
{
    struct buf out = BUF_INIT(MAX_TEXT_BYTES);

    yaml_text_append(&out, text, !in_flow, true);
    return draft_take(draft, &out);
}

const char *draft_value(struct draft *draft, const struct config_node *node)
{
    struct buf json = BUF_INIT(MAX_TEXT_BYTES);
    struct buf out = BUF_INIT(MAX_TEXT_BYTES);

    if (config_write_json(node, &json) < 0)
        draft->error = -ENOMEM;
    for (const char *at = buf_str(&json); *at; at++) {
        if (*at == '$') /* a scenario would expand it */
            buf_append_char(&out, '$');
        buf_append_char(&out, *at);
    }
    buf_deinit(&json);
    return draft_take(draft, &out);
}

const char *draft_printf(struct draft *draft, const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = keep_formatted(draft, format, args);
    va_end(args);
    return text;
}

void *draft_alloc(struct draft *draft, size_t count, size_t size)
{
    void *memory = arena_alloc(draft->arena, count, size);

    if (!memory)
        draft->error = -ENOMEM;
    return memory;
}

const char *draft_duration(struct draft *draft, double seconds)
{
    struct buf out = BUF_INIT(64);
    const uint64_t ms = (uint64_t)(seconds * 1e3 + 0.5);

    if (ms % 1000 == 0)
        (void)quantity_format_duration(&out, ms * NS_PER_MS);
    else /* as formatted for people it would be rounded */
        buf_printf(&out, "%llums", (unsigned long long)ms);
    return draft_take(draft, &out);
}

/* One sentence as a list item in a comment, in lines of a readable length. */
static void write_note(const char *note, size_t len, struct buf *out)
{
    size_t column = strlen("#   ");
    const char *end = note + len;

    buf_append_str(out, "# -");
    for (const char *word = note; word < end;) {
        size_t size = strcspn(word, " \n");

        if (column + 1 + size > COMMENT_COLUMNS) {
            buf_append_str(out, "\n#  ");
            column = strlen("#   ");
        }
        buf_append_char(out, ' ');
        buf_append(out, word, size);
        column += 1 + size;
        word += size + (word + size < end);
    }
    buf_append_char(out, '\n');
}

int draft_write(const struct draft *draft, const char *source, struct buf *out)
{
    buf_printf(out, "# Made from %s by `throng convert`.\n", source);
    if (draft->notes.len > 0)
        buf_append_str(out, "#\n# What is not as it was:\n");
    for (const char *note = buf_str(&draft->notes); *note;) {
        const size_t len = strcspn(note, "\n");

        write_note(note, len, out);
        note += len + 1;
    }
    for (size_t i = 0; i < DRAFT_PARTS; i++) {
        if (draft->parts[i].len > 0 && i != DRAFT_HEAD && i != DRAFT_TARGET)
            buf_append_char(out, '\n');
        buf_append(out, buf_str(&draft->parts[i]), draft->parts[i].len);
        if (buf_error(&draft->parts[i]))
            return buf_error(&draft->parts[i]);
    }
    if (buf_error(&draft->notes))
        return buf_error(&draft->notes);
    return draft->error ? draft->error : buf_error(out);
}
