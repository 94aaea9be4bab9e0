#include "base/rng.h"

#include <math.h>

/* SplitMix64 steps its state by this: 2^64 divided by the golden ratio, made odd. */
#define SPLITMIX_STEP UINT64_C(0x9E3779B97F4A7C15)

uint64_t rng_mix(uint64_t value)
{
    value += SPLITMIX_STEP;
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

void rng_init(struct rng *rng, uint64_t seed, uint64_t ordinal, uint64_t iteration,
              enum rng_purpose purpose)
{
    uint64_t key = rng_mix(seed);

    key = rng_mix(key ^ ordinal);
    key = rng_mix(key ^ iteration);
    key = rng_mix(key ^ (uint64_t)purpose);
    /* rng_mix() is a bijection, so the four differ and are never all zero, as xoshiro demands. */
    for (int i = 0; i < 4; i++, key += SPLITMIX_STEP)
        rng->state[i] = rng_mix(key);
}

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

uint64_t rng_next(struct rng *rng)
{
    uint64_t *s = rng->state;
    const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)rng_next(rng) * bound;

    if ((uint64_t)product < bound) {
        const uint64_t threshold = -bound % bound;

        while ((uint64_t)product < threshold)
            product = (wide)rng_next(rng) * bound;
    }
    return (uint64_t)(product >> 64);
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1.0p-53;
}

double rng_normal(struct rng *rng)
{
    const double radius = sqrt(2.0 * rng_exponential(rng));

    return radius * cos(2.0 * M_PI * rng_unit(rng));
}

double rng_exponential(struct rng *rng)
{
    return -log1p(-rng_unit(rng));
}

double rng_gamma(struct rng *rng, double shape)
{
    const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3.0;
    const double c = 1.0 / sqrt(9.0 * d);
    double v;
    double x;

    do {
        x = rng_normal(rng);
        v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
    } while (v <= 0 || log1p(-rng_unit(rng)) >= 0.5 * x * x + d - d * v + d * log(v));
    /* Below 1, that of shape + 1 is scaled: their section 6. */
    return shape < 1 ? d * v * pow(1.0 - rng_unit(rng), 1.0 / shape) : d * v;
}
