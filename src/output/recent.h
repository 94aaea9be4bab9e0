/*
 * The last few seconds of a run: intervals of a quarter second in, rates and percentiles that a
 * person can follow out. Figures of single intervals would jump.
 */
#pragma once

#include <stdint.h>

#include "base/histogram.h"

struct interval_view;
struct recent;

/* What the last seconds were like, and what the run came to so far. */
struct recent_figures {
    double requests_per_s; /* that were answered or failed */
    double tokens_per_s;   /* output tokens of answers that ended */
    struct histogram_quantile ttft_p50;
    struct histogram_quantile ttft_p95;
    struct histogram_quantile e2e_p50;
    struct histogram_quantile e2e_p95;
    uint64_t failed; /* since the start, like the cost */
    int64_t cost_pusd;
};

/* Returns 0 or -ENOMEM. */
int recent_new(struct recent **ret_recent);
struct recent *recent_free(struct recent *recent);

/* Adds an interval; allocates nothing. */
void recent_add(struct recent *recent, const struct interval_view *interval);

/* Reads the figures as of the last interval added. */
void recent_read(struct recent *recent, struct recent_figures *ret_figures);
