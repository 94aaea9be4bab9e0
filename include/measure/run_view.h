/*
 * The run as others see it while it goes on: what can be read (run_view) and what may be asked of
 * it (run_control). The engine stands behind both; outputs, the live page and the capacity search
 * know only these.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/recorder.h"

struct plan;
struct plan_stop;

/* Where a run is in its life. Each leads to the next; STOPPING may come at any time. */
enum run_state {
    RUN_STARTING, /* nothing was sent yet */
    RUN_LOADING,  /* phases go on */
    RUN_PAUSED,   /* nobody starts anything new */
    RUN_STOPPING, /* nothing new is started; what is in flight may finish */
    RUN_DONE,
};

/* Why a run ended. */
enum stop_reason {
    STOP_NONE,       /* it goes on; "running" */
    STOP_COMPLETED,  /* all phases went by */
    STOP_DURATION,   /* limits.duration */
    STOP_REQUESTS,   /* limits.requests */
    STOP_COST,       /* limits.cost */
    STOP_ERROR_RATE, /* limits.error_rate, or every answer refused the key */
    STOP_THRESHOLD,  /* abort_on_fail */
    STOP_SIGNAL,     /* SIGINT, SIGTERM */
    STOP_ASKED,      /* run_control */
    STOP_ERROR,      /* throng itself failed */
    STOP_SCENARIO,   /* a `stop` step */
    STOP_BY_HAND,    /* somebody who watched it */
};

#define STOP_REASONS (STOP_BY_HAND + 1)

/* Snake-case names for results. */
const char *run_state_name(enum run_state state);
const char *stop_reason_name(enum stop_reason reason);

struct anomaly_watch;
struct trust;

/* The circuit breaker of a target. */
struct circuit_view {
    const char *target; /* its name */
    const char *state;  /* "closed", "open", "half-open" */
    bool is_closed;
    uint64_t opened;         /* times */
    uint64_t open_ns;        /* time in which it was not closed, so far */
    uint64_t not_sent;       /* requests that it held back */
    uint64_t cause_attempts; /* what opened it last: so many attempts in its window … */
    uint64_t cause_failed;   /* … of which so many failed */
};

/* The arrivals of an open loop, of this worker and since the load began. */
struct arrival_view {
    double rate_per_s; /* asked for at the moment; 0 also where a trace says when */
    uint64_t count;    /* that were due */
    uint64_t taken;
    uint64_t dropped; /* nobody was free within max_wait, or before the load ended */
    uint64_t waiting;
    uint64_t people; /* who take them */
};

struct run_view {
    const struct plan *plan;
    const struct recorder *recorder;
    enum run_state state;
    enum stop_reason stop_reason;
    const char *phase; /* name of the phase, "" when none */
    uint32_t phase_index;
    uint64_t started_ns; /* monotonic */
    uint64_t now_ns;
    uint64_t
        load_end_ns; /* nothing new was started since; now_ns while the load goes on */
    /* Of the load: neither pauses by run_control nor the wait for what is left are in it. */
    uint64_t elapsed_ns;
    uint64_t phase_left_ns;
    uint64_t left_ns; /* of all phases */
    bool is_open;     /* an open loop: */
    struct arrival_view arrivals;
    /* What the limits count. */
    int64_t spent_pusd;
    int64_t reserved_pusd; /* for what is in flight, and what ended without usage */
    uint64_t
        limit_attempts; /* in the window whose error rate passed its limit; 0: none did */
    uint64_t limit_failed;        /* of them */
    const struct plan_stop *stop; /* of STOP_SCENARIO: the step; else NULL */
    /* What the scenario did not get done as it says: uses of names that had no value … */
    uint64_t unset_uses;
    const char *unset_name; /* the first of them: "vars.token"; NULL: none */
    uint64_t setups_failed; /* … setups of users, who tried again … */
    uint64_t users_retired; /* … and users who ended early: no row was left for them */
    const struct circuit_view *circuits; /* of the targets that have a breaker */
    size_t circuit_count;
    const struct trust
        *trust; /* of the last second; NULL: not judged (the engine does not) */
    const struct anomaly_watch
        *anomalies; /* found so far; NULL: nobody looks, likewise */
};

/*
 * What may be asked of a run. ctx goes to each. Results: 0, or -EINVAL when it makes no sense now. One that
 * keeps marks adds: -EPERM: the load is made by something else; -ERANGE: more users than this machine can
 * have; -ENOSPC: no more can be noted, and what is not noted is not done; -ENOMEM.
 */
struct run_control {
    void *ctx;
    /* Overrides the phases from now on; in an open loop: so many people take arrivals. */
    int (*set_users)(void *ctx, uint64_t users);
    /* Of an open loop: so many arrivals a second, of all workers, whatever the phases say. */
    int (*set_rate)(void *ctx, double rate_per_s);
    int (*pause)(void *ctx);
    int (*resume)(void *ctx);
    int (*stop)(void *ctx, enum stop_reason reason);
    int (*mark)(void *ctx, const char *text); /* a note on the timeline */
};
