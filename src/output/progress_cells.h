/*
 * The cells of progress: each is a label with a figure of the moment. In the live display they stand
 * in rows, each at its own place, so that the eye finds it again and nothing jumps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct progress_figures;
struct recent_figures;
struct terminal_line;

#define PROGRESS_CELL_ROWS 3

enum progress_cell {
    CELL_NONE,
    CELL_USERS,
    CELL_REQUESTS,
    CELL_ERRORS,
    CELL_IN_FLIGHT,
    CELL_FIRST_P50, /* streams are followed by their first token, plain answers by their end */
    CELL_FIRST_P95,
    CELL_ICL_P50,
    CELL_ICL_P95,
    CELL_TOKENS,
    CELL_COST,
    CELL_ARRIVALS, /* of an open loop: taken a second, and asked for */
    CELL_WAITING,
    CELL_DROPPED,
};

/* Whether answers stream: then TTFT leads, else the end of the answer. */
bool progress_streams(const struct recent_figures *recent);

/* "ttft p50". */
const char *progress_cell_label(enum progress_cell cell,
                                const struct progress_figures *figures);

/* Appends the figure alone: "161 ms". */
void progress_cell_figure(enum progress_cell cell, const struct progress_figures *figures,
                          struct buf *out);

/* Whether the figure is worth a reader's worry. */
bool progress_cell_is_bad(enum progress_cell cell,
                          const struct progress_figures *figures);

/* A row of the live display (0 ≤ row < PROGRESS_CELL_ROWS): those that the line has room for. */
void progress_cell_row(const struct progress_figures *figures, size_t row,
                       struct terminal_line *line);
