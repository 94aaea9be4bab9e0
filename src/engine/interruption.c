#include "engine/interruption.h"

#include "base/rng.h"
#include "plan/program.h"
#include "workload/pause.h"

/* A draw of its own for each attempt and purpose. */
static struct rng stream_of(const struct interruption_key *key, enum rng_purpose purpose)
{
    struct rng rng;

    rng_init(&rng, key->seed, key->user, rng_mix(key->operation) + key->attempt, purpose);
    return rng;
}

/* 0 is none: who waits no time at all waits the least there is. */
static uint64_t draw_ns(const struct plan_pause *pause, struct rng *rng)
{
    uint64_t drawn_ns;

    if (pause->kind == PLAN_PAUSE_NONE)
        return 0;
    drawn_ns = pause_draw_ns(pause, rng);
    return drawn_ns > 0 ? drawn_ns : 1;
}

static void draw_patience(const struct plan_patience *patience,
                          const struct interruption_key *key, struct interruption *ret)
{
    struct rng rng = stream_of(key, RNG_PATIENCE);

    ret->first_ns = draw_ns(&patience->first_token, &rng);
    ret->total_ns = draw_ns(&patience->total, &rng);
    if (patience->mid_stream > 0 && rng_unit(&rng) < patience->mid_stream)
        ret->chunks = patience->chunks_min +
                      (uint32_t)rng_below(&rng, (uint64_t)patience->chunks_max + 1 -
                                                    patience->chunks_min);
}

static void draw_chaos(const struct plan_chaos *chaos, const struct interruption_key *key,
                       struct interruption *ret)
{
    struct rng rng = stream_of(key, RNG_CHAOS);
    const double lot = rng_unit(&rng);
    const uint64_t after_ns = draw_ns(&chaos->after, &rng);

    if (lot >= chaos->drop + chaos->reset)
        return;
    ret->break_as = lot < chaos->drop ? TRANSFER_DROPPED : TRANSFER_TORN;
    ret->break_ns = after_ns > 0 ? after_ns : 1;
}

void interruption_draw(const struct plan_step *step, const struct interruption_key *key,
                       struct interruption *ret_interruption)
{
    *ret_interruption = (struct interruption){.break_as = TRANSFER_CANCELLED};
    if (step->patience)
        draw_patience(step->patience, key, ret_interruption);
    if (step->chaos && step->chaos->drop + step->chaos->reset > 0)
        draw_chaos(step->chaos, key, ret_interruption);
}

uint64_t interruption_late_ns(const struct plan_step *step,
                              const struct interruption_key *key)
{
    struct rng rng;

    if (!step->chaos || step->chaos->late <= 0)
        return 0;
    rng = stream_of(key, RNG_LATE);
    return rng_unit(&rng) < step->chaos->late ? draw_ns(&step->chaos->late_by, &rng) : 0;
}
