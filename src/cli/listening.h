/*
 * Where a run can be asked: the listener of --listen, the one of the live page, or one for both where they
 * name the same address.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "output/exposition.h"
#include "output/probe.h"

struct listener;
struct live;
struct push_counts;
struct run_options;
struct verdicts;

#define LISTENING_PROBES 3

/* Zeroed, nothing listens. */
struct listening {
    struct listener *listeners[2]; /* NULL: not that many */
    struct live *live;             /* of one of them; NULL: there is no page */
    struct probe probes[LISTENING_PROBES];
    size_t probe_count;
};

/*
 * Listens as the options and the plan ask, and prints where. Adds a verdict (106, or 2 for a token that
 * cannot be one) where it cannot. exposition is copied; what it points to is borrowed.
 */
void listening_open(struct listening *listening, uv_loop_t *loop,
                    const struct run_options *options,
                    const struct exposition_options *exposition,
                    struct verdicts *verdicts);

/* Pushes that are told of too. */
void listening_set_pushes(struct listening *listening, const struct push_counts *pushes);

/* Before the load: where results go, borrowed, and whether a search makes the load. */
void listening_describe(struct listening *listening, const char *results, bool is_search);

/* What it had on the loop is let go of in its next turns. */
void listening_close(struct listening *listening);
