#include "workload/arms.h"

#include <assert.h>

#include "base/rng.h"
#include "plan/ab.h"

static uint64_t weights_of(const struct plan_ab *ab)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < ab->arm_count; i++)
        sum += ab->arms[i].weight;
    return sum;
}

static uint32_t rounds_of(const struct plan_ab *ab)
{
    uint32_t most = 0;

    for (size_t i = 0; i < ab->arm_count; i++)
        most = ab->arms[i].weight > most ? ab->arms[i].weight : most;
    return most;
}

/* Draws an order of `count` numbers (R. A. Fisher and F. Yates; D. E. Knuth, TAOCP 2, algorithm P). */
static void shuffle(struct rng *rng, uint32_t *numbers, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = (uint32_t)rng_below(rng, i);
        const uint32_t number = numbers[i - 1];

        numbers[i - 1] = numbers[j];
        numbers[j] = number;
    }
}

/* The arms of one round of a block, in their order. Returns how many there are. */
static uint32_t draw_round(const struct plan_ab *ab, struct rng *rng, uint32_t round,
                           uint32_t ret_arms[static PLAN_ARMS])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < ab->arm_count; i++)
        if (ab->arms[i].weight > round)
            ret_arms[count++] = i;
    shuffle(rng, ret_arms, count);
    return count;
}

struct arms_turn arms_deal(const struct plan_ab *ab, uint64_t seed, uint64_t who,
                           uint64_t number)
{
    const uint64_t length = weights_of(ab);
    const uint32_t rounds = rounds_of(ab);
    uint64_t block;
    uint64_t at;
    uint32_t order[PLAN_ARM_WEIGHT];
    uint32_t arms[PLAN_ARMS];
    struct rng rng;

    assert(length > 0);
    block = number / length;
    at = number % length;
    assert(rounds > 0 && rounds <= PLAN_ARM_WEIGHT && ab->arm_count <= PLAN_ARMS);
    rng_init(&rng, seed, who, block, RNG_ARM);
    for (uint32_t i = 0; i < rounds; i++)
        order[i] = i;
    shuffle(&rng, order, rounds);
    for (uint32_t i = 0; i < rounds; i++) {
        const uint32_t count = draw_round(ab, &rng, order[i], arms);

        if (at < count)
            return (struct arms_turn){
                .arm = arms[at], .script = block * rounds + i, .is_again = at > 0};
        at -= count;
    }
    assert(false);
    return (struct arms_turn){0};
}

uint64_t arms_nonce(uint64_t nonce, uint32_t arm)
{
    return arm == 0 ? nonce : rng_mix(nonce + arm);
}
