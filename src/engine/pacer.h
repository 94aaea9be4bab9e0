/*
 * The pacer: one heap of absolute deadlines over the world's one wake-up. What is due runs in
 * the order of its deadlines, never early; what was late is recorded as loop lag. The turns are
 * short, so that the sockets get theirs when the load is behind.
 *
 * It also sees stalls: where it could not run for long although something was due, the whole loop
 * stood still. While it beats, something is always due soon, so that no stall passes unseen.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"

struct pacer;
struct pacer_timer;
struct recorder;
struct world;

/* The deadline has come; now_ns was read for this call. The timer may be set again. */
typedef void pacer_fn(struct pacer_timer *timer, uint64_t now_ns);

/* Embedded in whatever waits. All zero but fn: not waiting. */
struct pacer_timer {
    struct heap_node node;
    pacer_fn *fn;
};

/*
 * What one wake-up runs at most: so many timers, or so long. What streams in meanwhile waits, and
 * beyond a millisecond the gaps within a read cannot be told any more.
 */
#define PACER_BATCH 64
#define PACER_TURN_NS UINT64_C(500000)

/*
 * A stall: so long nothing ran. Stopped processes, paused machines and starved CPUs make longer
 * ones, a turn of a loop that is merely busy does not come near. The beat is what is due meanwhile.
 */
#define PACER_STALL_NS UINT64_C(100000000)
#define PACER_BEAT_NS UINT64_C(50000000)

/* The fields are private but for the counts. */
struct pacer {
    struct heap heap;
    struct world *world;
    struct recorder *recorder;
    uint64_t armed_ns; /* the wake-up asked for, UINT64_MAX: none */
    uint64_t ran_ns;   /* when it ran last */
    struct pacer_timer beat;
    int running;
    uint64_t fired;
    uint64_t catch_ups; /* wake-ups that left due timers behind */
};

/* Takes the world's wake-up. Both are borrowed. */
void pacer_init(struct pacer *pacer, struct world *world, struct recorder *recorder);

/* The world may be gone already: nothing must wait any more, or nobody wake. */
void pacer_deinit(struct pacer *pacer);

/* Makes room for count timers waiting at once: up to there pacer_set() cannot fail. 0; -ENOMEM. */
int pacer_reserve(struct pacer *pacer, size_t count);

/* From now on it beats, until pacer_rest(). It needs room for one timer. */
void pacer_beat(struct pacer *pacer, uint64_t now_ns);
void pacer_rest(struct pacer *pacer);

/* Waits until at_ns, in place of what it waited for before. */
void pacer_set(struct pacer *pacer, struct pacer_timer *timer, uint64_t at_ns);

/* Waits no more; harmless when it does not wait. */
void pacer_clear(struct pacer *pacer, struct pacer_timer *timer);
