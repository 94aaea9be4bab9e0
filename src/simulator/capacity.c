#include "simulator/capacity.h"

#include <assert.h>
#include <stddef.h>

void capacity_init(struct capacity *capacity, uint64_t slots, uint64_t places)
{
    *capacity = (struct capacity){.slots = slots, .places = places};
    list_init(&capacity->queue);
}

static void raise_peak(uint64_t *peak, uint64_t value)
{
    if (value > *peak)
        *peak = value;
}

enum capacity_turn capacity_take(struct capacity *capacity, struct list *link)
{
    if (capacity->active < capacity->slots) {
        capacity->active++;
        raise_peak(&capacity->active_peak, capacity->active);
        return CAPACITY_NOW;
    }
    if (capacity->waiting >= capacity->places)
        return CAPACITY_FULL;
    list_append(&capacity->queue, link);
    capacity->waiting++;
    raise_peak(&capacity->waiting_peak, capacity->waiting);
    return CAPACITY_WAIT;
}

struct list *capacity_release(struct capacity *capacity)
{
    struct list *next = capacity->queue.next;

    assert(capacity->active > 0);
    if (list_is_empty(&capacity->queue)) {
        capacity->active--;
        return NULL;
    }
    capacity_leave(capacity, next);
    return next;
}

void capacity_leave(struct capacity *capacity, struct list *link)
{
    assert(capacity->waiting > 0);
    list_remove(link);
    capacity->waiting--;
}
