#include "workload/pause.h"

#include <assert.h>
#include <math.h>

#include "base/rng.h"
#include "plan/people.h"

/*
 * A distribution seen through a window [low, high]: how much of it lies below, inside and above,
 * and the mean of the part inside. All that the rule of redraws needs.
 */
struct window {
    double low; /* ns */
    double high;
    double below; /* probabilities */
    double inside;
    double above;
    double mean; /* of the part inside, ns */
};

/* The lognormal whose own mean and standard deviation are base and variance. */
struct lognormal {
    double mu; /* of the logarithm */
    double sigma;
};

static struct lognormal lognormal_of(const struct plan_pause *pause)
{
    const double mean = (double)pause->base_ns;
    const double ratio = (double)pause->variance_ns / mean;
    const double variance = log1p(ratio * ratio);

    return (struct lognormal){.mu = log(mean) - variance / 2, .sigma = sqrt(variance)};
}

/* Whether a draw is always the same value. */
static bool is_fixed(const struct plan_pause *pause)
{
    switch (pause->kind) {
    case PLAN_PAUSE_NONE:
    case PLAN_PAUSE_CONSTANT:
        return true;
    case PLAN_PAUSE_UNIFORM:
    case PLAN_PAUSE_GAUSSIAN:
        return pause->variance_ns == 0;
    case PLAN_PAUSE_EXPONENTIAL:
        return pause->base_ns == 0;
    case PLAN_PAUSE_LOGNORMAL:
        return pause->base_ns == 0 || pause->variance_ns == 0;
    }
    return true;
}

static double clamp(const struct plan_pause *pause, double value_ns)
{
    const double low = (double)pause->min_ns;
    const double high = (double)pause->max_ns;

    if (value_ns < low)
        return low;
    return value_ns > high ? high : value_ns;
}

static double fixed_ns(const struct plan_pause *pause)
{
    if (pause->kind == PLAN_PAUSE_NONE)
        return 0;
    return clamp(pause, (double)pause->base_ns);
}

static double raw_draw_ns(const struct plan_pause *pause, struct rng *rng)
{
    const double base = (double)pause->base_ns;
    const double variance = (double)pause->variance_ns;
    struct lognormal shape;

    switch (pause->kind) {
    case PLAN_PAUSE_NONE:
        return 0;
    case PLAN_PAUSE_CONSTANT:
        return base;
    case PLAN_PAUSE_UNIFORM:
        return base + variance * (2 * rng_unit(rng) - 1);
    case PLAN_PAUSE_GAUSSIAN:
        return base + variance * rng_normal(rng);
    case PLAN_PAUSE_EXPONENTIAL:
        return base * rng_exponential(rng);
    case PLAN_PAUSE_LOGNORMAL:
        shape = lognormal_of(pause);
        return exp(shape.mu + shape.sigma * rng_normal(rng));
    }
    return 0;
}

/* A pause of 2^63 ns is 292 years: the cast needs no more. */
static uint64_t whole_ns(double value_ns)
{
    return value_ns >= 0x1p63 ? UINT64_C(1) << 63 : (uint64_t)llround(value_ns);
}

uint64_t pause_draw_ns(const struct plan_pause *pause, struct rng *rng)
{
    double value_ns = 0;

    assert(pause->min_ns <= pause->max_ns);
    if (is_fixed(pause))
        return whole_ns(fixed_ns(pause));

    for (int i = 0; i < PAUSE_TRIES; i++) {
        value_ns = raw_draw_ns(pause, rng);
        if (value_ns >= (double)pause->min_ns && value_ns <= (double)pause->max_ns)
            return whole_ns(value_ns);
    }
    return whole_ns(clamp(pause, value_ns));
}

static double normal_density(double z)
{
    return exp(-z * z / 2) / sqrt(2 * M_PI);
}

/* Φ(to) − Φ(from), from the side where the tails do not cancel. */
static double normal_between(double from, double to)
{
    if (from > 0)
        return (erfc(from * M_SQRT1_2) - erfc(to * M_SQRT1_2)) / 2;
    return (erfc(-to * M_SQRT1_2) - erfc(-from * M_SQRT1_2)) / 2;
}

