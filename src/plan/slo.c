#include "plan/slo.h"

#include "plan/plan.h"

uint32_t plan_slo_metrics(const struct plan *plan)
{
    uint32_t metrics = 0;

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        for (uint32_t metric = 0; step->slo && metric < PLAN_SLO_COUNT; metric++)
            if (!step->unmeasured && step->slo->limit_ns[metric] > 0)
                metrics |= UINT32_C(1) << metric;
    }
    return metrics;
}
