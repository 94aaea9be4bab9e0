/*
 * Stepping through a program: from one instruction that needs time or a decision about the user's
 * life (ask, think, stop, end) to the next, through loops, picks, conditions and groups. It draws,
 * asks whoever knows the user, and does nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plan/program.h"

struct rng;

/* Where a user stands in their program. All zero: at its start, in a conversation not begun yet. */
struct program_place {
    uint32_t pc;
    uint32_t rounds[PLAN_LOOP_DEPTH]; /* that went by, by loop */
    uint16_t depth; /* loops around the place: which conversation it is in */
    uint16_t begun; /* a bit for each depth whose conversation has begun */
};

/* Why the stepping stopped. */
enum program_stop {
    PROGRAM_ASKS,   /* a request: place moved behind it */
    PROGRAM_THINKS, /* a pause: likewise */
    PROGRAM_STOPS,  /* a `stop`: likewise */
    PROGRAM_YIELDS, /* it took many instructions: others want their turn; it can go on */
    PROGRAM_ENDS,   /* the iteration is over: the place stays there */
};

/* Who knows the user: what instructions say beside where to go. ctx is the walk's. */
struct program_ops {
    /* Whether a condition holds. */
    bool (*holds)(void *ctx, uint32_t query);
    /* Whether a variable has a value. */
    bool (*knows)(void *ctx, uint32_t variable);
    void (*set)(void *ctx, uint32_t assignment);
    void (*feed)(void *ctx, uint32_t feeder);
    void (*enter)(void *ctx, uint32_t group);
    void (*leave)(void *ctx, uint32_t group);
};

/*
 * What one walk may cost before it yields: instructions, of which one that evaluates a query or a
 * template counts as many (about 18 µs of libjq against some ns).
 */
#define PROGRAM_WALK 1000
#define PROGRAM_EVALUATION 20

/* One walk: from a wake-up of the user to the next thing that takes time. */
struct program_walk {
    const struct plan_program *program;
    const struct program_ops *ops;
    void *ctx;
    struct rng *flow; /* drawn from once for each pick */
    uint32_t left;    /* of PROGRAM_WALK */
};

/*
 * Goes on to the next stop; ret_index gets the index of the step (ASKS, THINKS) or stop (STOPS)
 * where there is one.
 */
enum program_stop program_next(struct program_walk *walk, struct program_place *place,
                               uint32_t *ret_index);

/* Which round of the innermost loop it is, from 0; 0 outside of all. */
uint32_t program_round(const struct program_place *place);
