#include "cli/baseline_latencies.h"

#include "base/cleanup.h"
#include "plan/plan.h"

#define MS_PER_S 1e3

static const char *const metrics[] = {"ttft", "tpot", "e2e"};
static const char *const aggregates[] = {"p50", "p95", "p99"};

int baseline_latencies_fill(const json_t *summary, struct plan *plan)
{
    struct plan_baseline_latency found[COUNT_OF(metrics) * COUNT_OF(aggregates)];
    const json_t *all = json_object_get(summary, "metrics");
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        const json_t *metric = json_object_get(all, metrics[i]);

        for (size_t j = 0; j < COUNT_OF(aggregates); j++) {
            const json_t *value = json_object_get(metric, aggregates[j]);

            if (json_is_number(value) && json_number_value(value) >= 0)
                found[count++] = (struct plan_baseline_latency){
                    metrics[i], aggregates[j], json_number_value(value) / MS_PER_S};
        }
    }
    return plan_set_baseline_latencies(plan, found, count);
}
