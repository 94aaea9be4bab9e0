/*
 * What a person reads in a terminal: the plan before the run, progress during it, verdict and
 * summary after it. Colour and liveliness are given; the width too, but where lines are drawn over it
 * is asked for at each drawing, since people resize windows.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "output/probe.h"

struct buf;
struct run_facts;
struct terminal_progress;

struct terminal_style {
    bool colour; /* ANSI colours: only where it is a terminal and NO_COLOR is unset */
    bool live;   /* lines may be drawn over */
    int columns; /* width, at least 40 */
};

/* Reads environment and descriptor into a style. */
struct terminal_style terminal_style_of(int fd);

/*
 * Progress as a probe: a line that is redrawn where the style is live, else a plain line every few
 * seconds. Returns 0 or -ENOMEM. out is borrowed.
 */
int terminal_progress_new(FILE *out, struct terminal_style style,
                          struct terminal_progress **ret_progress);
struct terminal_progress *terminal_progress_free(struct terminal_progress *progress);
struct probe terminal_progress_probe(struct terminal_progress *progress);

/* The terminal has another size: what is on the screen is drawn anew. */
void terminal_progress_redraw(struct terminal_progress *progress);

/* Takes the display off the screen and shows the cursor, until the next tick. */
void terminal_progress_hide(struct terminal_progress *progress);

/*
 * A line of the log (log_divert), for the same terminal: it appears above the display, which it
 * would tear otherwise. ctx: the progress. Only from the thread of the loop.
 */
void terminal_progress_log(void *ctx, const char *line, size_t len);

/*
 * The verdict and the summary. summary: the same as a document, for what is worked out from it; NULL: that is
 * left out. Returns buf_error.
 */
int terminal_summary(const struct run_facts *facts, const json_t *summary,
                     struct terminal_style style, const char *results_path,
                     struct buf *out);
