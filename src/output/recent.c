#include "output/recent.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"

/* Slices of a second: the one being filled, and five that are full. */
#define SLICE_NS NS_PER_S
#define SLICE_COUNT 6

static const enum metric followed[RECENT_METRIC_COUNT] = {
    [RECENT_TTFT] = METRIC_TTFT,         [RECENT_E2E] = METRIC_E2E,
    [RECENT_ICL] = METRIC_ICL,           [RECENT_SCHEDULE_LAG] = METRIC_SCHEDULE_LAG,
    [RECENT_LOOP_LAG] = METRIC_LOOP_LAG,
};

struct slice {
    uint64_t length_ns;
    uint64_t cpu_ns;
    uint64_t requests;
    uint64_t taken;
    uint64_t tokens;
    uint64_t chunks;
    uint64_t unknown_chunks;
    struct histogram *histograms[RECENT_METRIC_COUNT];
};

struct recent {
    struct slice slices[SLICE_COUNT];
    size_t at; /* the slice being filled */
    struct histogram *sum;
    struct recent_quantiles of[RECENT_METRIC_COUNT];
    uint64_t cpu_ns; /* as last told */
    uint64_t failed;
    uint64_t tokens;
    int64_t cost_pusd;
};

DEFINE_CLEANUP(struct recent, recent_free)

struct recent *recent_free(struct recent *recent)
{
    if (!recent)
        return NULL;
    for (size_t i = 0; i < SLICE_COUNT; i++)
        for (size_t j = 0; j < RECENT_METRIC_COUNT; j++)
            histogram_free(recent->slices[i].histograms[j]);
    histogram_free(recent->sum);
    free(recent);
    return NULL;
}

int recent_new(struct recent **ret_recent)
{
    CLEANUP(recent_freep) struct recent *recent = calloc(1, sizeof(*recent));
    int r = recent ? histogram_new(HISTOGRAM_COARSE, &recent->sum) : -ENOMEM;

    for (size_t i = 0; r == 0 && i < SLICE_COUNT; i++)
        for (size_t j = 0; r == 0 && j < RECENT_METRIC_COUNT; j++)
            r = histogram_new(HISTOGRAM_COARSE, &recent->slices[i].histograms[j]);
    if (r < 0)
        return r;
    *ret_recent = TAKE(recent);
    return 0;
}

/* The next slice, empty. */
static void turn(struct recent *recent)
{
    recent->at = (recent->at + 1) % SLICE_COUNT;
    struct slice *slice = &recent->slices[recent->at];

    slice->length_ns = 0;
    slice->cpu_ns = 0;
    slice->requests = 0;
    slice->taken = 0;
    slice->tokens = 0;
    slice->chunks = 0;
    slice->unknown_chunks = 0;
    for (size_t j = 0; j < RECENT_METRIC_COUNT; j++)
        histogram_reset(slice->histograms[j]);
}

void recent_work_out(struct recent *recent, enum recent_metric metric)
{
    histogram_reset(recent->sum);
    for (size_t i = 0; i < SLICE_COUNT; i++)
        (void)histogram_merge(recent->sum, recent->slices[i].histograms[metric]);
    recent->of[metric] = (struct recent_quantiles){
        .p50 = histogram_quantile(recent->sum, 0.50),
        .p95 = histogram_quantile(recent->sum, 0.95),
        .p99 = histogram_quantile(recent->sum, 0.99),
    };
}

void recent_add(struct recent *recent, const struct interval_view *interval,
                uint64_t cpu_ns)
{
    const struct counters *counters = interval->total.counters;

    if (recent->slices[recent->at].length_ns >= SLICE_NS)
        turn(recent);
    struct slice *slice = &recent->slices[recent->at];

    slice->length_ns += interval->end_ns - interval->start_ns;
    slice->cpu_ns += recent->cpu_ns > 0 ? cpu_ns - recent->cpu_ns : 0;
    slice->requests += counters->ok + counters->degraded + counters->failed;
    slice->taken += counters->arrivals_taken;
    slice->tokens += counters->completion_tokens;
    slice->chunks += counters->chunks;
    slice->unknown_chunks += counters->unresolved_chunks;
    for (size_t j = 0; j < RECENT_METRIC_COUNT; j++) {
        const struct histogram *from = interval->total.histograms[followed[j]];

        /* Both are coarse: they always merge. */
        if (from)
            (void)histogram_merge(slice->histograms[j], from);
    }
    recent->cpu_ns = cpu_ns;
    recent->failed += counters->failed;
    recent->tokens += counters->completion_tokens;
    recent->cost_pusd += counters->cost_pusd;
}

void recent_read(const struct recent *recent, struct recent_figures *ret_figures)
{
    struct slice sum = {0};

    for (size_t i = 0; i < SLICE_COUNT; i++) {
        const struct slice *slice = &recent->slices[i];

        sum.length_ns += slice->length_ns;
        sum.cpu_ns += slice->cpu_ns;
        sum.requests += slice->requests;
        sum.taken += slice->taken;
        sum.tokens += slice->tokens;
        sum.chunks += slice->chunks;
        sum.unknown_chunks += slice->unknown_chunks;
    }
    const double seconds = (double)sum.length_ns / (double)NS_PER_S;

    *ret_figures = (struct recent_figures){
        .requests_per_s = seconds > 0 ? (double)sum.requests / seconds : 0,
        .taken_per_s = seconds > 0 ? (double)sum.taken / seconds : 0,
        .tokens_per_s = seconds > 0 ? (double)sum.tokens / seconds : 0,
        .cpu_share = sum.length_ns > 0 ? (double)sum.cpu_ns / (double)sum.length_ns : 0,
        .unknown_share =
            sum.chunks > 0 ? (double)sum.unknown_chunks / (double)sum.chunks : 0,
        .failed = recent->failed,
        .tokens = recent->tokens,
        .cost_pusd = recent->cost_pusd,
    };
    for (size_t j = 0; j < RECENT_METRIC_COUNT; j++)
        ret_figures->of[j] = recent->of[j];
}
