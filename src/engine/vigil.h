/*
 * The vigil over an attempt that is on its way: several deadlines on its one timer, of which the next
 * that comes ends it. What is not asked for costs nothing.
 */
#pragma once

#include <stdint.h>

struct attempt;
struct pacer_timer;

enum vigil_end {
    VIGIL_FIRST_TOKEN,    /* no output came within the target's limit */
    VIGIL_ENOUGH,         /* all that matters came, and the socket stays open */
    VIGIL_FIRST_PATIENCE, /* the person waits no longer for the first output */
    VIGIL_TOTAL_PATIENCE, /* …for the end */
    VIGIL_CHAOS,          /* throng breaks the connection */
    VIGIL_END_COUNT,
};

/* Embedded in the attempt. All zero: nothing is waited for. */
struct vigil {
    uint64_t at_ns[VIGIL_END_COUNT]; /* 0: not set */
};

/* Ends the attempt at at_ns, in place of when that end would have come. */
void vigil_set(struct attempt *attempt, enum vigil_end end, uint64_t at_ns);

/* All that matters came: what is left may take until at_ns, and nothing else ends it. */
void vigil_enough(struct attempt *attempt, uint64_t at_ns);

/* The first output is there: two of the deadlines are met. */
void vigil_first_output(struct attempt *attempt);

/* It is over: nothing is waited for. */
void vigil_clear(struct attempt *attempt);

/* The attempt's timer. */
void vigil_on_timer(struct pacer_timer *timer, uint64_t now_ns);
