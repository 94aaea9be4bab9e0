/*
 * Random streams. Each is keyed (seed, ordinal, iteration, purpose), so what a user draws depends
 * neither on the other users nor on how often another purpose drew: the same seed makes the same
 * load for any number of workers. Generator: xoshiro256** 1.0 (Blackman & Vigna, 2018), state
 * filled by SplitMix64 over the key. Not for secrets.
 */
#pragma once

#include <stdint.h>

struct rng {
    uint64_t state[4];
};

/* What a stream is for: one per kind of draw, so that adding a draw never shifts the others. */
enum rng_purpose {
    RNG_CLASS,
    RNG_THINK,
    RNG_QUESTION,
    RNG_FLOW,
    RNG_PATIENCE,
    RNG_RETRY,
    RNG_ARRIVAL,
    RNG_FEEDER,
    RNG_SIMULATOR,
    RNG_FAULT,
    RNG_TEST,
    RNG_CHAOS,
    RNG_LATE,
    RNG_TEMPLATE,
    RNG_PERSON,
    RNG_LENGTH,
    RNG_WORDS,
    RNG_PREFIX,
    RNG_HEAD_COUNT,
    RNG_RESAMPLE,
    RNG_ARM,
};

/* Starts the stream of a key. Equal keys give equal streams. */
void rng_init(struct rng *rng, uint64_t seed, uint64_t ordinal, uint64_t iteration,
              enum rng_purpose purpose);

/* The next 64 bits. */
uint64_t rng_next(struct rng *rng);

/* Uniform in [0, bound), without modulo bias (Lemire 2019). bound ≥ 1. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* Uniform in [0, 1), 53 bits. */
double rng_unit(struct rng *rng);

/* Standard normal (Box–Muller, one of the pair, so that a draw uses a fixed count of bits). */
double rng_normal(struct rng *rng);

/* Exponential with mean 1. */
double rng_exponential(struct rng *rng);

/* Gamma of shape > 0 and scale 1, whose mean is the shape (Marsaglia and Tsang, 2000). */
double rng_gamma(struct rng *rng, double shape);

/* A 64-bit mix (SplitMix64's finalizer): a hash of small keys, not for secrets. */
uint64_t rng_mix(uint64_t value);
