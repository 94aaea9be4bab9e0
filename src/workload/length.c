#include "workload/length.h"

#include <math.h>

#include "base/rng.h"
#include "plan/data.h"

/* One draw, before the limits. The lognormal is the one whose own mean and deviation are asked for. */
static double draw(const struct plan_length *length, struct rng *rng)
{
    const double mean = length->mean_tokens;
    const double deviation = length->deviation_tokens;

    switch (length->kind) {
    case PLAN_LENGTH_NONE:
        return 0;
    case PLAN_LENGTH_CONSTANT:
        return mean;
    case PLAN_LENGTH_UNIFORM:
        return (double)(length->min_tokens +
                        rng_below(rng, length->max_tokens - length->min_tokens + 1));
    case PLAN_LENGTH_NORMAL:
        return mean + deviation * rng_normal(rng);
    case PLAN_LENGTH_LOGNORMAL: {
        const double variance = log1p(deviation / mean * (deviation / mean));

        return exp(log(mean) - variance / 2 + sqrt(variance) * rng_normal(rng));
    }
    }
    return mean;
}

uint64_t length_draw(const struct plan_length *length, struct rng *rng)
{
    double tokens = 0;

    if (length->kind == PLAN_LENGTH_NONE)
        return 0;
    for (int i = 0; i < LENGTH_TRIES; i++) {
        tokens = round(draw(length, rng));
        if (tokens >= (double)length->min_tokens && tokens <= (double)length->max_tokens)
            return (uint64_t)tokens;
    }
    return tokens < (double)length->min_tokens ? length->min_tokens : length->max_tokens;
}
