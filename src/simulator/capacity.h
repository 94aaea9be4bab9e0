/*
 * So many requests at the same time, and a queue in order of arrival for the others. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

enum capacity_turn {
    CAPACITY_NOW,  /* a slot is taken */
    CAPACITY_WAIT, /* in the queue */
    CAPACITY_FULL  /* neither: the queue is full */
};

struct capacity {
    uint64_t slots;  /* UINT64_MAX: no limit */
    uint64_t places; /* in the queue; UINT64_MAX: no limit */
    uint64_t active;
    uint64_t waiting;
    uint64_t active_peak;
    uint64_t waiting_peak;
    struct list queue;
};

void capacity_init(struct capacity *capacity, uint64_t slots, uint64_t places);

/* Asks for a slot; link then stands in the queue when the turn is CAPACITY_WAIT. */
enum capacity_turn capacity_take(struct capacity *capacity, struct list *link);

/* Gives a slot back. Returns the link that now has it, or NULL when nobody waited. */
struct list *capacity_release(struct capacity *capacity);

/* Leaves the queue. */
void capacity_leave(struct capacity *capacity, struct list *link);
