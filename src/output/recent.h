/*
 * The last few seconds of a run: intervals of a quarter second in, rates and percentiles that a
 * person can follow out. Figures of single intervals would jump.
 */
#pragma once

#include <stdint.h>

#include "base/histogram.h"

struct interval_view;
struct recent;

/* What percentiles are told of. */
enum recent_metric {
    RECENT_TTFT,
    RECENT_E2E,
    RECENT_ICL,
    RECENT_SCHEDULE_LAG,
    RECENT_LOOP_LAG,
    RECENT_METRIC_COUNT,
};

struct recent_quantiles {
    struct histogram_quantile p50;
    struct histogram_quantile p95;
    struct histogram_quantile p99;
};

/* What the last seconds were like, and what the run came to so far. */
struct recent_figures {
    double requests_per_s; /* that were answered or failed */
    double tokens_per_s;   /* output tokens of answers that ended */
    double cpu_share;      /* of one core, by the loop's thread */
    double
        unknown_share; /* of output chunks: when they arrived is not known well enough */
    struct recent_quantiles of[RECENT_METRIC_COUNT];
    double taken_per_s; /* of an open loop: arrivals that somebody took */
    uint64_t failed;    /* since the start, like the next two */
    uint64_t tokens;    /* output tokens */
    int64_t cost_pusd;
};

/* Returns 0 or -ENOMEM. */
int recent_new(struct recent **ret_recent);
struct recent *recent_free(struct recent *recent);

/* Adds an interval; allocates nothing. cpu_ns: CPU time of the loop's thread so far. */
void recent_add(struct recent *recent, const struct interval_view *interval,
                uint64_t cpu_ns);

/* Works the percentiles of a metric out anew: it merges half a dozen histograms. */
void recent_work_out(struct recent *recent, enum recent_metric metric);

/* The figures as of the last interval added, with the percentiles that were worked out last. */
void recent_read(const struct recent *recent, struct recent_figures *ret_figures);
