/*
 * A run goes on with another plan of the same scenario. What does not differ is read from the plan it began
 * with for as long as it lasts: both stay.
 */
#include <errno.h>

#include "engine/engine.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/world.h"
#include "plan/plan.h"

/* The limit of the whole load; where it has passed already, it strikes at once. */
static void follow_duration(struct engine *engine)
{
    engine->max_duration_ns = engine->plan->limits.duration_ns;
    if (engine->max_duration_ns)
        pacer_set(&engine->pacer, &engine->duration_timer,
                  engine->started_ns + engine->max_duration_ns);
    else
        pacer_clear(&engine->pacer, &engine->duration_timer);
}

int engine_reload(struct engine *engine, const struct plan *plan)
{
    const uint64_t now_ns = engine->world->ops->now(engine->world);
    int r;

    if (engine->stage != ENGINE_LOAD ||
        (engine->state != RUN_LOADING && engine->state != RUN_PAUSED))
        return -EINVAL;
    if (plan->class_count != engine->plan->class_count ||
        plan->step_count != engine->plan->step_count)
        return -EINVAL;
    if (plan_is_open(plan) != plan_is_open(engine->plan))
        return -EINVAL;
    r = schedule_follow(&engine->schedule, plan, now_ns);
    if (r < 0)
        return r;
    engine->plan = plan;
    limits_follow(&engine->limits, plan);
    if (engine->source->ops->follow)
        engine->source->ops->follow(engine->source, plan);
    follow_duration(engine);
    engine_follow_curve(engine);
    return 0;
}
