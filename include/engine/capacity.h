/*
 * `throng capacity`: makes the load of a run while it goes on, level by level, judges each by the SLOs and
 * searches for the highest that holds. Each level settles, is held until it is sure (or three times as long
 * as asked for), and then goes on until what was due in its hold has been answered. It reads no clock but the
 * run's view, and does no I/O: whoever drives it calls capacity_tick() a few times a second.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/capacity.h"
#include "measure/run_view.h"

struct capacity;
struct engine;
struct plan;
struct recorder;

struct capacity_options {
    /* As the run's, but for its thresholds: these are the SLOs, at most CAPACITY_SLOS. Borrowed. */
    const struct plan *plan;
    size_t
        own_slo; /* index of the one on the error rate that is always asked for; or their number */
    bool by_rate; /* levels are arrivals a second; else users */
    double from;
    double to; /* INFINITY: no limit */
    double resolution;
    unsigned confirm;
    uint64_t settle_ns;       /* of each level: not judged */
    uint64_t first_settle_ns; /* of the first one */
    uint64_t hold_ns;
    uint64_t max_duration_ns; /* of the whole search */
    enum trust_grade
        least_trust; /* a level of a worse grade says nothing of the server */
    /* A level was judged; both borrowed. NULL is allowed. */
    void (*on_level)(void *ctx, const struct capacity_report *report,
                     const struct capacity_level *level);
    void *ctx;
};

/* Returns 0 or -ENOMEM. */
int capacity_new(const struct capacity_options *options, struct capacity **ret_capacity);

/* Only when the run is over; the names of its phases go with it. NULL is allowed. Returns NULL. */
struct capacity *capacity_free(struct capacity *capacity);

/* The one phase that the plan of the run is to have: the first level's settling. Borrowed. */
const struct plan_phase *capacity_first_phase(const struct capacity *capacity);

/* The run that it drives, before engine_start(). Borrowed until the run is over. */
void capacity_open(struct capacity *capacity, struct engine *engine,
                   struct recorder *recorder);

/* Time went on. Ends the run where the search is over. */
void capacity_tick(struct capacity *capacity, const struct run_view *view);

/* The run is over, for whatever reason: concludes. Behind it the report does not change any more. */
void capacity_finish(struct capacity *capacity);

/*
 * The plan with the phases as they were carried out so far, each as long as it took, and without thresholds:
 * it grows with each tick. Borrowed; only for the thread that ticks.
 */
const struct plan *capacity_plan(const struct capacity *capacity);

/* What was found so far. Borrowed. */
const struct capacity_report *capacity_report(const struct capacity *capacity);
