/*
 * Interruptions: what a person's patience and the scenario's chaos will do to one attempt, drawn before
 * it is sent. Pure: the same key draws the same, whatever other users do.
 */
#pragma once

#include <stdint.h>

#include "net/transport.h"

struct plan_step;

struct interruption_key {
    uint64_t seed;
    uint64_t user;      /* ordinal */
    uint64_t operation; /* of this user, from 0 */
    uint32_t attempt;   /* from 0 */
};

/* All zero: none. Times count from `sent`. */
struct interruption {
    uint64_t first_ns; /* the person goes where no output came by then; 0: they wait */
    uint64_t total_ns; /* …where it is not over by then; 0: they wait */
    uint32_t chunks;   /* …as soon as so many output chunks came; 0: they stay */
    uint64_t break_ns; /* throng breaks the connection then; 0: it does not, … */
    enum transfer_end break_as; /* … and how */
};

void interruption_draw(const struct plan_step *step, const struct interruption_key *key,
                       struct interruption *ret_interruption);

/* How much later than it should be the attempt is sent, on purpose; 0: in time. */
uint64_t interruption_late_ns(const struct plan_step *step,
                              const struct interruption_key *key);
