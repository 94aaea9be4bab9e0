/* A recorder goes on with another plan: of the same scenario, with another curve and other thresholds. */
#include <errno.h>

#include "measure/recorder_state.h"
#include "plan/plan.h"

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
    plan_window(plan, &options->window_start_ns, &options->window_end_ns);
    options->window_start_ns += options->started_ns;
    options->window_end_ns += options->started_ns;
    return 0;
}
