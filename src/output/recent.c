#include "output/recent.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"

/* Slices of a second: the one being filled, and five that are full. */
#define SLICE_NS NS_PER_S
#define SLICE_COUNT 6

enum followed { FOLLOWED_TTFT, FOLLOWED_E2E, FOLLOWED_COUNT };

static const enum metric followed_metrics[FOLLOWED_COUNT] = {
    [FOLLOWED_TTFT] = METRIC_TTFT,
    [FOLLOWED_E2E] = METRIC_E2E,
};

struct slice {
    uint64_t length_ns;
    uint64_t requests;
    uint64_t tokens;
    struct histogram *histograms[FOLLOWED_COUNT];
};

struct recent {
    struct slice slices[SLICE_COUNT];
    size_t at; /* the slice being filled */
    struct histogram *sum;
    uint64_t failed;
    int64_t cost_pusd;
};

DEFINE_CLEANUP(struct recent, recent_free)

struct recent *recent_free(struct recent *recent)
{
    if (!recent)
        return NULL;
    for (size_t i = 0; i < SLICE_COUNT; i++)
        for (size_t j = 0; j < FOLLOWED_COUNT; j++)
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
        for (size_t j = 0; r == 0 && j < FOLLOWED_COUNT; j++)
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
    slice->requests = 0;
    slice->tokens = 0;
    for (size_t j = 0; j < FOLLOWED_COUNT; j++)
        histogram_reset(slice->histograms[j]);
}

void recent_add(struct recent *recent, const struct interval_view *interval)
{
    const struct counters *counters = interval->total.counters;

    if (recent->slices[recent->at].length_ns >= SLICE_NS)
        turn(recent);
    struct slice *slice = &recent->slices[recent->at];

    slice->length_ns += interval->end_ns - interval->start_ns;
    slice->requests += counters->ok + counters->degraded + counters->failed;
    slice->tokens += counters->completion_tokens;
    for (size_t j = 0; j < FOLLOWED_COUNT; j++) {
        const struct histogram *from = interval->total.histograms[followed_metrics[j]];

        /* Both are coarse: they always merge. */
        if (from)
            (void)histogram_merge(slice->histograms[j], from);
    }
    recent->failed += counters->failed;
    recent->cost_pusd += counters->cost_pusd;
}

static void read_quantiles(struct recent *recent, enum followed followed,
                           struct histogram_quantile *ret_p50,
                           struct histogram_quantile *ret_p95)
{
    histogram_reset(recent->sum);
    for (size_t i = 0; i < SLICE_COUNT; i++)
        (void)histogram_merge(recent->sum, recent->slices[i].histograms[followed]);
    *ret_p50 = histogram_quantile(recent->sum, 0.50);
    *ret_p95 = histogram_quantile(recent->sum, 0.95);
}

void recent_read(struct recent *recent, struct recent_figures *ret_figures)
{
    uint64_t length_ns = 0;
    uint64_t requests = 0;
    uint64_t tokens = 0;

    for (size_t i = 0; i < SLICE_COUNT; i++) {
        length_ns += recent->slices[i].length_ns;
        requests += recent->slices[i].requests;
        tokens += recent->slices[i].tokens;
    }
    const double seconds = (double)length_ns / (double)NS_PER_S;

    *ret_figures = (struct recent_figures){
        .requests_per_s = seconds > 0 ? (double)requests / seconds : 0,
        .tokens_per_s = seconds > 0 ? (double)tokens / seconds : 0,
        .failed = recent->failed,
        .cost_pusd = recent->cost_pusd,
    };
    read_quantiles(recent, FOLLOWED_TTFT, &ret_figures->ttft_p50, &ret_figures->ttft_p95);
    read_quantiles(recent, FOLLOWED_E2E, &ret_figures->e2e_p50, &ret_figures->e2e_p95);
}
