/*
 * Lengths: draws a number of tokens as the plan wants it. Pure.
 */
#pragma once

#include <stdint.h>

struct plan_length;
struct rng;

/*
 * A number within [min, max]: what is drawn outside is drawn again, at most LENGTH_TRIES times, and then
 * moved to the nearer limit. 0 where the kind is NONE.
 */
uint64_t length_draw(const struct plan_length *length, struct rng *rng);

#define LENGTH_TRIES 64
