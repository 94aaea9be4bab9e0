/*
 * An operation: a step of the program as the person lives it, with all its attempts (DESIGN
 * section 3). It decides whether a failed attempt is followed by another.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct sample;

/* The operation at hand, embedded in its user. */
struct operation_progress {
    uint64_t id;
    uint64_t due_ns;   /* of the first attempt */
    uint64_t question; /* the user's count of questions: the same words in each attempt */
    uint32_t step;     /* index into the plan's steps */
    uint32_t labels;
    uint32_t attempts; /* that were begun */
    bool in_window;
    bool open;
};

/* Begins one; labels is its interned set. */
void operation_begin(struct operation_progress *operation, struct engine *engine,
                     uint32_t step, uint32_t labels, uint64_t due_ns);

/*
 * An attempt is over. Returns whether another should follow, and after how long; otherwise the
 * operation is over, and recorded.
 */
bool operation_attempt_over(struct operation_progress *operation, struct engine *engine,
                            const struct sample *sample, uint64_t *ret_delay_ns);

/* Throng ends it between two attempts; harmless when it is not open. */
void operation_cancel(struct operation_progress *operation, struct engine *engine,
                      uint64_t now_ns);
