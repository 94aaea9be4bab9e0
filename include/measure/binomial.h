/*
 * How likely counts are: the exact binomial distribution, for tests of a share against a limit that hold
 * for any number of observations.
 */
#pragma once

#include <stdint.h>

/*
 * P(X ≤ count) and P(X ≥ count) of X ~ Binomial(of, share); 0 ≤ share ≤ 1. Summed term by term outwards
 * from count, until what is left is below 1e-16 of the sum; terms by lgamma, exact to about 1e-11.
 */
double binomial_at_most(uint64_t count, uint64_t of, double share);
double binomial_at_least(uint64_t count, uint64_t of, double share);

/* An interval that the true share of successes lies in. */
struct binomial_interval {
    double low;
    double high;
};

/*
 * The exact two-sided interval (Clopper and Pearson, "The use of confidence or fiducial limits illustrated
 * in the case of the binomial", Biometrika 26, 1934); error: the chance that the truth lies outside it,
 * half on each side. of = 0: from 0 to 1.
 */
struct binomial_interval binomial_interval_of(uint64_t count, uint64_t of, double error);
