/*
 * Metrics of the scenario's own (plan_metric): values → what is kept of them, by kind. Plain data;
 * all of it adds up exactly, in any order, but for the last value of a gauge.
 *
 * A trend is a histogram (base/histogram.h): a time in ms as any latency; any other number as if it
 * were so many ms, so that it has three decimals and lies in 0 to 3,600,000.
 */
#pragma once

#include <stdint.h>

struct histogram;
struct plan_metric;

/* A counter's sum is kept in these: whole numbers, which no order of adding changes. */
#define CUSTOM_MILLIONTHS 1000000

struct custom {
    uint64_t count;         /* values */
    uint64_t trues;         /* of a rate: of them, those that were not 0 */
    int64_t sum_millionths; /* of a counter; never wraps */
    double last;            /* of a gauge, as are the next three */
    double least;
    double greatest;
    uint64_t
        last_order; /* rises with each value of the run: whose last is the later one */
    /* Values that do not fit: taken as the nearest that does; what is no number is left out. */
    uint64_t unfit;
    struct histogram *histogram; /* of a trend; NULL: no value yet */
};

/* A counter's sum. */
double custom_sum(const struct custom *custom);

/* The share of a rate's values that were true; NAN where there are none. */
double custom_share(const struct custom *custom);
