#include "engine/circuits.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "measure/run_view.h"
#include "plan/plan.h"

static bool any_is_on(const struct plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].breaker.on)
            return true;
    return false;
}

int circuits_init(struct circuits *circuits, const struct plan *plan,
                  const struct engine_observer *observer)
{
    *circuits = (struct circuits){.plan = plan, .observer = observer};
    if (!any_is_on(plan))
        return 0;
    circuits->breakers = calloc(plan->target_count, sizeof(*circuits->breakers));
    circuits->views = calloc(plan->target_count, sizeof(*circuits->views));
    if (!circuits->breakers || !circuits->views) {
        circuits_deinit(circuits);
        return -ENOMEM;
    }
    for (size_t i = 0; i < plan->target_count; i++)
        breaker_init(&circuits->breakers[i], &plan->targets[i].breaker);
    return 0;
}

void circuits_deinit(struct circuits *circuits)
{
    free(circuits->breakers);
    free(circuits->views);
    *circuits = (struct circuits){0};
}

static bool has_one(const struct circuits *circuits, uint32_t target)
{
    return circuits->breakers && circuits->plan->targets[target].breaker.on;
}

static struct circuit_view describe(const struct circuits *circuits, uint32_t target,
                                    uint64_t now_ns)
{
    const struct breaker *breaker = &circuits->breakers[target];

    return (struct circuit_view){
        .target = circuits->plan->targets[target].name,
        .state = breaker_state_name(breaker->state),
        .is_closed = breaker->state == BREAKER_CLOSED,
        .opened = breaker->opened,
        .open_ns = breaker_broken_ns(breaker, now_ns),
        .not_sent = breaker->held_back,
        .cause_attempts = breaker->cause.attempts,
        .cause_failed = breaker->cause.failed,
    };
}

/* Tells of what changed since `before`. */
static void tell(const struct circuits *circuits, uint32_t target,
                 enum breaker_state before, uint64_t now_ns)
{
    const struct engine_observer *observer = circuits->observer;
    struct circuit_view circuit;

    if (circuits->breakers[target].state == before || !observer->on_circuit)
        return;
    circuit = describe(circuits, target, now_ns);
    observer->on_circuit(observer->ctx, &circuit);
}

bool circuits_may_send(struct circuits *circuits, uint32_t target, uint64_t now_ns,
                       struct circuit_turn *ret_turn)
{
    struct circuit_turn turn = {.target = target};
    enum breaker_state before;

    if (!has_one(circuits, target))
        return true;
    before = circuits->breakers[target].state;
    if (!breaker_may_send(&circuits->breakers[target], now_ns, &turn.number))
        return false;
    tell(circuits, target, before, now_ns);
    *ret_turn = turn;
    return true;
}

void circuits_over(struct circuits *circuits, const struct circuit_turn *turn,
                   enum outcome outcome, uint64_t now_ns)
{
    enum breaker_state before;

    if (turn->number == 0)
        return;
    before = circuits->breakers[turn->target].state;
    breaker_over(&circuits->breakers[turn->target], turn->number, outcome, now_ns);
    tell(circuits, turn->target, before, now_ns);
}

size_t circuits_look(struct circuits *circuits, uint64_t now_ns)
{
    size_t count = 0;

    for (uint32_t i = 0; circuits->breakers && i < circuits->plan->target_count; i++)
        if (has_one(circuits, i))
            circuits->views[count++] = describe(circuits, i, now_ns);
    return count;
}
