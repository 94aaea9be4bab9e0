#include "cli/session_stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/clock.h"
#include "cli/connection_policy.h"
#include "cli/session.h"
#include "cli/session_log.h"
#include "engine/uv_world.h"
#include "engine/variables.h"
#include "measure/recorder.h"
#include "net/curl_transport.h"
#include "plan/plan.h"
#include "result/verdict.h"
#include "workload/question.h"

/* What a stage runs on. */
struct means {
    struct connection_policy *policies;
    struct curl_transport *transport;
    struct uv_world *world;
    struct recorder *recorder; /* an engine wants one: nothing comes into it */
};

static void on_transport_closed(void *ctx)
{
    struct session_stage *stage = ctx;

    stage->closing--;
}

static void close_means(struct session_stage *stage, struct means *means)
{
    if (means->world)
        uv_world_close(means->world);
    if (means->transport) {
        stage->closing++;
        curl_transport_close(means->transport, on_transport_closed, stage);
    }
    while (stage->closing > 0)
        uv_run(stage->options->loop, UV_RUN_ONCE);
    recorder_free(means->recorder);
    free(means->policies);
}

static int open_means(const struct session_options *options, struct means *means)
{
    const struct plan *plan = options->plan;
    const uint64_t now_ns = clock_mono_ns();
    const struct recorder_options recording = {.plan = plan,
                                               .started_ns = now_ns,
                                               .window_start_ns = now_ns,
                                               .window_end_ns = now_ns,
                                               .interval_ns = NS_PER_S};
    struct curl_transport_options transport = {.target_count = plan->target_count,
                                               .shards = 1};
    int r = 0;

    means->policies = calloc(plan->target_count, sizeof(*means->policies));
    if (!means->policies)
        return -ENOMEM;
    for (size_t i = 0; i < plan->target_count; i++)
        means->policies[i] = connection_policy_of(&plan->targets[i]);
    transport.targets = means->policies;
    r = curl_transport_new(options->loop, &transport, &means->transport);
    if (r == 0)
        r = uv_world_new(options->loop, curl_transport_as_transport(means->transport),
                         &means->world);
    return r < 0 ? r : recorder_new(&recording, &means->recorder);
}

static void on_sample(void *ctx, const struct sample *sample)
{
    (void)ctx;
    (void)sample;
}

static void on_bodies(void *ctx, const struct sample *sample,
                      const struct engine_bodies *bodies)
{
    const struct session_stage *stage = ctx;

    session_log_bodies(stage->engine, sample, bodies);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct session_stage *stage = ctx;

    (void)view;
    stage->is_done = true;
}

/* What the words of a verdict are about. */
struct manner {
    const char *name;
    uint64_t timeout_ns;
    enum exit_code timed_out;
    enum exit_code failed;
    const char *consequence;
};

static struct manner manner_of(const struct plan_stages *stages, enum engine_stage what)
{
    if (what == ENGINE_SETUP)
        return (struct manner){"setup", stages->setup_timeout_ns, EXIT_SETUP_TIMEOUT,
                               EXIT_SETUP_FAILED, "; there was no load"};
    return (struct manner){"teardown", stages->teardown_timeout_ns, EXIT_TEARDOWN_TIMEOUT,
                           EXIT_TEARDOWN_TIMEOUT, ""};
}

/* Returns whether it came to its end and all went well. */
static bool judge(const struct session_stage *stage, enum engine_stage what,
                  struct verdicts *verdicts)
{
    const struct run_view *view = engine_view(stage->engine);
    const struct manner manner = manner_of(&stage->options->plan->stages, what);
    const char *problem = engine_problem(stage->engine);

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

static int open_engine(struct session_stage *stage, enum engine_stage what,
                       const struct means *means)
{
    const struct session_options *options = stage->options;
    const bool is_setup = what == ENGINE_SETUP;
    const struct engine_options engine = {
        .stage = what,
        .plan = options->plan,
        .data = options->data,
        .world = uv_world_as_world(means->world),
        .recorder = means->recorder,
        .found = is_setup ? NULL : stage->variables,
        .finding = is_setup ? stage->variables : NULL,
        .observer = {.ctx = stage,
                     .on_sample = on_sample,
                     .on_bodies = options->log_bodies ? on_bodies : NULL,
                     .on_warning = session_log_warning,
                     .on_phase = on_phase,
                     .on_done = on_done},
        .run_id = options->run_id,
        .nonce = question_nonce_of_run(options->run_id),
    };

    return engine_new(&engine, &stage->engine);
}

/* Returns whether all went well; or -errno when it could not begin. */
static int run(struct session_stage *stage, enum engine_stage what,
               struct verdicts *verdicts)
{
    struct means means = {0};
    int r = open_means(stage->options, &means);

    if (r == 0)
        r = open_engine(stage, what, &means);
    if (r == 0) {
        stage->is_done = false;
        engine_start(stage->engine);
        while (!stage->is_done)
            uv_run(stage->options->loop, UV_RUN_ONCE);
        r = judge(stage, what, verdicts);
    }
    stage->engine = engine_free(stage->engine);
    close_means(stage, &means);
    return r;
}

void session_stage_init(struct session_stage *stage,
                        const struct session_options *options)
{
    *stage = (struct session_stage){.options = options};
}

void session_stage_deinit(struct session_stage *stage)
{
    stage->variables = variables_free(stage->variables);
}

int session_stage_set_up(struct session_stage *stage, struct verdicts *verdicts)
{
    const struct plan *plan = stage->options->plan;
    int r;

    if (plan->stages.run_setup == PLAN_NONE)
        return 0;
    r = variables_new(plan->variable_count, NULL, &stage->variables);
    if (r == 0)
        r = run(stage, ENGINE_SETUP, verdicts);
    if (r < 0)
        return r;
    return r > 0 ? 0 : SESSION_NOT_SET_UP;
}

void session_stage_tear_down(struct session_stage *stage, struct verdicts *verdicts)
{
    int r;

    if (stage->options->plan->stages.run_teardown == PLAN_NONE)
        return;
    r = run(stage, ENGINE_TEARDOWN, verdicts);
    if (r < 0)
        verdicts_add(verdicts, EXIT_TEARDOWN_TIMEOUT, "The teardown could not begin: %s.",
                     strerror(-r));
}

bool session_stage_is_on(const struct session_stage *stage)
{
    return stage->engine != NULL;
}

void session_stage_stop(struct session_stage *stage)
{
    if (!stage->is_done)
        engine_stop(stage->engine, STOP_SIGNAL, 0);
}