static void look_at_uniform(const struct plan_pause *pause, struct window *window)
{
    const double half = (double)pause->variance_ns;
    const double from = (double)pause->base_ns - half;
    const double to = (double)pause->base_ns + half;
    const double low = fmin(fmax(window->low, from), to);
    const double high = fmin(fmax(window->high, from), to);

    window->below = (low - from) / (2 * half);
    window->inside = (high - low) / (2 * half);
    window->above = (to - high) / (2 * half);
    window->mean = (low + high) / 2;
}

static void look_at_gaussian(const struct plan_pause *pause, struct window *window)
{
    const double sd = (double)pause->variance_ns;
    const double from = (window->low - (double)pause->base_ns) / sd;
    const double to = (window->high - (double)pause->base_ns) / sd;

    window->below = normal_between(-HUGE_VAL, from);
    window->inside = normal_between(from, to);
    window->above = normal_between(to, HUGE_VAL);
    window->mean = (double)pause->base_ns +
                   sd * (normal_density(from) - normal_density(to)) / window->inside;
}

static void look_at_exponential(const struct plan_pause *pause, struct window *window)
{
    const double mean = (double)pause->base_ns;
    const double width = window->high - window->low;

    window->below = -expm1(-window->low / mean);
    window->inside = exp(-window->low / mean) * -expm1(-width / mean);
    window->above = exp(-window->high / mean);
    window->mean = window->low + mean - width / expm1(width / mean);
}

static void look_at_lognormal(const struct plan_pause *pause, struct window *window)
{
    const struct lognormal shape = lognormal_of(pause);
    const double from = (log(window->low) - shape.mu) / shape.sigma;
    const double to = (log(window->high) - shape.mu) / shape.sigma;

    window->below = normal_between(-HUGE_VAL, from);
    window->inside = normal_between(from, to);
    window->above = normal_between(to, HUGE_VAL);
    window->mean = (double)pause->base_ns *
                   normal_between(from - shape.sigma, to - shape.sigma) / window->inside;
}

double pause_mean_ns(const struct plan_pause *pause)
{
    struct window window = {.low = (double)pause->min_ns, .high = (double)pause->max_ns};
    double missed;
    double outside;
    double at_limits;

    assert(pause->min_ns <= pause->max_ns);
    if (is_fixed(pause))
        return fixed_ns(pause);

    switch (pause->kind) {
    case PLAN_PAUSE_NONE:
    case PLAN_PAUSE_CONSTANT:
        break;
    case PLAN_PAUSE_UNIFORM:
        look_at_uniform(pause, &window);
        break;
    case PLAN_PAUSE_GAUSSIAN:
        look_at_gaussian(pause, &window);
        break;
    case PLAN_PAUSE_EXPONENTIAL:
        look_at_exponential(pause, &window);
        break;
    case PLAN_PAUSE_LOGNORMAL:
        look_at_lognormal(pause, &window);
        break;
    }

    /* The last draw, had all missed, is below or above in the proportion of these two. */
    outside = window.below + window.above;
    if (outside <= 0)
        return window.mean;
    at_limits = (window.below * window.low + window.above * window.high) / outside;
    if (window.inside <= 0)
        return at_limits;
    missed = pow(outside, PAUSE_TRIES);
    return (1 - missed) * clamp(pause, window.mean) + missed * at_limits;
}

double pause_raw_sd_ns(const struct plan_pause *pause)
{
    if (is_fixed(pause))
        return 0;

    switch (pause->kind) {
    case PLAN_PAUSE_NONE:
    case PLAN_PAUSE_CONSTANT:
        return 0;
    case PLAN_PAUSE_UNIFORM:
        return (double)pause->variance_ns / sqrt(3);
    case PLAN_PAUSE_EXPONENTIAL:
        return (double)pause->base_ns;
    case PLAN_PAUSE_GAUSSIAN:
    case PLAN_PAUSE_LOGNORMAL:
        return (double)pause->variance_ns;
    }
    return 0;
}
