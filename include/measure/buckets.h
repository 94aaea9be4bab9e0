/*
 * Fixed buckets: what Prometheus takes as a histogram. They are coarse and cost little, so that they
 * can be kept for every combination of labels; the percentiles of a result come from
 * base/histogram.h. Finding a bucket takes four comparisons and no branch.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Those of a request first, which are kept by labels; then those of the client as a whole; then those that
 * are kept by model alone.
 */
enum buckets_kind {
    BUCKETS_REQUEST_DURATION, /* e2e */
    BUCKETS_TTFT,
    BUCKETS_ICL,
    BUCKETS_TPOT,
    BUCKETS_TPS, /* 1/tpot */
    BUCKETS_SCHEDULE_LAG,
    BUCKETS_SEND_DELAY,
    BUCKETS_CLIENT_DELAY,
    BUCKETS_LOOP_LAG,
    BUCKETS_TOKENS, /* of one request */
    BUCKETS_KINDS,
};

#define BUCKETS_LABELLED_KINDS BUCKETS_SCHEDULE_LAG
#define BUCKETS_CLIENT_KINDS (BUCKETS_TOKENS - BUCKETS_SCHEDULE_LAG)
#define BUCKETS_MAX_BOUNDS 15

struct buckets {
    uint64_t
        counts[BUCKETS_MAX_BOUNDS + 1]; /* of one bucket each, not of those below it */
    uint64_t sum;                       /* of the values, in the kind's parts */
};

/* What a kind's values are: whole numbers of small parts of a unit. */
struct buckets_scale {
    double parts;       /* of the unit: 1e9 where values are ns and the unit is s */
    size_t bound_count; /* the last bucket has none */
    uint64_t bounds
        [BUCKETS_MAX_BOUNDS]; /* inclusive, in parts; UINT64_MAX where there are fewer */
};

extern const struct buckets_scale buckets_scales[BUCKETS_KINDS];

/* value: in parts. On the hot path. */
static inline void buckets_add(struct buckets *buckets, enum buckets_kind kind,
                               uint64_t value)
{
    const uint64_t *bounds = buckets_scales[kind].bounds;
    size_t at = bounds[7] < value ? 8 : 0;

    at += bounds[at + 3] < value ? 4 : 0;
    at += bounds[at + 1] < value ? 2 : 0;
    at += bounds[at] < value;
    buckets->counts[at]++;
    buckets->sum += value;
}

/* How many values there are. */
uint64_t buckets_count(const struct buckets *buckets);

/* Adds all of from, of the same kind. */
void buckets_merge(struct buckets *into, const struct buckets *from);
