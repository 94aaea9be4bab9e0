#include "engine/pacer.h"

#include <assert.h>

#include "engine/world.h"
#include "measure/recorder.h"

/* A wake-up that comes too early does no harm, so an earlier one than needed is left as it is. */
static void arm(struct pacer *pacer)
{
    const struct heap_node *first = heap_first(&pacer->heap);

    if (pacer->running || !first || first->key >= pacer->armed_ns)
        return;
    pacer->armed_ns = first->key;
    pacer->world->ops->wake_at(pacer->world, first->key);
}

static void on_wake(void *ctx, uint64_t now_ns)
{
    struct pacer *pacer = ctx;
    const uint64_t turn_over_ns = now_ns + PACER_TURN_NS;
    struct heap_node *first;
    int left = PACER_BATCH;

    pacer->armed_ns = UINT64_MAX;
    pacer->running = 1;
    while ((first = heap_first(&pacer->heap)) != NULL && first->key <= now_ns) {
        struct pacer_timer *timer = HEAP_ENTRY(first, struct pacer_timer, node);

        if (left-- == 0 || now_ns >= turn_over_ns) {
            pacer->catch_ups++;
            break;
        }
        recorder_loop_lag(pacer->recorder, now_ns, now_ns - first->key);
        heap_remove(&pacer->heap, first);
        pacer->fired++;
        timer->fn(timer, now_ns);
        /* Each is a callback of its own: sending 256 requests takes milliseconds. */
        now_ns = pacer->world->ops->now(pacer->world);
    }
    pacer->running = 0;
    arm(pacer);
}

void pacer_init(struct pacer *pacer, struct world *world, struct recorder *recorder)
{
    *pacer = (struct pacer){.world = world, .recorder = recorder, .armed_ns = UINT64_MAX};
    world->on_wake = on_wake;
    world->on_wake_ctx = pacer;
}

void pacer_deinit(struct pacer *pacer)
{
    heap_deinit(&pacer->heap);
}

int pacer_reserve(struct pacer *pacer, size_t count)
{
    return heap_reserve(&pacer->heap, count);
}

void pacer_set(struct pacer *pacer, struct pacer_timer *timer, uint64_t at_ns)
{
    if (timer->node.place != 0) {
        heap_move(&pacer->heap, &timer->node, at_ns);
    } else {
        const int r = heap_insert(&pacer->heap, &timer->node, at_ns);

        assert(r == 0); /* room was reserved when its owner was made */
        (void)r;
    }
    arm(pacer);
}

void pacer_clear(struct pacer *pacer, struct pacer_timer *timer)
{
    heap_remove(&pacer->heap, &timer->node);
}
