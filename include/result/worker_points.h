/*
 * The run of one of several workers over time, so that the timelines of all can be added up: intervals in, points as long as
 * those of the timeline out, each with its counters and histograms as bytes (base/archive.h). Percentiles of a merged
 * timeline are then those of all observations, and nothing is averaged.
 *
 * A point is closed on the loop, which takes some 0.1 ms; closed points never change and never move, so that another thread
 * may read them. A point takes some KiB, and there are at most twice those that a load has.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/recorder.h"

struct archive;
struct buf;
struct plan;
struct worker_points;

/* step_ns: that of the timeline. Returns 0 or -ENOMEM. */
int worker_points_new(const struct plan *plan, uint64_t started_ns, uint64_t step_ns,
                      struct worker_points **ret_points);
/* NULL is allowed. Returns NULL. */
struct worker_points *worker_points_free(struct worker_points *points);

/* Adds an interval. NULL is allowed, and does nothing, as in the next two. */
void worker_points_add(struct worker_points *points,
                       const struct interval_view *interval);
/* The run is over: what there is of the last point becomes one. */
void worker_points_end(struct worker_points *points);

/* Points that are closed. Borrowed, and the same for ever. */
struct worker_points_view {
    const struct buf *points;
    size_t count;
};
struct worker_points_view worker_points_view(const struct worker_points *points);

/* Writes points into an archive. */
void worker_points_write(struct archive *archive, struct worker_points_view view);

/* The points of all workers together. */
struct merged_points;

/* step_ns: of the timeline that is made of them. Returns 0 or -ENOMEM. */
int merged_points_new(uint64_t step_ns, struct merged_points **ret_points);
struct merged_points *merged_points_free(struct merged_points *points);

/* Adds those of one worker, by the time since its start. */
void merged_points_read(struct archive *archive, struct merged_points *points);

/* Each as if it was an interval of one run that started at started_ns, in order. A view is borrowed until fn returns. */
typedef void merged_point_fn(void *ctx, const struct interval_view *interval);
void merged_points_each(const struct merged_points *points, uint64_t started_ns,
                        merged_point_fn *fn, void *ctx);
