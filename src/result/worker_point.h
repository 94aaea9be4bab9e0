/* A point of a worker, or of several: what happened in a stretch of the run. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/customs.h"
#include "measure/recorder.h"

struct archive;

/* The histograms of a point: all that the timeline and histograms.hlog are made of. */
#define WORKER_POINT_METRICS 6
enum metric worker_point_metric(size_t index);

/* All zero: nothing happened. */
struct worker_point {
    uint64_t start_ns; /* since the run's start */
    uint64_t end_ns;
    struct user_counts users; /* at its end */
    double active_s;          /* integrals over it */
    double in_flight_s;
    struct counters counters;
    struct customs customs;
    struct histogram *histograms[WORKER_POINT_METRICS]; /* owned; NULL: none yet */
};

void worker_point_deinit(struct worker_point *point);
/* Forgets all and keeps the memory. */
void worker_point_reset(struct worker_point *point);

/* Adds an interval, as far as memory suffices. metric_count: metrics of the scenario's own. */
void worker_point_add(struct worker_point *point, const struct interval_view *interval,
                      uint64_t started_ns, size_t metric_count);

/* Writes it, or adds one that was written. */
void worker_point_archive(struct archive *archive, struct worker_point *point);
