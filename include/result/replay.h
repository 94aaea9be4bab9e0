/* How true a replay was to its trace: what was sent of it, and how late. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct histogram;
struct run_facts;

/* Where the lateness of 1 in 100 is beyond it, the times are those of throng (AIPerf's limit). */
#define REPLAY_DEGRADED_NS UINT64_C(500000000)

struct replay_fidelity {
    uint64_t sent;    /* entries whose first attempt is over */
    uint64_t dropped; /* nobody was free in time */
    uint64_t unsent;  /* the run ended before, or their people did something else */
    const struct histogram *lateness; /* NULL: nothing was sent */
    bool is_late;     /* the lateness of 1 in 100 is above REPLAY_DEGRADED_NS */
    bool is_partial;  /* though the run came to its end, entries were not sent */
    bool is_degraded; /* either, or some were dropped */
};

/* Of a run that is a replay, warm-up included. */
struct replay_fidelity replay_fidelity(const struct run_facts *facts);
