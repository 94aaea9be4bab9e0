/*
 * Text for a terminal: how many columns it takes, colour, and texts from outside made harmless. A
 * server chooses its error messages and model names; none of its bytes may move the cursor.
 */
#pragma once

#include <stddef.h>

#include "output/terminal.h"

struct buf;

enum paint {
    PAINT_PLAIN,
    PAINT_STRONG, /* headings and the figures that matter most */
    PAINT_FAINT,  /* labels, units, what can be skipped */
    PAINT_GOOD,
    PAINT_BAD,
    PAINT_ACCENT,
};

/* Columns that UTF-8 text takes: control characters none, wide (East Asian) ones two. */
size_t terminal_width(const char *text);

/* Appends text of our own, coloured where the style has colours. */
void terminal_paint(struct buf *out, struct terminal_style style, enum paint paint,
                    const char *text);

/*
 * Appends text from outside: control characters, among them those of C1 and those that turn the
 * direction of writing, as \xNN or \u{NNNN}, broken UTF-8 as U+FFFD; cut off with "…" where it
 * takes more than `columns`.
 */
void terminal_put_safe(struct buf *out, const char *text, size_t columns);

/*
 * Appends a sentence in lines of at most `columns`, broken between words, each line but the first
 * behind `indent` blanks. It begins at column `indent`. The sentence is made harmless.
 */
void terminal_wrap(struct buf *out, const char *sentence, size_t indent, size_t columns);

/* Appends n times the same. */
void terminal_repeat(struct buf *out, const char *text, size_t n);
