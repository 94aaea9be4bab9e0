/*
 * A queue of arrivals that wait for somebody to be free: first come, first served.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An arrival: its number, and when it was due by the load clock. */
struct waiting_arrival {
    uint64_t number;
    uint64_t at_ns;
};

/* All zero: empty. */
struct arrival_queue {
    struct waiting_arrival *slots; /* owned: a ring */
    size_t cap;                    /* a power of two, or 0 */
    size_t first;
    size_t count;
};

/* Returns 0 or -ENOMEM. */
int arrival_queue_push(struct arrival_queue *queue,
                       const struct waiting_arrival *arrival);

/* The one that has waited longest; NULL: nobody waits. Borrowed until the queue changes. */
const struct waiting_arrival *arrival_queue_head(const struct arrival_queue *queue);

/* Takes the head off; there must be one. */
struct waiting_arrival arrival_queue_pop(struct arrival_queue *queue);

void arrival_queue_deinit(struct arrival_queue *queue);
