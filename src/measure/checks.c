#include "measure/checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

static int reserve(struct checks *checks, size_t count)
{
    const size_t cap = count > checks->cap * 2 ? count : checks->cap * 2;
    struct check_count *each;

    if (count <= checks->cap)
        return 0;
    each = reallocarray(checks->each, cap, sizeof(*each));
    if (!each)
        return -ENOMEM;
    checks->each = each;
    checks->cap = cap;
    return 0;
}

/* Names are mostly the plan's own strings: then they need not be compared. */
static bool same(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

struct check_count *checks_find(struct checks *checks, const char *step, const char *name)
{
    for (size_t i = 0; i < checks->count; i++) {
        struct check_count *one = &checks->each[i];

        if (same(one->name, name) && same(one->step, step))
            return one;
    }
    if (reserve(checks, checks->count + 1) < 0)
        return NULL;
    checks->each[checks->count] = (struct check_count){.step = step, .name = name};
    return &checks->each[checks->count++];
}

int checks_init(struct checks *checks, const struct plan *plan)
{
    *checks = (struct checks){0};
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        for (size_t j = 0; j < step->check_count && !step->unmeasured; j++)
            if (!step->checks[j].expected &&
                !checks_find(checks, step->name, step->checks[j].name))
                return -ENOMEM;
    }
    return 0;
}

void checks_deinit(struct checks *checks)
{
    free(checks->each);
    *checks = (struct checks){0};
}

bool checks_add(struct checks *checks, const char *step, const char *name, enum part part,
                bool passed)
{
    struct check_count *found = checks_find(checks, step, name);

    if (!found)
        return false;
    found->passed[part] += passed;
    found->failed[part] += !passed;
    return true;
}

int checks_follow(struct checks *into, const struct checks *from)
{
    if (reserve(into, from->count) < 0)
        return -ENOMEM;
    if (from->count > 0)
        memcpy(into->each, from->each, from->count * sizeof(*from->each));
    into->count = from->count;
    return 0;
}
