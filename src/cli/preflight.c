#include "cli/preflight.h"

#include <stdio.h>

#include "cli/outputs.h"
#include "cli/preflight_canary.h"
#include "cli/preflight_machine.h"
#include "cli/preflight_report.h"
#include "cli/preflight_targets.h"
#include "cli/run_options.h"
#include "plan/plan.h"
#include "result/verdict.h"

#define REQUEST_ID_BYTES 128

static void name_requests(const char *run_id, char request_id[static REQUEST_ID_BYTES])
{
    (void)snprintf(request_id, REQUEST_ID_BYTES, "%.64s-preflight", run_id);
}

void preflight_begin(const struct plan *plan, const struct run_options *options,
                     const char *run_id, struct preflight_report *report)
{
    char request_id[REQUEST_ID_BYTES];
    size_t from;

    name_requests(run_id, request_id);
    preflight_machine(plan, options->out, report);
    preflight_targets(plan, request_id, report);
    from = report->verdicts->count;
    outputs_check(plan, report->verdicts);
    if (plan->outputs.pushgateway.url)
        preflight_adopt(report, from, "Pushgateway", "it is there");
}

static bool asks_simulator_alone(const struct plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (!plan->targets[i].simulator)
            return false;
    return true;
}

void preflight_end(const struct plan *plan, const struct data *data, const char *run_id,
                   bool all, struct preflight_report *report)
{
    char request_id[REQUEST_ID_BYTES];

    name_requests(run_id, request_id);
    if (plan->platform.is_used)
        preflight_find(report, FINDING_SKIPPED, "models",
                       "people act with keys that are made later");
    else if (all || !asks_simulator_alone(plan))
        preflight_canaries(plan, data, request_id, report);
}
