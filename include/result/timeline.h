/*
 * The run over time: intervals in, points of a second or more out. Percentiles of a point are those
 * of its own observations; points are never averaged. It reads no clock, and after it was made
 * allocates nothing: the step follows from how long the load will take.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"

struct interval_view;
struct plan;
struct timeline;

struct timeline_point {
    uint64_t start_ns; /* since the run's start */
    uint64_t end_ns;
    uint64_t users_wanted; /* at its end */
    uint64_t users_active;
    double in_flight;           /* mean */
    uint64_t requests;          /* that were over: ok, degraded, failed */
    uint64_t failed;            /* of them */
    uint64_t completion_tokens; /* of them */
    struct histogram_quantile ttft_p50;
    struct histogram_quantile ttft_p95;
    struct histogram_quantile e2e_p50;
    struct histogram_quantile e2e_p95;
};

/* started_ns: monotonic moment of the run's start. Returns 0 or -ENOMEM. */
int timeline_new(const struct plan *plan, uint64_t started_ns,
                 struct timeline **ret_timeline);
/* NULL is allowed. Returns NULL. */
struct timeline *timeline_free(struct timeline *timeline);

/* Adds an interval; a point is closed once it is a step long. */
void timeline_add(struct timeline *timeline, const struct interval_view *interval);

/* How long a point is, but for what the ends of intervals add. */
uint64_t timeline_step_ns(const struct timeline *timeline);

/* The points so far, in order. Borrowed until timeline_free. */
const struct timeline_point *timeline_points(const struct timeline *timeline,
                                             size_t *ret_count);

/* Whether the run went on for longer than there was room; what came then is in no point. */
bool timeline_is_cut(const struct timeline *timeline);
