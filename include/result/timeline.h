/*
 * The run over time: intervals in, points of a second or more out. Percentiles of a point are those
 * of its own observations; points are never averaged. It reads no clock, and after it was made
 * allocates nothing but for the first values of the scenario's own metrics: the step follows from how
 * long the load will take.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "measure/custom.h"
#include "measure/metric.h"
#include "measure/sample.h"

struct interval_view;
struct pauses;
struct plan;
struct timeline;

/* The latencies of a point: TIMELINE_LATENCIES of them, as metrics, in order. */
#define TIMELINE_LATENCIES 4
enum metric timeline_latency(size_t index);

/* How late throng itself was; likewise. */
#define TIMELINE_DELAYS 2
enum metric timeline_delay(size_t index);

/* Of the point's own observations. */
struct timeline_quantiles {
    struct histogram_quantile p50;
    struct histogram_quantile p95;
    struct histogram_quantile p99;
};

/* One of the scenario's own metrics in a point. */
struct timeline_custom {
    struct custom values;                /* of the point alone; without its histogram: */
    struct timeline_quantiles quantiles; /* of a trend */
};

struct timeline_point {
    uint64_t start_ns; /* since the run's start */
    uint64_t end_ns;
    const char *phase;     /* in which it begins; the plan's; "" after the last */
    uint64_t users_wanted; /* at its end */
    uint64_t users_active;
    double in_flight;                 /* mean */
    uint64_t requests;                /* that were over: ok, degraded, failed */
    uint64_t failed;                  /* of them */
    uint64_t failures[OUTCOME_COUNT]; /* the failed by kind */
    uint64_t slo_met;                 /* operations that met their SLOs */
    uint64_t arrivals;                /* of an open loop: that were due */
    uint64_t dropped;                 /* arrivals that nobody took */
    uint64_t completion_tokens;       /* of them */
    int64_t cost_pusd;                /* of them */
    struct timeline_quantiles latencies[TIMELINE_LATENCIES];
    struct histogram_quantile delays_p99[TIMELINE_DELAYS];
    const struct timeline_custom
        *customs; /* one for each metric of the plan; NULL: it has none */
};

/* What there is of a timeline. The points are its own, and stay as they are. */
struct timeline_view {
    const struct plan *plan;             /* whose metrics the customs of points are of */
    const struct timeline_point *points; /* in order; NULL: none was kept */
    size_t count;
    uint64_t step_ns; /* how long a point is, but for what the ends of intervals add */
    bool is_cut; /* the run went on for longer than there was room: that is in no point */
};

/* started_ns: monotonic moment of the run's start. Returns 0 or -ENOMEM. */
int timeline_new(const struct plan *plan, uint64_t started_ns,
                 struct timeline **ret_timeline);
/* Names phases as another plan of the same scenario does, from the next point on. Borrowed. */
void timeline_follow(struct timeline *timeline, const struct plan *plan);
/* Has phases come later for pauses of the load (recorder_options). Borrowed. */
void timeline_heed(struct timeline *timeline, const struct pauses *pauses);
/* NULL is allowed. Returns NULL. */
struct timeline *timeline_free(struct timeline *timeline);

/* Adds an interval; a point is closed once it is a step long. */
void timeline_add(struct timeline *timeline, const struct interval_view *interval);

/* The run is over: what there is of the last point becomes one, though it is no whole step long. */
void timeline_end(struct timeline *timeline);

/* The points so far. Borrowed until timeline_free; points that come later do not touch it. */
struct timeline_view timeline_view(const struct timeline *timeline);
