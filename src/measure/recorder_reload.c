/* A recorder goes on with another plan: of the same scenario, with another curve and other thresholds. */
#include <errno.h>

#include "measure/recorder_state.h"
#include "plan/plan.h"

/* As the plan has it, on the load's clock. */
static void set_window(struct recorder_options *options)
{
    uint64_t start_ns;
    uint64_t end_ns;

    plan_window(options->plan, &start_ns, &end_ns);
    options->window_start_ns =
        pauses_moment_ns(&options->pauses, options->started_ns, start_ns);
    options->window_end_ns =
        pauses_moment_ns(&options->pauses, options->started_ns, end_ns);
}

int recorder_follow(struct recorder *recorder, const struct plan *plan, uint64_t now_ns)
{
    struct recorder_options *options = &recorder->options;
    int r = selections_have_room(&recorder->selections, plan) ? 0 : -ENOSPC;

    if (r == 0)
        r = recoveries_follow(&recorder->recoveries, plan, options->started_ns);
    if (r < 0)
        return r;
    selections_add(&recorder->selections, plan, now_ns);
    r = recorder_follow_drifts(recorder, plan, now_ns);
    recorder->lost += r < 0; /* selectors were added: there is no way back */
    options->plan = plan;
    set_window(options);
    return 0;
}

void recorder_paused(struct recorder *recorder, uint64_t start_ns, uint64_t end_ns)
{
    pauses_add(&recorder->options.pauses, start_ns, end_ns);
    set_window(&recorder->options);
}

uint64_t recorder_planned_ns(const struct recorder *recorder, uint64_t moment_ns)
{
    const struct recorder_options *options = &recorder->options;

    return options->started_ns +
           pauses_load_ns(&options->pauses, options->started_ns, moment_ns);
}
