#include "engine/arrival_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define FIRST_CAP 16

static int grow(struct arrival_queue *queue)
{
    const size_t cap = queue->cap ? queue->cap * 2 : FIRST_CAP;
    struct waiting_arrival *slots = calloc(cap, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    for (size_t i = 0; i < queue->count; i++)
        slots[i] = queue->slots[(queue->first + i) & (queue->cap - 1)];
    free(queue->slots);
    queue->slots = slots;
    queue->cap = cap;
    queue->first = 0;
    return 0;
}

int arrival_queue_push(struct arrival_queue *queue, const struct waiting_arrival *arrival)
{
    if (queue->count == queue->cap && grow(queue) < 0)
        return -ENOMEM;
    queue->slots[(queue->first + queue->count++) & (queue->cap - 1)] = *arrival;
    return 0;
}

const struct waiting_arrival *arrival_queue_head(const struct arrival_queue *queue)
{
    return queue->count > 0 ? &queue->slots[queue->first] : NULL;
}

struct waiting_arrival arrival_queue_pop(struct arrival_queue *queue)
{
    const size_t first = queue->first;

    assert(queue->count > 0);
    queue->first = (first + 1) & (queue->cap - 1);
    queue->count--;
    return queue->slots[first];
}

void arrival_queue_deinit(struct arrival_queue *queue)
{
    free(queue->slots);
    *queue = (struct arrival_queue){0};
}
