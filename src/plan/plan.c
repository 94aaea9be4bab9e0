#include "plan/plan.h"

#include "plan/arena.h"

struct plan *plan_free(struct plan *plan)
{
    if (plan)
        plan_arena_free(plan->arena); /* the plan itself is its first piece */
    return NULL;
}
