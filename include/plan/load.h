/*
 * The load curve: how many users are wanted at each moment (a closed loop), or how many arrive a
 * second (an open loop). Pure functions of the phases, shared by the engine, the plan's printout and
 * the split over workers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More arrivals a second are not made. */
#define PLAN_RATE_MOST_PER_S 1e6

enum plan_phase_kind {
    PLAN_PHASE_RAMP_UP,   /* from where the last phase ended to `users` */
    PLAN_PHASE_SUSTAINED, /* holds where the last phase ended, or `users` */
    PLAN_PHASE_SPIKE, /* at once to `users`, and at its end back to the level before */
    PLAN_PHASE_PAUSE, /* nobody; the level before comes back with the next phase */
    PLAN_PHASE_COOL_DOWN, /* down to `users` */
    PLAN_PHASE_REPLAY,    /* what a trace holds, at its own times (plan/replay.h) */
};

enum plan_shape { PLAN_SHAPE_LINEAR, PLAN_SHAPE_EXPONENTIAL, PLAN_SHAPE_STEP };

struct plan_phase {
    enum plan_phase_kind kind;
    const char *name; /* as a label: the kind's word, with -2, -3, … where it repeats */
    enum plan_shape shape; /* of ramps */
    uint32_t steps;        /* of PLAN_SHAPE_STEP, at least 1 */
    uint64_t from_users;   /* the level at its start (filled when the plan is made) */
    uint64_t users;        /* the level at its end; of a spike: during it */
    /* Of an open loop, in place of the two above: arrivals a second at its start and at its end. */
    double from_rate_per_s;
    double rate_per_s;
    uint64_t duration_ns; /* at: 5/s is turned into a duration when the plan is made */
};

/* How arrivals of an open loop follow each other. */
enum plan_arrival_kind {
    PLAN_ARRIVALS_NONE,     /* a closed loop: there are users, and none arrives */
    PLAN_ARRIVALS_CONSTANT, /* evenly */
    PLAN_ARRIVALS_POISSON,  /* each by itself: exponential gaps */
    PLAN_ARRIVALS_GAMMA,    /* gaps of a gamma distribution whose shape is `burstiness` */
    PLAN_ARRIVALS_TRACE,    /* when a trace says */
};

/*
 * An open loop: each arrival is one iteration, taken by whoever of `users` people is free. An arrival
 * that finds nobody waits, keeps its due moment, and is dropped after max_wait.
 */
struct plan_arrivals {
    enum plan_arrival_kind kind;
    /* 1: Poisson, below: bursts, above: more even; the variance of the gaps is 1/burstiness of that of
       a Poisson process (vLLM's --burstiness). */
    double burstiness;
    uint64_t users; /* people who take arrivals, at least 1 */
    uint64_t max_wait_ns;
};

struct plan;

/* The word of a kind, as the scenario spells it: "ramp-up". */
const char *plan_phase_kind_name(enum plan_phase_kind kind);

/* Whether users come or go throughout it; else one number of users is held from its first moment. */
bool plan_phase_is_ramp(const struct plan_phase *phase);

/* The level after a phase, where the next one starts. */
uint64_t plan_phase_end_users(const struct plan_phase *phase);

/*
 * Users wanted at offset_ns (0 ≤ offset < duration) into the phase. Linear: the curve rounded to
 * the nearest; exponential: geometric between max(1, from) and max(1, to), 0 only at the very
 * start or end; step: `steps` equal plateaus, the first reached at once, the last equal to users.
 */
uint64_t plan_phase_users_at(const struct plan_phase *phase, uint64_t offset_ns);

/*
 * The earliest moment after offset_ns at which users_at changes, or duration_ns when it does not
 * change any more. So that the engine can sleep until then.
 */
uint64_t plan_phase_next_change_ns(const struct plan_phase *phase, uint64_t offset_ns);

/*
 * The same for arrivals: the rate after a phase, and at offset_ns into it. Ramps have the shapes that
 * users have; an exponential one between 0 and something begins, or ends, at a hundredth of it.
 */
double plan_phase_end_rate(const struct plan_phase *phase);
double plan_phase_rate_at(const struct plan_phase *phase, uint64_t offset_ns);

/*
 * How many arrivals are expected in the first offset_ns of a phase: the integral of its rate, exactly.
 * The second is its inverse, for 0 ≤ arrivals < those of the whole phase: the moment by which so many are
 * expected, to the nearest nanosecond.
 */
double plan_phase_arrivals(const struct plan_phase *phase, uint64_t offset_ns);
uint64_t plan_phase_arrival_ns(const struct plan_phase *phase, double arrivals);

/* The moment of the load by which so many arrivals are expected; UINT64_MAX: so many never are. */
uint64_t plan_arrivals_moment_ns(const struct plan *plan, double arrivals);

/* Over all phases: the highest rate, and how many arrivals are expected. 0 in a closed loop. */
double plan_peak_rate(const struct plan *plan);
double plan_expected_arrivals(const struct plan *plan);

/* Whether it is an open loop: phases have rates, and users are those who take arrivals. */
bool plan_is_open(const struct plan *plan);

/* Sum of all durations. */
uint64_t plan_duration_ns(const struct plan *plan);

/* Highest number of users wanted at any time; of an open loop all who take arrivals. */
uint64_t plan_peak_users(const struct plan *plan);

/*
 * The longest sustained phase, the first of equals, as offsets into the load. Returns its index;
 * phase_count where there is none.
 */
size_t plan_longest_sustained(const struct plan *plan, uint64_t *ret_start_ns,
                              uint64_t *ret_end_ns);

/*
 * The measured window as offsets into the load: warm-up is out at the start; the cool-down phases
 * that end the load, and cool_down_out, are out at the end. Empty (both equal) where nothing is
 * left.
 */
void plan_window(const struct plan *plan, uint64_t *ret_start_ns, uint64_t *ret_end_ns);
