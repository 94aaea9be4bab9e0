#include "plan/plan.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"

bool plan_header_is_public(const char *name)
{
    static const char *const names[] = {"Accept", "Content-Type", "User-Agent"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return false;
}

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
