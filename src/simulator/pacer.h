/*
 * Timers with nanosecond deadlines on a libuv loop: one timerfd for all of them, armed for the
 * earliest. libuv's own timers have a grain of a millisecond, which would show in every gap
 * between two tokens.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/clock.h"
#include "base/heap.h"

struct pacer_timer;

/* Later than this, a timer shows that the processor is too busy for its schedule. */
#define PACER_LATE_NS (1 * NS_PER_MS)

/* The deadline has come. The timer is set no more and may be set again. now_ns ≥ its deadline. */
typedef void simulator_pacer_fn(struct pacer_timer *timer, uint64_t now_ns);

/* Embedded in what waits. Zero it, then give it its function. */
struct pacer_timer {
    struct heap_node node;
    simulator_pacer_fn *fn;
};

typedef void simulator_pacer_closed_fn(void *ctx);

struct pacer {
    struct heap deadlines;
    int fd;
    uint64_t armed_ns;   /* what the timerfd waits for; 0: nothing */
    uint64_t late_count; /* timers that fired more than PACER_LATE_NS after their time */
    uint64_t worst_late_ns;
    struct pacer_timer *firing; /* the timer in hand, until it is set or cleared */
    bool is_running;            /* the loop over due timers is on the stack */
    uv_poll_t poll;
    simulator_pacer_closed_fn *closed;
    void *closed_ctx;
};

/* Returns 0; -errno of timerfd_create(2) or libuv's. After a failure the pacer needs nothing. */
int simulator_pacer_init(struct pacer *pacer, uv_loop_t *loop);

/* Clears all timers; closed is called, later, when the pacer's memory is the caller's again. */
void simulator_pacer_close(struct pacer *pacer, simulator_pacer_closed_fn *closed,
                           void *ctx);

/* Makes room for count timers in all that are set at the same time. Returns 0; -ENOMEM. */
int simulator_pacer_reserve(struct pacer *pacer, size_t count);

/* Sets the timer, or sets it anew; there must be room. due_ns: CLOCK_MONOTONIC. */
void simulator_pacer_set(struct pacer *pacer, struct pacer_timer *timer, uint64_t due_ns);

/* The timer will not fire. Harmless when it is not set. */
void simulator_pacer_clear(struct pacer *pacer, struct pacer_timer *timer);
