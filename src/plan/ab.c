#include "plan/ab.h"

#include <string.h>

#include "plan/plan.h"

const char *plan_ab_by_name(enum plan_ab_by by)
{
    switch (by) {
    case PLAN_AB_ITERATION:
        return "iteration";
    case PLAN_AB_USER:
        break;
    }
    return "user";
}

uint32_t plan_arm_class(const struct plan *plan, uint32_t written, uint32_t arm)
{
    return plan->ab.class_count + written * (uint32_t)plan->ab.arm_count + arm;
}

size_t plan_written_class_count(const struct plan *plan)
{
    return plan->ab.arm_count > 0 ? plan->ab.class_count : plan->class_count;
}

uint32_t plan_written_class(const struct plan *plan, uint32_t class_index)
{
    if (class_index < plan_written_class_count(plan))
        return class_index;
    return (class_index - plan->ab.class_count) / (uint32_t)plan->ab.arm_count;
}

bool plan_class_arm(const struct plan *plan, uint32_t class_index, uint32_t *ret_arm)
{
    if (class_index < plan_written_class_count(plan))
        return false;
    *ret_arm = (class_index - plan->ab.class_count) % (uint32_t)plan->ab.arm_count;
    return true;
}

bool plan_find_arm(const struct plan *plan, const char *name, uint32_t *ret_arm)
{
    for (uint32_t i = 0; i < plan->ab.arm_count; i++) {
        if (strcmp(plan->ab.arms[i].name, name) == 0) {
            *ret_arm = i;
            return true;
        }
    }
    return false;
}
