#include "scenario/step_walk.h"

#include "scenario/step_form.h"

// NOLINTNEXTLINE(misc-no-recursion): as deep as the scenario, which is bounded
int step_walk(const struct config_items *steps, step_walk_fn *fn, void *ctx)
{
    const struct step_form *step = steps->items;
    int r = 0;

    for (size_t i = 0; r == 0 && i < steps->count; i++, step++) {
        const struct branch_form *branch = step->pick.items;

        r = fn(ctx, step);
        if (r == 0)
            r = step_walk(&step->steps, fn, ctx);
        if (r == 0)
            r = step_walk(&step->else_steps, fn, ctx);
        for (size_t at = 0; r == 0 && at < step->pick.count; at++, branch++)
            r = step_walk(&branch->steps, fn, ctx);
    }
    return r;
}
