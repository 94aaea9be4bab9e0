#include "plan/plan.h"

#include <errno.h>

#include "base/arena.h"

struct plan *plan_free(struct plan *plan)
{
    if (plan)
        arena_free(plan->arena); /* the plan itself is its first piece */
    return NULL;
}

int plan_set_origin(struct plan *plan, size_t target, const char *origin)
{
    const char *copy = arena_copy(plan->arena, origin);

    if (!copy)
        return -ENOMEM;
    plan->targets[target].origin = copy;
    return 0;
}
