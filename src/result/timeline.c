#include "result/timeline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/customs.h"
#include "measure/recorder.h"
#include "plan/plan.h"

/*
 * The load fills at most this many points; as many again are there for what it may be delayed by:
 * pauses, and the wait for the last answers.
 */
#define LOAD_POINTS 600
#define MAX_POINTS (2 * LOAD_POINTS)

struct timeline {
    const struct plan *plan;
    const struct pauses *pauses; /* NULL: there are none */
    uint64_t started_ns;
    uint64_t step_ns;
    struct timeline_point *points; /* MAX_POINTS of them */
    struct timeline_custom
        *point_customs; /* of all points; NULL: the plan has no metrics */
    size_t count;
    bool cut;

    /* The point being filled. */
    struct timeline_point open;
    bool is_open;
    double in_flight_ns; /* integral */
    struct histogram *latencies[TIMELINE_LATENCIES];
    struct histogram *delays[TIMELINE_DELAYS];
    struct customs customs;
};

static const enum metric latency_metrics[TIMELINE_LATENCIES] = {METRIC_TTFT, METRIC_ICL,
                                                                METRIC_TPOT, METRIC_E2E};
static const enum metric delay_metrics[TIMELINE_DELAYS] = {METRIC_SCHEDULE_LAG,
                                                           METRIC_LOOP_LAG};

enum metric timeline_latency(size_t index)
{
    assert(index < TIMELINE_LATENCIES);
    return latency_metrics[index];
}

enum metric timeline_delay(size_t index)
{
    assert(index < TIMELINE_DELAYS);
    return delay_metrics[index];
}

DEFINE_CLEANUP(struct timeline, timeline_free)

struct timeline *timeline_free(struct timeline *timeline)
{
    if (!timeline)
        return NULL;
    for (size_t i = 0; i < TIMELINE_LATENCIES; i++)
        histogram_free(timeline->latencies[i]);
    for (size_t i = 0; i < TIMELINE_DELAYS; i++)
        histogram_free(timeline->delays[i]);
    customs_deinit(&timeline->customs);
    free(timeline->point_customs);
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

static int new_histograms(struct histogram **histograms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (histogram_new(HISTOGRAM_COARSE, &histograms[i]) < 0)
            return -ENOMEM;
    return 0;
}

int timeline_new(const struct plan *plan, uint64_t started_ns,
                 struct timeline **ret_timeline)
{
    CLEANUP(timeline_freep) struct timeline *timeline = calloc(1, sizeof(*timeline));

