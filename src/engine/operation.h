/*
 * An operation: a step of the program as the person lives it, with all its attempts (DESIGN
 * section 3). It decides whether a failed attempt is followed by another.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "measure/sample.h"

struct engine;
struct retry_told;

/* The operation at hand, embedded in its user. */
struct operation_progress {
    uint64_t id;
    uint64_t number;   /* of this user, from 0: what draws are keyed by … */
    uint64_t key;      /* … with the user's key */
    uint64_t due_ns;   /* of the first attempt */
    uint64_t late_ns;  /* the attempt at hand is sent so much later, on purpose */
    uint64_t question; /* the user's count of questions: the same words in each attempt */
    uint32_t step;     /* index into the plan's steps */
    uint32_t labels;
    uint32_t attempts;         /* that were begun */
    enum outcome last_outcome; /* of the attempt before */
    bool in_window;
    bool open;
    bool late_drawn; /* for the attempt at hand */
};

/* Begins one; labels is its interned set, number counts those of its user. */
void operation_begin(struct operation_progress *operation, struct engine *engine,
                     uint32_t step, uint32_t labels, uint64_t number, uint64_t due_ns);

/*
 * How much later than it is due the next attempt is sent, as the scenario's chaos says. Told once for
 * each: then 0, for the wait is over.
 */
uint64_t operation_draw_late_ns(struct operation_progress *operation,
                                const struct engine *engine, uint64_t user);

/*
 * An attempt is over. told: what the server asked for; NULL: nothing. Returns whether another should
 * follow, and after how long; otherwise the operation is over, and recorded.
 */
bool operation_attempt_over(struct operation_progress *operation, struct engine *engine,
                            const struct sample *sample, const struct retry_told *told,
                            uint64_t *ret_delay_ns);

/* Throng ends it between two attempts; harmless when it is not open. */
void operation_cancel(struct operation_progress *operation, struct engine *engine,
                      uint64_t now_ns);
