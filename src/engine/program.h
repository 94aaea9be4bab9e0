/*
 * Stepping through a program: from one instruction that needs the world (ask, think, end) to the
 * next, through loops and picks. It draws, and does nothing else.
 */
#pragma once

#include <stdint.h>

#include "plan/program.h"

struct rng;

/* Where a user stands in their program. All zero: at its start, in a conversation not begun yet. */
struct program_place {
    uint32_t pc;
    uint32_t rounds_left[PLAN_LOOP_DEPTH];
    uint16_t depth; /* loops around the place: which conversation it is in */
    uint16_t begun; /* a bit for each depth whose conversation has begun */
};

/* Why the stepping stopped. */
enum program_stop {
    PROGRAM_ASKS,   /* a request: place moved behind it */
    PROGRAM_THINKS, /* a pause: likewise */
    PROGRAM_ENDS,   /* the iteration is over: the place stays there */
};

/*
 * Goes on to the next stop; ret_step gets the step's index where there is one. flow is drawn from
 * once for each pick.
 */
enum program_stop program_next(const struct plan_program *program,
                               struct program_place *place, struct rng *flow,
                               uint32_t *ret_step);