    if (!timeline)
        return -ENOMEM;
    timeline->plan = plan;
    timeline->started_ns = started_ns;
    timeline->step_ns = step_of(plan);
    timeline->points = calloc(MAX_POINTS, sizeof(*timeline->points));
    if (plan->metric_count > 0)
        timeline->point_customs =
            calloc(MAX_POINTS * plan->metric_count, sizeof(*timeline->point_customs));
    if (!timeline->points || (plan->metric_count > 0 && !timeline->point_customs) ||
        new_histograms(timeline->latencies, TIMELINE_LATENCIES) < 0 ||
        new_histograms(timeline->delays, TIMELINE_DELAYS) < 0)
        return -ENOMEM;
    *ret_timeline = TAKE(timeline);
    return 0;
}

void timeline_follow(struct timeline *timeline, const struct plan *plan)
{
    timeline->plan = plan;
}

void timeline_heed(struct timeline *timeline, const struct pauses *pauses)
{
    timeline->pauses = pauses;
}

/* What the load's clock shows so long after the start. */
static uint64_t load_time_ns(const struct timeline *timeline, uint64_t offset_ns)
{
    if (!timeline->pauses)
        return offset_ns;
    return pauses_load_ns(timeline->pauses, timeline->started_ns,
                          timeline->started_ns + offset_ns);
}

/* The phase that a moment of the load falls into. */
static const char *phase_at(const struct plan *plan, uint64_t offset_ns)
{
    uint64_t end_ns = 0;

    for (size_t i = 0; i < plan->phase_count; i++) {
        end_ns += plan->phases[i].duration_ns;
        if (offset_ns < end_ns)
            return plan->phases[i].name;
    }
    return "";
}

static void open_point(struct timeline *timeline, uint64_t start_ns)
{
    timeline->open = (struct timeline_point){
        .start_ns = start_ns,
        .phase = phase_at(timeline->plan, load_time_ns(timeline, start_ns))};
    timeline->in_flight_ns = 0;
    timeline->is_open = true;
    for (size_t i = 0; i < TIMELINE_LATENCIES; i++)
        histogram_reset(timeline->latencies[i]);
    for (size_t i = 0; i < TIMELINE_DELAYS; i++)
        histogram_reset(timeline->delays[i]);
    customs_reset(&timeline->customs);
}

static struct timeline_quantiles quantiles_of(const struct histogram *histogram)
{
    return (struct timeline_quantiles){
        .p50 = histogram_quantile(histogram, 0.50),
        .p95 = histogram_quantile(histogram, 0.95),
        .p99 = histogram_quantile(histogram, 0.99),
    };
}

/* What the point in hand has of the scenario's own metrics, in the place of the next point. */
static const struct timeline_custom *close_customs(struct timeline *timeline)
{
    const size_t count = timeline->plan->metric_count;
    struct timeline_custom *closed = NULL;

    if (count == 0)
        return NULL;
    closed = &timeline->point_customs[timeline->count * count];
    for (size_t i = 0; i < timeline->customs.count; i++) {
        const struct custom *custom = &timeline->customs.each[i];

        closed[i].values = *custom;
        closed[i].values.histogram = NULL;
        if (custom->histogram)
            closed[i].quantiles = quantiles_of(custom->histogram);
    }
    return closed;
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
    for (size_t i = 0; i < TIMELINE_LATENCIES; i++)
        point->latencies[i] = quantiles_of(timeline->latencies[i]);
    for (size_t i = 0; i < TIMELINE_DELAYS; i++)
        point->delays_p99[i] = histogram_quantile(timeline->delays[i], 0.99);
    point->customs = close_customs(timeline);
    timeline->points[timeline->count++] = *point;
}

/* Both are coarse: they always merge. */
static void merge(struct histogram *into, const struct histogram *from)
{
    if (from)
        (void)histogram_merge(into, from);
}

/* A trend's first value takes memory for all later ones: where there is none, it is left out. */
static void add_customs(struct timeline *timeline, const struct custom *seen)
{
    (void)customs_merge(&timeline->customs, seen, timeline->plan->metric_count,
                        HISTOGRAM_COARSE);
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
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (outcome_is_failure(outcome))
            point->failures[outcome] += counters->outcomes[outcome];
    point->slo_met += counters->slo_met;
    point->arrivals += counters->arrivals;
    point->dropped += counters->dropped_iterations;
    point->completion_tokens += counters->completion_tokens;
    if (__builtin_add_overflow(point->cost_pusd, counters->cost_pusd, &point->cost_pusd))
        point->cost_pusd = INT64_MAX;
    timeline->in_flight_ns +=
        interval->mean_in_flight * (double)(interval->end_ns - interval->start_ns);
    for (size_t i = 0; i < TIMELINE_LATENCIES; i++)
        merge(timeline->latencies[i], interval->total.histograms[latency_metrics[i]]);
    for (size_t i = 0; i < TIMELINE_DELAYS; i++)
        merge(timeline->delays[i], interval->total.histograms[delay_metrics[i]]);
    add_customs(timeline, interval->total.customs);
    /* Ticks come a little late: half an interval short of a step is a step. */
    if (point->end_ns - point->start_ns + (interval->end_ns - interval->start_ns) / 2 >=
        timeline->step_ns)
        close_point(timeline);
}

void timeline_end(struct timeline *timeline)
{
    if (timeline->is_open && timeline->open.end_ns > timeline->open.start_ns)
        close_point(timeline);
}

struct timeline_view timeline_view(const struct timeline *timeline)
{
    return (struct timeline_view){.plan = timeline->plan,
                                  .points = timeline->points,
                                  .count = timeline->count,
                                  .step_ns = timeline->step_ns,
                                  .is_cut = timeline->cut};
}
