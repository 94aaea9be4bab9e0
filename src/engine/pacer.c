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

/* It runs again, and could have from since_ns on. */
static void watch_for_stall(struct pacer *pacer, uint64_t since_ns, uint64_t now_ns)
{
    if (now_ns >= since_ns && now_ns - since_ns >= PACER_STALL_NS)
        recorder_stall(pacer->recorder, since_ns, now_ns);
    pacer->ran_ns = now_ns;
}

static void on_wake(void *ctx, uint64_t now_ns)
{
    struct pacer *pacer = ctx;
    const uint64_t turn_over_ns = now_ns + PACER_TURN_NS;
    struct heap_node *first;
    int left = PACER_BATCH;

    if (pacer->armed_ns != UINT64_MAX)
        watch_for_stall(pacer,
                        pacer->armed_ns > pacer->ran_ns ? pacer->armed_ns : pacer->ran_ns,
                        now_ns);
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
        watch_for_stall(pacer, pacer->ran_ns, now_ns);
    }
    pacer->running = 0;
    arm(pacer);
}

static void on_beat(struct pacer_timer *timer, uint64_t now_ns)
{
    pacer_beat(HEAP_ENTRY(timer, struct pacer, beat), now_ns);
}

void pacer_beat(struct pacer *pacer, uint64_t now_ns)
{
    pacer_set(pacer, &pacer->beat, now_ns + PACER_BEAT_NS);
}

void pacer_rest(struct pacer *pacer)
{
    pacer_clear(pacer, &pacer->beat);
}

void pacer_init(struct pacer *pacer, struct world *world, struct recorder *recorder)
{
    *pacer = (struct pacer){.world = world,
                            .recorder = recorder,
                            .armed_ns = UINT64_MAX,
                            .beat = {.fn = on_beat}};
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
