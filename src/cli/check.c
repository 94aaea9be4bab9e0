#include <stdio.h>

#include "base/buf.h"
#include "cli/command.h"
#include "cli/data_print.h"
#include "cli/estimate.h"
#include "cli/fingerprint.h"
#include "cli/plan_print.h"
#include "cli/run_options.h"
#include "cli/trace_print.h"
#include "plan/plan.h"
#include "result/verdict.h"
#include "workload/data.h"

#define MAX_TEXT_BYTES ((size_t)1 << 20)

static int print_plan(const struct plan *plan, const struct data *data)
{
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    char fingerprint[FINGERPRINT_BYTES];
    struct estimate estimate = {0};
    int r = estimate_of(plan, data, &estimate);

    if (r >= 0)
        r = plan_print(plan, &estimate, &text);
    data_print(data, &text);
    trace_print(plan->replay.path, data_trace(data), &text);
    estimate_deinit(&estimate);
    fingerprint_of_plan(plan, data, fingerprint);
    (void)fputs(buf_str(&text), stdout);
    printf("\nFingerprint %s\nThe scenario is valid.\n", fingerprint);
    buf_deinit(&text);
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct run_options options = {0};
    const struct run_options_wish wish = {NULL, NULL};
    struct option_list arguments = {0};
    struct plan *plan = NULL;
    struct data *data = NULL;
    int code = command_begin(command, argc, argv, &options, &arguments);

    if (code < 0)
        code = run_options_load(command->name, arguments.values[0], &options, &wish,
                                &plan, &data);
    if (code < 0)
        code = print_plan(plan, data);
    data_free(data);
    plan_free(plan);
    option_list_deinit(&options.set);
    option_list_deinit(&options.base_urls);
    option_list_deinit(&options.tags);
    option_list_deinit(&arguments);
    return code;
}

const struct command command_check = {
    .name = "check",
    .arguments = "SCENARIO",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "check a scenario and print what it would do",
    .details =
        "Prints every mistake with its place, or the plan: who sends what, the load over "
        "time, and what that may cost, reckoned in virtual time. Touches no network.",
    .more_options = run_options_of_scenario,
    .run = run,
};
