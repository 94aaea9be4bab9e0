/*
 * How sure it is that a threshold holds, or is crossed, by what was observed so far. A percentile against a
 * limit is a count: of all observations so many were over it, and so many may be; whether the truth is on
 * one side is then an exact binomial test. So is a share. A mean is tested by its standard error. For all
 * else the value is taken as it stands.
 *
 * Observations are taken as independent. In a queue they are not quite: neighbours wait together. Who wants
 * to be surer repeats the measurement.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "measure/threshold.h"

struct plan_threshold;
struct recorder;

enum certainty {
    CERTAINTY_UNDECIDED,
    CERTAINTY_HOLDS,
    CERTAINTY_BREAKS,
};

/* "undecided", "holds", "breaks". */
const char *certainty_name(enum certainty certainty);

struct threshold_certainty {
    enum certainty certainty;
    bool leans_to_holding; /* what is more likely, where it is undecided */
    struct threshold_judgement judgement;
    /* Where it is a count: */
    bool is_count;
    uint64_t missed; /* observations on the wrong side of the limit … */
    uint64_t of;     /* … of so many */
    double may_miss; /* the share of them that is allowed */
};

/*
 * pending: requests that began and are not over; each may still turn out either way, so that neither is
 * sure while they could change it, and they lean to missing it. error: the chance that is accepted of being
 * wrong, on each side. The rest as threshold_judge().
 */
struct threshold_certainty threshold_certainty_of(const struct plan_threshold *threshold,
                                                  const struct recorder *recorder,
                                                  uint64_t load_end_ns,
                                                  const struct trust *trust,
                                                  uint64_t pending, double error);
