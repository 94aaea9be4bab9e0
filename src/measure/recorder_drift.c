/* The drifts of a recorder: of the total, and of each selection that a threshold asks for one of. */

#include "measure/recorder_state.h"
#include "plan/plan.h"

/* Makes the drift of a selector, or has it go on with the plan. */
static int follow(struct drift **drift, const struct recorder *recorder,
                  const struct plan *plan, const char *selector, uint64_t now_ns)
{
    const uint64_t started_ns = recorder->options.started_ns;

    if (!*drift)
        return drift_new(plan, selector, started_ns, drift);
    drift_follow(*drift, plan, selector, started_ns, now_ns);
    return 0;
}

int recorder_follow_drifts(struct recorder *recorder, const struct plan *plan,
                           uint64_t now_ns)
{
    struct selections *selections = &recorder->selections;
    int r = follow(&recorder->drift, recorder, plan, "", now_ns);

    for (size_t i = 0; i < selections->count && r == 0; i++)
        r = follow(&selections->each[i].drift, recorder, plan, selections->each[i].text,
                   now_ns);
    return r;
}

struct series *recorder_slice(struct recorder *recorder, struct drift *drift,
                              enum part part, uint64_t moment_ns)
{
    struct series *slice = NULL;

    if (part != PART_WINDOW || !drift)
        return NULL;
    recorder->lost +=
        drift_slice(drift, recorder_planned_ns(recorder, moment_ns), &slice) < 0;
    return slice;
}

const struct drift *recorder_drift(const struct recorder *recorder, const char *selector)
{
    return *selector ? selections_drift(&recorder->selections, selector)
                     : recorder->drift;
}
