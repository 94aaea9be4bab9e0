/*
 * What progress says: figures of the moment → the lines of a live display, or one plain line. Pure;
 * where and when they are drawn is terminal_progress.c's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/anomaly.h"
#include "measure/trust.h"
#include "output/recent.h"
#include "output/terminal.h"

struct buf;
struct plan;
struct run_view;

#define PROGRESS_LINES 5

/* All that a line is made of. */
struct progress_figures {
    const struct run_view *view;
    uint64_t users_active;
    uint64_t users_wanted;
    uint64_t in_flight;
    bool graded; /* something was measured, and it is known how far it can be trusted */
    enum trust_grade trust;
    bool is_odd; /* something is unlike the run's own past: */
    enum anomaly_signal odd;
    struct recent_figures recent;
};

/* What is about to happen: "quickstart: 4 phases in 30s, up to 200 users, against http://…". */
void progress_heading(const struct plan *plan, struct terminal_style style,
                      struct buf *out);

/*
 * One of the lines of the live display (0 ≤ index < PROGRESS_LINES), without its end: the phase
 * with its bar, three rows of cells, and how the client itself does. Each figure has its place, so
 * that the eye finds it again; a narrower terminal has fewer of them. Returns the columns that it takes.
 */
size_t progress_live_line(const struct progress_figures *figures, size_t index,
                          struct terminal_style style, struct buf *out);

/* The whole as one line, for logs: "00:05 sustained  users 100/100  42.1 req/s  …". */
void progress_plain_line(const struct progress_figures *figures,
                         struct terminal_style style, struct buf *out);
