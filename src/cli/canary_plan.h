/*
 * The plan of the canaries: a run's plan with one more program, whose steps ask each model once, as
 * the flows ask it but shortly.
 */
#pragma once

#include <stddef.h>

#include "plan/plan.h"

struct data;

struct canary_plan {
    struct plan plan;              /* borrows all of the run's but what is below */
    struct plan_step *steps;       /* owned: the run's, and those behind them */
    struct plan_program *programs; /* owned: likewise */
    struct plan_instruction *instructions; /* owned: of the canaries' program */
    const struct plan_class **classes;     /* owned: of each canary, who would ask it */
    struct plan_pair *headers;             /* owned: of all canaries */
    size_t header_count;
    size_t first; /* of its steps */
};

/*
 * data: the run's files; NULL: none. A trace of requests alone is not asked for: nobody knows which of
 * them does no harm. The run's plan must outlive it. Returns 0; -ENOMEM, and there is nothing to ask then.
 */
int canary_plan_init(struct canary_plan *canaries, const struct plan *plan,
                     const struct data *data);
void canary_plan_deinit(struct canary_plan *canaries);

/* How many canaries there are. */
size_t canary_plan_count(const struct canary_plan *canaries);

/* The step of one: its target is known. */
const struct plan_step *canary_plan_step(const struct canary_plan *canaries,
                                         size_t index);

/* Whose flow it is like. */
const struct plan_class *canary_plan_class(const struct canary_plan *canaries,
                                           size_t index);
