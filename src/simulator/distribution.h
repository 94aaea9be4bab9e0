/*
 * Distributions as people write them, and draws from them:
 *   200ms                    always the same
 *   uniform(100ms,300ms)     between two values
 *   gaussian(200ms,50ms)     mean, standard deviation; cut off at 0
 *   exponential(200ms)       mean
 *   lognormal(200ms,0.5)     median, standard deviation of the logarithm
 *   quantiles(1ms,2ms,9ms)   least, median, greatest; any number of them, equally likely steps
 * The values are durations, or plain numbers where tokens or chunks are counted. The only place
 * that reads this grammar. Pure.
 */
#pragma once

#include <stdint.h>

#include "base/rng.h"
#include "simulator/options.h"

/* What the values of a distribution are. */
enum distribution_unit { DISTRIBUTION_DURATION, DISTRIBUTION_COUNT };

/*
 * Returns 0 with a distribution for distribution_deinit(); -EINVAL when the text is not of the
 * grammar; -ERANGE when a value is out of it; -ENOMEM.
 */
int distribution_parse(const char *text, enum distribution_unit unit,
                       struct simulator_distribution *ret_distribution);

/* Releases what it owns. It is always 0 afterwards. */
void distribution_deinit(struct simulator_distribution *distribution);

/* A draw, ≥ 0, in ns. Uses a fixed count of the stream's numbers for each kind. */
uint64_t distribution_draw_ns(const struct simulator_distribution *distribution,
                              struct rng *rng);

/* A draw rounded to the nearest whole number, ≥ 0. */
uint64_t distribution_draw_count(const struct simulator_distribution *distribution,
                                 struct rng *rng);
