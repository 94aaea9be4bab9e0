#include "measure/binomial.h"

#include <math.h>

/* A term so much smaller than the sum ends it. */
#define NEGLIGIBLE 1e-17
/* Halvings of [0, 1] until two doubles are next to each other. */
#define HALVINGS 60

/* The logarithm of P(X = count); 0 < share < 1. */
static double log_term(uint64_t count, uint64_t of, double share)
{
    const double n = (double)of;
    const double k = (double)count;
    int sign;

    return lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign) +
           k * log(share) + (n - k) * log1p(-share);
}

/* Sums from count down to 0. The terms fall where count is below the mean, and are summed as well elsewhere. */
static double sum_down(uint64_t count, uint64_t of, double share)
{
    const double odds = (1 - share) / share;
    double term = exp(log_term(count, of, share));
    double sum = term;

    for (uint64_t k = count; k > 0 && term > sum * NEGLIGIBLE; k--) {
        term *= odds * (double)k / (double)(of - k + 1);
        sum += term;
    }
    return sum;
}

double binomial_at_most(uint64_t count, uint64_t of, double share)
{
    if (count >= of || share <= 0)
        return 1;
    if (share >= 1)
        return 0;
    if ((double)count > (double)of * share) /* the shorter tail is the exact one */
        return 1 - sum_down(of - count - 1, of, 1 - share);
    return sum_down(count, of, share);
}

double binomial_at_least(uint64_t count, uint64_t of, double share)
{
    if (count == 0)
        return 1;
    if (count > of)
        return 0;
    return binomial_at_most(of - count, of, 1 - share);
}

struct binomial_interval binomial_interval_of(uint64_t count, uint64_t of, double error)
{
    struct binomial_interval interval = {.low = 0, .high = 1};
    double inside = of > 0 ? (double)count / (double)of : 0;
    double outside = 0;

    if (of == 0)
        return interval;
    for (int i = 0; count > 0 && i < HALVINGS; i++) {
        const double middle = (inside + outside) / 2;

        if (binomial_at_least(count, of, middle) < error / 2)
            outside = middle;
        else
            inside = middle;
    }
    interval.low = outside;
    inside = (double)count / (double)of;
    outside = 1;
    for (int i = 0; count < of && i < HALVINGS; i++) {
        const double middle = (inside + outside) / 2;

        if (binomial_at_most(count, of, middle) < error / 2)
            outside = middle;
        else
            inside = middle;
    }
    interval.high = outside;
    return interval;
}
