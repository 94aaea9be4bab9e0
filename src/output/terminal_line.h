/*
 * A line of a given width, made of pieces: a piece that does not fit any more is left out whole, so
 * that a narrow terminal shows fewer figures and never half of one.
 */
#pragma once

#include <stddef.h>

#include "output/terminal.h"
#include "output/terminal_text.h"

struct buf;

struct terminal_line {
    struct buf *out;
    struct terminal_style style;
    size_t room;  /* columns left */
    size_t taken; /* columns in use */
    bool full;    /* a piece was left out: so are all after it */
};

void line_init(struct terminal_line *line, struct buf *out, struct terminal_style style);

/* Adds a piece: an unpainted gap, then the text. */
void line_add(struct terminal_line *line, const char *gap, enum paint paint,
              const char *text);

/* Adds a piece made of a figure and its faint name: "42.1" "req/s". */
void line_add_figure(struct terminal_line *line, const char *gap, enum paint paint,
                     const char *figure, const char *name);
