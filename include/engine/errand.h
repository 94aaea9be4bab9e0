/*
 * Errands: programs that somebody gives to be gone through, each once and by a person of their own,
 * unmeasured, many at the same time. What must come before what is the giver's to know: one that waits for
 * others is simply not given yet.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct plan_program;
struct roster_user;
struct variables;

/* Borrowed until it is over. */
struct errand {
    const struct plan_program *program;
    const struct roster_user *who; /* in whose name; NULL: in nobody's */
    bool goes_on;                  /* past requests that fail, else the first ends it */
    uint64_t number;               /* the giver's own */
};

/* How it went. Borrowed for the call. */
struct errand_result {
    const struct variables *found; /* what is known at its end */
    bool failed;                   /* a request did */
    bool is_cut;     /* it was ended before its end, by a signal or since time was up */
    uint16_t status; /* of its last answer; 0: there was none */
    bool was_uncertain; /* a POST or PUT that failed may have made what it asked for */
    uint64_t duration_ns;
    const char *problem; /* of one that failed: "invite: http_5xx (status 500): …" */
};

/* Neither may call the engine. */
struct errand_giver {
    void *ctx;
    /*
     * The next one. False: there is none now; it is asked again when one is over, and the engine is done
     * when there is none while none goes on.
     */
    bool (*next)(void *ctx, struct errand *ret_errand);
    void (*over)(void *ctx, const struct errand *errand,
                 const struct errand_result *result);
};
