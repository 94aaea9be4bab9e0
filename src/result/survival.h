/*
 * Observations of which some are censored (known only to be longer than seen) → quantiles of what
 * they were drawn from: the product-limit estimator (Kaplan and Meier, "Nonparametric Estimation from
 * Incomplete Observations", 1958). Without censored ones it is the plain distribution. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

struct observation {
    double least; /* it lies between these two, anywhere; often they are the same */
    double most;
    double weight;
    bool is_censored; /* it is more than `least` */
};

/* Zeroed it is empty. */
struct survival {
    struct observation *observations; /* owned */
    size_t count;
    size_t capacity;
    uint64_t seen; /* with those that there was no room for: who stays is drawn evenly */
    uint64_t uncensored; /* of them */
    struct rng rng;
};

void survival_deinit(struct survival *survival);

/* Returns 0; -ENOMEM. */
int survival_add(struct survival *survival, struct observation observation);

/*
 * count quantiles, equally far apart from the least to the greatest, count ≥ 2; it sorts the
 * observations. What lies behind the last that was observed is put at the longest that was waited.
 * Returns whether anything was observed: else nothing is written.
 */
bool survival_quantiles(struct survival *survival, size_t count, double *ret_points);
