/*
 * A window of time that slides over attempts: how many ended in the last so many seconds, and how
 * many of them failed. Counted in pieces, so that it forgets a thirty-second part at a time. It reads
 * no clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FAILURE_WINDOW_PIECES 32

struct failure_window_piece {
    uint64_t number; /* since monotonic 0, in pieces */
    uint64_t attempts;
    uint64_t failed;
};

/* The fields are private. */
struct failure_window {
    struct failure_window_piece pieces[FAILURE_WINDOW_PIECES];
    uint64_t piece_ns;
};

struct failure_share {
    uint64_t attempts;
    uint64_t failed;
};

/* Empty, and over_ns long. */
void failure_window_init(struct failure_window *window, uint64_t over_ns);

/* An attempt ended at end_ns. */
void failure_window_add(struct failure_window *window, uint64_t end_ns, bool failed);

/* What ended in the window that ends at now_ns. */
struct failure_share failure_window_share(const struct failure_window *window,
                                          uint64_t now_ns);
