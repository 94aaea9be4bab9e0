#include "cli/session_stage.h"

#include <string.h>

#include "base/clock.h"
#include "cli/session.h"
#include "engine/errand.h"
#include "engine/variables.h"
#include "plan/plan.h"
#include "platform/tenants.h"
#include "result/verdict.h"
#include "workload/question.h"

/* What the words of a verdict are about. */
struct manner {
    const char *name;
    uint64_t timeout_ns;
    enum exit_code timed_out;
    enum exit_code failed;
    const char *consequence;
};

static bool is_setup(enum engine_stage what)
{
    return what == ENGINE_SETUP || what == ENGINE_ORGANIZATION_SETUP;
}

static struct manner manner_of(const struct plan_stages *stages, enum engine_stage what)
{
    if (is_setup(what))
        return (struct manner){"setup", stages->setup_timeout_ns, EXIT_SETUP_TIMEOUT,
                               EXIT_SETUP_FAILED, "; there was no load"};
    return (struct manner){"teardown", stages->teardown_timeout_ns, EXIT_TEARDOWN_TIMEOUT,
                           EXIT_TEARDOWN_TIMEOUT, ""};
}

/* Returns whether it came to its end and all went well. */
static bool judge(const struct session_stage *stage, enum engine_stage what,
                  struct verdicts *verdicts)
{
    const struct run_view *view = engine_view(stage->side.engine);
    const struct manner manner = manner_of(&stage->options->plan->stages, what);
    const char *problem = engine_problem(stage->side.engine);

    if (view->stop_reason == STOP_DURATION)
        verdicts_add(verdicts, manner.timed_out,
                     "The %s took more than %g s (%s.timeout)%s.", manner.name,
                     (double)manner.timeout_ns / (double)NS_PER_S, manner.name,
                     manner.consequence);
    else if (view->stop_reason == STOP_SIGNAL)
        verdicts_add(verdicts, EXIT_SIGNAL, "A signal stopped the %s%s.", manner.name,
                     manner.consequence);
    else if (view->stop_reason == STOP_SCENARIO)
        verdicts_add(verdicts, view->stop->failed ? EXIT_MARKED_FAILED : manner.failed,
                     "A step stopped the %s%s%s%s.", manner.name,
                     view->stop->reason[0] ? ": " : "", view->stop->reason,
                     manner.consequence);
    else if (view->stop_reason == STOP_ERROR)
        verdicts_add(verdicts, EXIT_INTERNAL, "throng ran out of memory in the %s%s.",
                     manner.name, manner.consequence);
    else if (problem)
        verdicts_add(verdicts, manner.failed, "The %s failed at %s%s.", manner.name,
                     problem, manner.consequence);
    else
        return true;
    return false;
}

/* Of several workers that share an organization, the one with its first user does it. */
static bool next_organization(void *ctx, struct errand *ret_errand)
{
    struct session_stage *stage = ctx;
    const struct tenants *tenants = stage->tenants;

    while (stage->organization < tenants->organization_count) {
        const struct tenant_organization *organization =
            &tenants->organizations[stage->organization++];
        const size_t first = organization->user_count > 0 ? organization->users[0] : 0;

        if (organization->user_count == 0 || tenants->people[first].index != 1)
            continue;
        *ret_errand = (struct errand){.program = stage->program,
                                      .who = &tenants->people[first],
                                      .goes_on = !stage->stops_early};
        return !stage->stops_early || !stage->has_failed;
    }
    return false;
}

static void organization_over(void *ctx, const struct errand *errand,
                              const struct errand_result *result)
{
    struct session_stage *stage = ctx;

    (void)errand;
    stage->has_failed |= result->failed;
}

/* Returns whether all went well; or -errno when it could not begin. */
static int run(struct session_stage *stage, enum engine_stage what,
               const struct errand_giver *giver, struct verdicts *verdicts)
{
    const struct session_options *options = stage->options;
    const struct engine_options wanted = {
        .stage = what,
        .plan = options->plan,
        .data = options->data,
        .found = what == ENGINE_SETUP ? NULL : stage->variables,
        .finding = what == ENGINE_SETUP ? stage->variables : NULL,
        .giver = giver,
        .errands_at_once = giver ? options->plan->platform.parallel : 1,
        .run_id = options->run_id,
        .nonce = question_nonce_of_run(options->run_id),
    };
    int r = side_engine_run(&stage->side, &wanted, options->log_bodies);

    if (r == 0)
        r = judge(stage, what, verdicts);
    side_engine_close(&stage->side);
    return r;
}

/* Once for each organization, if there are any. Returns as run(). */
static int run_each(struct session_stage *stage, enum engine_stage what, uint32_t program,
                    struct verdicts *verdicts)
{
    const struct errand_giver giver = {
        .ctx = stage, .next = next_organization, .over = organization_over};

    if (program == PLAN_NONE || stage->tenants->organization_count == 0)
        return 1;
    stage->program = &stage->options->plan->programs[program];
    stage->organization = 0;
    stage->has_failed = false;
    stage->stops_early = is_setup(what);
    return run(stage, what, &giver, verdicts);
}

void session_stage_init(struct session_stage *stage,
                        const struct session_options *options,
                        const struct tenants *tenants)
{
    *stage = (struct session_stage){
        .options = options, .tenants = tenants, .side = {.loop = options->loop}};
}

void session_stage_deinit(struct session_stage *stage)
{
    stage->variables = variables_free(stage->variables);
}

int session_stage_set_up(struct session_stage *stage, struct verdicts *verdicts)
{
    const struct plan *plan = stage->options->plan;
    int r = 1;

    if (plan->stages.run_setup != PLAN_NONE) {
        r = variables_new(plan->variable_count, NULL, &stage->variables);
        if (r == 0)
            r = run(stage, ENGINE_SETUP, NULL, verdicts);
    }
    if (r > 0)
        r = run_each(stage, ENGINE_ORGANIZATION_SETUP, plan->stages.organization_setup,
                     verdicts);
    if (r < 0)
        return r;
    return r > 0 ? 0 : SESSION_NOT_SET_UP;
}

void session_stage_tear_down(struct session_stage *stage, struct verdicts *verdicts)
{
    const struct plan_stages *stages = &stage->options->plan->stages;
    int r = run_each(stage, ENGINE_ORGANIZATION_TEARDOWN, stages->organization_teardown,
                     verdicts);

    if (r >= 0 && stages->run_teardown != PLAN_NONE)
        r = run(stage, ENGINE_TEARDOWN, NULL, verdicts);
    if (r < 0)
        verdicts_add(verdicts, EXIT_TEARDOWN_TIMEOUT, "The teardown could not begin: %s.",
                     strerror(-r));
}

bool session_stage_is_on(const struct session_stage *stage)
{
    return side_engine_is_on(&stage->side);
}

void session_stage_stop(struct session_stage *stage)
{
    side_engine_stop(&stage->side, 0);
}
