#include "result/timeline.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "plan/plan.h"

/*
 * The load fills at most this many points; as many again are there for what it may be delayed by:
 * pauses, and the wait for the last answers.
 */
#define LOAD_POINTS 600
#define MAX_POINTS (2 * LOAD_POINTS)

struct timeline {
    uint64_t started_ns;
    uint64_t step_ns;
    struct timeline_point *points; /* MAX_POINTS of them */
    size_t count;
    bool cut;

    /* The point being filled. */
    struct timeline_point open;
    bool is_open;
    double in_flight_ns; /* integral */
    struct histogram *ttft;
    struct histogram *e2e;
};

DEFINE_CLEANUP(struct timeline, timeline_free)

struct timeline *timeline_free(struct timeline *timeline)
{
    if (!timeline)
        return NULL;
    histogram_free(timeline->ttft);
    histogram_free(timeline->e2e);
    free(timeline->points);
    free(timeline);
    return NULL;
}

/* Whole seconds, so many that the load fits. */
static uint64_t step_of(const struct plan *plan)
{
    const uint64_t room_ns = LOAD_POINTS * NS_PER_S;
    const uint64_t seconds = (plan_duration_ns(plan) + room_ns - 1) / room_ns;

    return (seconds > 0 ? seconds : 1) * NS_PER_S;
}

int timeline_new(const struct plan *plan, uint64_t started_ns,
                 struct timeline **ret_timeline)
{
    CLEANUP(timeline_freep) struct timeline *timeline = calloc(1, sizeof(*timeline));

    if (!timeline)
        return -ENOMEM;
    timeline->started_ns = started_ns;
    timeline->step_ns = step_of(plan);
    timeline->points = calloc(MAX_POINTS, sizeof(*timeline->points));
    if (!timeline->points || histogram_new(HISTOGRAM_COARSE, &timeline->ttft) < 0 ||
        histogram_new(HISTOGRAM_COARSE, &timeline->e2e) < 0)
        return -ENOMEM;
    *ret_timeline = TAKE(timeline);
    return 0;
}

static void open_point(struct timeline *timeline, uint64_t start_ns)
{
    timeline->open = (struct timeline_point){.start_ns = start_ns};
    timeline->in_flight_ns = 0;
    timeline->is_open = true;
    histogram_reset(timeline->ttft);
    histogram_reset(timeline->e2e);
}

static void close_point(struct timeline *timeline)
{
    struct timeline_point *point = &timeline->open;
    const uint64_t length_ns = point->end_ns - point->start_ns;

    timeline->is_open = false;
    if (timeline->count == MAX_POINTS) {
        timeline->cut = true;
        return;
    }
    point->in_flight = length_ns > 0 ? timeline->in_flight_ns / (double)length_ns : 0;
    point->ttft_p50 = histogram_quantile(timeline->ttft, 0.50);
    point->ttft_p95 = histogram_quantile(timeline->ttft, 0.95);
    point->e2e_p50 = histogram_quantile(timeline->e2e, 0.50);
    point->e2e_p95 = histogram_quantile(timeline->e2e, 0.95);
    timeline->points[timeline->count++] = *point;
}

/* Both are coarse: they always merge. */
static void merge(struct histogram *into, const struct histogram *from)
{
    if (from)
        (void)histogram_merge(into, from);
}

void timeline_add(struct timeline *timeline, const struct interval_view *interval)
{
    const struct counters *counters = interval->total.counters;
    struct timeline_point *point = &timeline->open;

    if (!timeline->is_open)
        open_point(timeline, interval->start_ns - timeline->started_ns);
    point->end_ns = interval->end_ns - timeline->started_ns;
    point->users_wanted = interval->users.wanted;
    point->users_active = interval->users.active;
    point->requests += counters->ok + counters->degraded + counters->failed;
    point->failed += counters->failed;
    point->completion_tokens += counters->completion_tokens;
    timeline->in_flight_ns +=
        interval->mean_in_flight * (double)(interval->end_ns - interval->start_ns);
    merge(timeline->ttft, interval->total.histograms[METRIC_TTFT]);
    merge(timeline->e2e, interval->total.histograms[METRIC_E2E]);
    /* Ticks come a little late: half an interval short of a step is a step. */
    if (point->end_ns - point->start_ns + (interval->end_ns - interval->start_ns) / 2 >=
        timeline->step_ns)
        close_point(timeline);
}

uint64_t timeline_step_ns(const struct timeline *timeline)
{
    return timeline->step_ns;
}

const struct timeline_point *timeline_points(const struct timeline *timeline,
                                             size_t *ret_count)
{
    *ret_count = timeline->count;
    return timeline->points;
}

bool timeline_is_cut(const struct timeline *timeline)
{
    return timeline->cut;
}
