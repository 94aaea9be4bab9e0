#include "measure/run_mark.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A text in which each byte became a replacement character of three. */
#define MAX_TEXT_BYTES ((size_t)64 * 1024)

const char *run_mark_kind_name(enum run_mark_kind kind)
{
    static const char *const names[] = {
        [RUN_MARK_NOTE] = "mark", [RUN_MARK_CONTROL] = "control"};

    return names[kind];
}

size_t run_marks_room(const struct run_marks *marks)
{
    return RUN_MARKS_MAX - marks->count;
}

/* Where a text of valid UTF-8 is cut so that it fits: never within a character. */
static size_t cut_at(const char *text, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

int run_mark_fill(struct run_mark *mark, uint64_t at_ns, enum run_mark_kind kind,
                  const char *text)
{
    struct buf line = BUF_INIT(MAX_TEXT_BYTES);
    const int r = buf_append_printable(&line, text, strnlen(text, 4 * RUN_MARK_BYTES));

    if (r == 0) {
        *mark = (struct run_mark){.at_ns = at_ns, .kind = kind};
        memcpy(mark->text, buf_str(&line),
               cut_at(buf_str(&line), line.len, RUN_MARK_BYTES - 1));
    }
    buf_deinit(&line);
    return r;
}

int run_marks_add(struct run_marks *marks, uint64_t at_ns, enum run_mark_kind kind,
                  const char *text)
{
    int r;

    if (run_marks_room(marks) == 0)
        return -ENOSPC;
    if (!marks->each)
        marks->each = calloc(RUN_MARKS_MAX, sizeof(*marks->each));
    if (!marks->each)
        return -ENOMEM;
    r = run_mark_fill(&marks->each[marks->count], at_ns, kind, text);
    marks->count += r == 0;
    return r;
}

size_t run_marks_controls(const struct run_mark *marks, size_t count)
{
    size_t controls = 0;

    for (size_t i = 0; i < count; i++)
        controls += marks[i].kind == RUN_MARK_CONTROL;
    return controls;
}

void run_marks_deinit(struct run_marks *marks)
{
    free(marks->each);
    *marks = (struct run_marks){0};
}
