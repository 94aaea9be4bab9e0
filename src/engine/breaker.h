/*
 * A circuit breaker, as clients put one before a service that fails: pure, with its state as a table.
 * It reads no clock and sends nothing: it says whether a request may go.
 *
 *                        FAILING
 *            CLOSED ───────────────▶ OPEN ◀──┐
 *              ▲                      │      │ PROBE_FAILED
 *              │ PROVEN          TIME ▼      │
 *              └────────────────── HALF_OPEN─┘
 *
 * Failures are what says that the service is not well: outages (measure/sample.h) and 429. A request
 * that the service refuses for what it asks is none. Only attempts that were sent in the state at hand
 * count: what was on its way when the circuit opened says nothing new.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure_window.h"
#include "measure/sample.h"

struct plan_breaker;

enum breaker_state {
    BREAKER_REFUSED,   /* no state: the answer to an event that cannot come there */
    BREAKER_CLOSED,    /* all goes; failures are counted */
    BREAKER_OPEN,      /* nothing goes, for open_ns */
    BREAKER_HALF_OPEN, /* one probe at a time goes, to see */
    BREAKER_STATE_COUNT,
};

enum breaker_event {
    BREAKER_EVENT_FAILING,      /* more than `above` of enough attempts failed */
    BREAKER_EVENT_TIME,         /* it was open for long enough */
    BREAKER_EVENT_PROBE_FAILED, /* it is no better */
    BREAKER_EVENT_PROVEN,       /* as many probes in a row as are asked for succeeded */
    BREAKER_EVENT_COUNT,
};

/* Where an event leads; BREAKER_REFUSED when it cannot come in that state. */
enum breaker_state breaker_next_state(enum breaker_state state, enum breaker_event event);

/* A word for people: "half-open". */
const char *breaker_state_name(enum breaker_state state);

/* The fields are for reading; only breaker.c writes them. */
struct breaker {
    const struct plan_breaker *plan; /* borrowed */
    struct failure_window recent;    /* while closed */
    struct failure_share cause;      /* what opened it last */
    enum breaker_state state;
    uint32_t turn;            /* counts changes of state, from 1 */
    uint32_t proven;          /* probes in a row that succeeded */
    bool probing;             /* one is on its way */
    uint64_t state_since_ns;  /* when the state began */
    uint64_t broken_since_ns; /* when it was closed last; 0 while closed */
    uint64_t opened;          /* times it left CLOSED */
    uint64_t held_back;       /* requests that could not go */
    uint64_t broken_ns;       /* time not closed, without what goes on now */
};

void breaker_init(struct breaker *breaker, const struct plan_breaker *plan);

/*
 * Whether a request may go now. *ret_turn is given back with its end. Where it may, it is sent.
 */
bool breaker_may_send(struct breaker *breaker, uint64_t now_ns, uint32_t *ret_turn);

/* A request that could go is over. */
void breaker_over(struct breaker *breaker, uint32_t turn, enum outcome outcome,
                  uint64_t now_ns);

/* Time not closed, until now. */
uint64_t breaker_broken_ns(const struct breaker *breaker, uint64_t now_ns);
