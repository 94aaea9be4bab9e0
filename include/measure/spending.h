/*
 * Spending: what a run's money bought. Counters → the price of what people compare: a million tokens,
 * a second of generation, an answer that was ok, a user. Integer pico-dollars, rounded to the nearest;
 * a figure whose divisor is 0 is not known. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/recorder.h"

struct plan;

struct unit_cost {
    bool known;
    int64_t pusd;
};

struct spending {
    int64_t total_pusd; /* failed attempts included: they are billed too */
    struct unit_cost per_million_tokens;        /* of prompt and completion */
    struct unit_cost per_million_output_tokens; /* of completion; the prompts' cost too */
    /*
     * One stream's second from its first to its last output: what such attempts cost over the sum of
     * these times. Those whose time is not known are in neither.
     */
    struct unit_cost per_generation_second;
    struct unit_cost per_ok_request; /* what the others cost is in it */
    double output_tokens_per_usd;    /* NAN: nothing was spent */
};

/* Of all, or of one value of a dimension. */
struct spending spending_of(const struct counters *counters);

/* Users who are told one by one. */
#define SPENDING_USERS 20

/* Over the whole run. */
struct spending_users {
    uint64_t count; /* with a request that is over; those past RECORDER_USERS left out */
    struct unit_cost mean;
    struct user_view dearest[SPENDING_USERS]; /* most expensive first */
    size_t dearest_count;
};

/* Those of a run so far. */
void spending_of_users(const struct recorder *recorder, struct spending_users *ret_users);

/* Whether any model of a plan has a price: without, nothing can be said of money. */
bool spending_is_known(const struct plan *plan);
