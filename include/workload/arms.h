/*
 * Dealing to arms (plan/ab.h): which arm an iteration, an arrival or a person belongs to, and which others say the
 * same. Pure: it follows from the seed, whose turns they are and the turn's number, so that it is the same for any
 * number of workers.
 *
 * Turns are dealt in blocks of as many as all weights together, in each of which every arm has its weight. A block
 * consists of rounds, and all turns of a round say the same, one for each arm in it. Arms of equal weight are all in
 * every round; of 9:1, one round in nine has both, and the others have the first alone. The order of rounds within their block, and of arms within their round, is drawn for each block: so
 * neither is the first more often, and nobody keeps step with anything else that repeats (randomized complete block
 * design: R. A. Fisher, "The Design of Experiments", 1935).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct plan_ab;

struct arms_turn {
    uint32_t arm;
    uint64_t
        script; /* the round, counted over all blocks: whoever has the same says the same */
    bool is_again; /* the turn before it was of the same round */
};

/*
 * Turn `number`, from 0, of those of `who`: a user's ordinal where each has turns of their own, 0 where all have them
 * together. The plan must have arms.
 */
struct arms_turn arms_deal(const struct plan_ab *ab, uint64_t seed, uint64_t who,
                           uint64_t number);

/* The nonce of an arm's questions: each has names of its own, so that no cache serves two of them. */
uint64_t arms_nonce(uint64_t nonce, uint32_t arm);
