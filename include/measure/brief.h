/*
 * A brief histogram: latencies of one of many, in 332 bytes. 8 buckets an octave from 1 ms to 18 minutes, so
 * that a quantile is off by at most 1/16 of its value (below 1 ms it is 0.5 ms); the greatest is exact.
 * A bucket counts to 65,535: before it would pass that, all are halved, which keeps their proportions.
 */
#pragma once

#include <stdint.h>

#include "base/histogram.h"

#define BRIEF_OCTAVES 20
#define BRIEF_PER_OCTAVE 8
#define BRIEF_BUCKETS                                                                    \
    (BRIEF_OCTAVES * BRIEF_PER_OCTAVE + 2) /* and what is below and above */

/* All zero: nothing yet. The fields are private. */
struct brief {
    uint64_t max_ns;
    uint16_t buckets[BRIEF_BUCKETS];
    uint16_t missed; /* observations whose value is only known to be above all others */
};

/* Records a value in ns. */
void brief_add(struct brief *brief, uint64_t value_ns);

/* One that had not happened when it was given up: above all others. */
void brief_miss(struct brief *brief);

/*
 * The q-quantile (0 < q ≤ 1) by nearest rank. Not known where there is nothing; `above`, with the greatest
 * that was seen, where the rank falls among those that were missed.
 */
struct histogram_quantile brief_quantile(const struct brief *brief, double q);
