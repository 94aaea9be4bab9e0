#include "measure/footprint.h"

#include <stdbool.h>
#include <string.h>

#include "measure/dimension.h"
#include "measure/drift.h"
#include "measure/metric.h"
#include "measure/people.h"
#include "measure/threshold.h"
#include "plan/plan.h"

/* Of one histogram over the whole range: its counts. */
#define FINE_BYTES (UINT64_C(184) * 1024)
#define COARSE_BYTES (UINT64_C(26) * 1024)

#define INTERVALS 2 /* one is written while the other is read */

static uint64_t tagged(const struct plan_pair *tags, size_t count)
{
    uint64_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += strcmp(tags[i].key, "org_id") == 0 || strcmp(tags[i].key, "region") == 0;
    return found;
}

static uint64_t count_values(const struct plan *plan)
{
    uint64_t count = plan->model_count + plan_written_class_count(plan) +
                     plan->ab.arm_count + plan->phase_count + 2 * plan->target_count +
                     PROMPT_SIZES + plan->group_count +
                     tagged(plan->tags, plan->tag_count);

    for (size_t i = 0; i < plan->class_count; i++)
        count += tagged(plan->classes[i].tags, plan->classes[i].tag_count);
    for (size_t i = 0; i < plan->step_count; i++) {
        count += plan->steps[i].kind != PLAN_STEP_THINK;
        count += tagged(plan->steps[i].tags, plan->steps[i].tag_count);
    }
    return count;
}

/* Selectors of thresholds; one that two of them have counts once. ret_drifts: bytes of theirs. */
static uint64_t count_selected(const struct plan *plan, uint64_t *ret_drifts)
{
    uint64_t count = 0;

    *ret_drifts = drift_bytes(plan, "");
    for (size_t i = 0; i < plan->threshold_count; i++) {
        bool first = *plan->thresholds[i].selector != '\0';

        for (size_t j = 0; j < i && first; j++)
            first =
                strcmp(plan->thresholds[i].selector, plan->thresholds[j].selector) != 0;
        count += first;
        if (first)
            *ret_drifts += drift_bytes(plan, plan->thresholds[i].selector);
    }
    return count;
}

/* Whether any answer comes in chunks. */
static bool streams(const struct plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan_step_asks_model(plan->steps[i].kind) && plan->steps[i].chat.stream)
            return true;
    return false;
}

/*
 * All metrics of a series that there can be; the times that the censored waited are always coarse.
 */
static uint64_t series_bytes(const struct plan *plan, uint64_t histogram_bytes)
{
    const bool in_chunks = streams(plan);
    uint64_t bytes = 0;

    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_info *info = metric_info(metric);

        if (info->streamed && !in_chunks)
            continue;
        if (!info->of_totals || histogram_bytes == FINE_BYTES)
            bytes += histogram_bytes + (info->censored ? COARSE_BYTES : 0);
    }
    for (size_t i = 0; i < plan->metric_count; i++)
        bytes += plan->metrics[i].kind == PLAN_METRIC_TREND ? histogram_bytes : 0;
    return bytes;
}

/* Where there is something outside the window it is kept apart, and added up in a third place. */
static bool has_outside(const struct plan *plan)
{
    uint64_t start_ns = 0;
    uint64_t end_ns = 0;

    plan_window(plan, &start_ns, &end_ns);
    return start_ns > 0 || end_ns < plan_duration_ns(plan);
}

struct footprint footprint_of(const struct plan *plan)
{
    const uint64_t fine = series_bytes(plan, FINE_BYTES);
    const uint64_t coarse = series_bytes(plan, COARSE_BYTES);
    const uint64_t parts = has_outside(plan) ? PART_COUNT : 1;
    uint64_t drifts = 0;
    const uint64_t selected = count_selected(plan, &drifts);
    const uint64_t values = count_values(plan);
    uint64_t bytes =
        parts * (fine + values * coarse) + selected * fine + INTERVALS * coarse + drifts;

    if (parts > 1)
        bytes += fine + coarse;
    return (struct footprint){.values = values,
                              .bytes = bytes,
                              .value_bytes = parts * coarse,
                              .user_bytes = sizeof(struct person)};
}
