/*
 * What a histogram holds. It is written by histogram.c and histogram_archive.c alone.
 */
#pragma once

#include <stdint.h>

#include <hdr/hdr_histogram.h>

#include "base/histogram.h"

#define LOWEST_US 1
#define NS_IN_US 1000
#define HIGHEST_US ((int64_t)(HISTOGRAM_MOST_NS / NS_IN_US))
#define US_IN_S 1e6

/* 2^64 squares of an hour in µs fit into it. */
__extension__ typedef unsigned __int128 uint128;

/*
 * What buckets cannot tell: HdrHistogram's mean takes each bucket's middle, and may so lie outside
 * of what was observed.
 */
struct sums {
    uint64_t us;
    uint128 squares;
};

struct histogram {
    struct hdr_histogram *observed; /* µs */
    struct hdr_histogram *censored; /* times waited in µs; made at the first one */
    struct sums observed_sums;
    struct sums censored_sums;
    enum histogram_digits digits;
    uint64_t clamped;
    uint64_t
        censored_lost; /* no memory for `censored`: counted as if they had waited 0 */
};

/* hdr_init() with counts in pages of their own. Returns 0 or -ENOMEM; histogram_free() releases it. */
int histogram_new_counts(enum histogram_digits digits, struct hdr_histogram **ret_hdr);

/* Where counts may be other than 0: from begin on, before end. */
struct histogram_range {
    int32_t begin;
    int32_t end;
};
struct histogram_range histogram_used(const struct hdr_histogram *hdr);
