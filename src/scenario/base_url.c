#include <errno.h>
#include <string.h>

#include "scenario/making.h"
#include "scenario/url.h"

static int refuse(struct making *making, const struct scenario_base_url *given,
                  const char *hint, const char *problem)
{
    const struct diag_place place = {"--base-url", 0, 0, 0};
    char masked[URL_MASKED_BYTES];

    url_mask(given->url, masked);
    return making_noted(diag_add(making->diags, place, hint, "%s in '%s%s%s'", problem,
                                 given->class_name ? given->class_name : "",
                                 given->class_name ? "=" : "", masked));
}

/* Gives a target another address; all else stays. */
static int move_target(struct making *making, const struct scenario_base_url *given,
                       struct plan_target *target)
{
    struct url url;
    const char *problem;

    target->simulator = strcmp(given->url, "simulator") == 0;
    if (target->simulator) {
        target->origin = NULL;
        return making_copy(making, "/v1", &target->api_prefix);
    }
    problem = url_split(given->url, &url);
    if (problem)
        return refuse(making, given, "write one such as https://host:8000/v1", problem);
    target->origin = arena_copy(making->arena, url.origin);
    target->api_prefix = arena_copy(making->arena, url.api_prefix);
    return target->origin && target->api_prefix ? 0 : -ENOMEM;
}

/* A class goes to a copy of its target, which other classes may share. */
static int move_class(struct making *making, const struct scenario_base_url *given)
{
    struct plan *plan = making->plan;

    for (size_t i = 0; i < plan->class_count; i++) {
        struct plan_class *moved = &making->classes[i];
        const size_t at = plan->target_count;

        if (strcmp(moved->name, given->class_name) != 0)
            continue;
        if (moved->target == PLAN_NONE)
            return 0; /* its target was refused already */
        plan->targets[at] = plan->targets[moved->target];
        plan->targets[at].name = moved->name;
        plan->target_count++;
        moved->target = (uint32_t)at;
        return move_target(making, given, &plan->targets[at]);
    }
    return refuse(making, given, "name a class that stands under 'users'",
                  "there is no such class");
}

int make_base_urls(struct making *making)
{
    const struct scenario_options *options = making->options;
    const size_t written_count = making->plan->target_count;
    int r = 0;

    for (size_t i = 0; r == 0 && i < options->base_url_count; i++) {
        if (options->base_urls[i].class_name)
            r = move_class(making, &options->base_urls[i]);
    }
    for (size_t i = 0; r == 0 && i < options->base_url_count; i++) {
        if (options->base_urls[i].class_name)
            continue;
        for (size_t at = 0; r == 0 && at < written_count; at++)
            if (!making->plan->platform.is_used || making->plan->platform.target != at)
                r = move_target(making, &options->base_urls[i],
                                &making->plan->targets[at]);
    }
    return r;
}
