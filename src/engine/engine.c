#include "engine/engine.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/arrival_curve.h"
#include "engine/arrival_times.h"
#include "engine/arrival_trace.h"
#include "engine/arrivals.h"
#include "engine/errands.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/population.h"
#include "engine/user.h"
#include "engine/world.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "workload/data.h"
#include "workload/mix.h"
#include "workload/question.h"
#include "workload/trace.h"
#include "workload/uniqueness.h"

/* What a user may say at most: a prompt and a prefix of a million tokens each, with room to write them. */
#define MAX_SAID_BYTES ((size_t)32 * 1024 * 1024)

/* So far apart are the numbers of operations of the stages: no two requests of a run share an id. */
#define STAGE_OPERATIONS (UINT64_C(1) << 48)

static uint64_t now(struct engine *engine)
{
    return engine->world->ops->now(engine->world);
}

/* Whether there is something to say it with. */
static bool can_be_said(const struct plan_chat *chat,
                        const struct engine_options *options)
{
    const struct plan *plan = options->plan;

    switch (chat->say) {
    case PLAN_SAY_QUESTION:
        return chat->strategy_name ? question_strategy_find(chat->strategy_name) != NULL
                                   : chat->questions < plan->question_count;
    case PLAN_SAY_DATASET:
        return options->data && chat->dataset < plan->dataset_count;
    case PLAN_SAY_PROMPT:
    case PLAN_SAY_MESSAGES:
    case PLAN_SAY_SYNTHETIC:
        return true;
    case PLAN_SAY_TRACE:
        return data_trace(options->data) != NULL;
    }
    return false;
}

/* Returns 0; -EINVAL where the plan holds nobody, or nothing to do. */
static int check_plan(const struct engine_options *options)
{
    const struct plan *plan = options->plan;

    if (plan->phase_count == 0 || plan->class_count == 0 || plan->target_count == 0 ||
        (plan_is_open(plan) && plan->arrivals.users == 0) || plan->worker_count == 0 ||
        plan->worker_index >= plan->worker_count)
        return -EINVAL;
    if (plan->arrivals.kind == PLAN_ARRIVALS_TRACE && !data_trace(options->data))
        return -EINVAL;
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (plan_step_asks_model(step->kind) && !can_be_said(&step->chat, options))
            return -EINVAL;
    }
    return 0;
}

/* The program of a run-wide stage, or NULL. */
static const struct plan_program *program_of(const struct plan *plan,
                                             enum engine_stage stage)
{
    uint32_t index = PLAN_NONE;

    if (stage == ENGINE_SETUP)
        index = plan->stages.run_setup;
    else if (stage == ENGINE_TEARDOWN)
        index = plan->stages.run_teardown;
    return index == PLAN_NONE ? NULL : &plan->programs[index];
}

static int open_arrivals(struct engine *engine)
{
    const struct trace *trace = data_trace(engine->data);
    struct arrival_times *times = NULL;
    const int r = engine->plan->arrivals.kind == PLAN_ARRIVALS_TRACE
                      ? arrival_trace_new(engine->plan, trace, &times)
                      : arrival_curve_new(engine->plan, &times);

    return r < 0 ? r : arrivals_new(engine, times, &engine->source);
}

static int open_source(struct engine *engine, const struct engine_options *options)
{
    const struct plan_program *program = program_of(engine->plan, options->stage);

    if (options->stage == ENGINE_LOAD && plan_is_open(engine->plan))
        return open_arrivals(engine);
    if (options->stage == ENGINE_LOAD)
        return population_new(engine, &engine->source);
    schedule_close(&engine->schedule);
    if (options->giver)
        return errands_new(engine, options->giver, options->errands_at_once,
                           &engine->source);
    if (!program)
        return -EINVAL;
    return errands_of_one(engine, program, options->stage == ENGINE_TEARDOWN,
                          options->finding, &engine->source);
}

/* The most headers that a request of the trace has. */
static size_t recorded_headers(const struct data *data)
{
    const struct trace *trace = data_trace(data);

    return trace ? trace_facts(trace).most_headers : 0;
}

static int open_parts(struct engine *engine, const struct engine_options *options)
{
    const struct plan *plan = engine->plan;
    const struct script_options scripting = {.plan = plan,
                                             .found = options->found,
                                             .data = options->data,
                                             .is_on_paper = options->is_on_paper};
    int r = circuits_init(&engine->circuits, plan, &engine->observer);

    if (r >= 0)
        r = request_maker_init(&engine->maker, plan, options->run_id, options->nonce,
                               recorded_headers(options->data));

    if (r >= 0)
        r = script_init(&engine->script, &scripting);
    if (r >= 0)
        r = pacer_reserve(&engine->pacer, ENGINE_TIMERS);
    if (r >= 0)
        r = mix_of_plan(&engine->mix, plan);
    if (r >= 0)
        r = uniqueness_new(&engine->uniqueness);
    if (r >= 0)
        r = open_source(engine, options);
    if (r < 0)
        return r;
    engine->labels =
        calloc(plan->class_count * run_labels_per_class(plan), sizeof(*engine->labels));
    return engine->labels ? 0 : -ENOMEM;
}

/* How long it may take at most; 0: as long as it takes. */
static uint64_t duration_of(const struct plan *plan, enum engine_stage stage)
{
    switch (stage) {
    case ENGINE_LOAD:
        return plan->limits.duration_ns;
    case ENGINE_SETUP:
    case ENGINE_ORGANIZATION_SETUP:
        return plan->stages.setup_timeout_ns;
    case ENGINE_TEARDOWN:
    case ENGINE_ORGANIZATION_TEARDOWN:
        return plan->stages.teardown_timeout_ns;
    case ENGINE_MAKE:
        return plan->platform.bootstrap_timeout_ns;
    case ENGINE_REMOVE:
        return plan->platform.cleanup_timeout_ns;
    }
    return 0;
}

int engine_new(const struct engine_options *options, struct engine **ret_engine)
{
    struct engine *engine;
    int r = check_plan(options);

    if (r < 0)
        return r;
    engine = malloc(sizeof(*engine));
    if (!engine)
        return -ENOMEM;
    *engine = (struct engine){
        .plan = options->plan,
        .data = options->data,
        .roster = options->roster,
        .world = options->world,
        .recorder = options->recorder,
        .observer = options->observer,
        .nonce = options->nonce,
        .stage = options->stage,
        .next_operation_id = options->stage * STAGE_OPERATIONS,
        .max_duration_ns = duration_of(options->plan, options->stage),
        .scratch = BUF_INIT(MAX_SAID_BYTES),
    };
    list_init(&engine->held);
    pacer_init(&engine->pacer, options->world, options->recorder);
    schedule_init(&engine->schedule, options->plan);
    limits_init(&engine->limits, options->plan);
    engine_init_timers(engine);
    r = open_parts(engine, options);
    if (r < 0) {
        engine_free(engine);
        return r;
    }
    *ret_engine = engine;
    return 0;
}

struct engine *engine_free(struct engine *engine)
{
    if (!engine)
        return NULL;
    if (engine->source)
        engine->source->ops->free(engine->source);
    attempt_pool_deinit(&engine->attempts);
    pacer_deinit(&engine->pacer);
    schedule_deinit(&engine->schedule);
    request_maker_deinit(&engine->maker);
    circuits_deinit(&engine->circuits);
    script_deinit(&engine->script);
    mix_free(engine->mix);
    uniqueness_free(engine->uniqueness);
    buf_deinit(&engine->scratch);
    free(engine->labels);
    free(engine);
    return NULL;
}

void engine_start(struct engine *engine)
{
    const uint64_t now_ns = now(engine);

    engine->state = RUN_LOADING;
    engine->started_ns = now_ns;
    schedule_start(&engine->schedule, now_ns);
    if (engine->max_duration_ns)
        pacer_set(&engine->pacer, &engine->duration_timer,
                  now_ns + engine->max_duration_ns);
    if (engine->stage != ENGINE_LOAD)
        engine->source->ops->set_level(engine->source, 1, now_ns);
    engine_follow_curve(engine);
    pacer_beat(&engine->pacer, now_ns);
}

void engine_stop(struct engine *engine, enum stop_reason reason, uint64_t graceful_ns)
{
    engine_begin_stop(engine, reason, graceful_ns, now(engine));
}

int engine_append_phase(struct engine *engine, const struct plan_phase *phase)
{
    struct load_source *source = engine->source;
    int r = schedule_append(&engine->schedule, phase);

    if (r >= 0 && source->ops->append)
        r = source->ops->append(source, schedule_last_phase(&engine->schedule));
    if (r >= 0)
        engine_follow_curve(engine);
    return r;
}

int engine_leave_phase(struct engine *engine)
{
    const int r = schedule_leave(&engine->schedule, now(engine));

    if (r >= 0)
        engine_follow_curve(engine);
    return r;
}

void engine_request_id(const struct engine *engine, const struct sample *sample,
                       char *text, size_t size)
{
    char id[REQUEST_ID_BYTES];

    request_id_of(&engine->maker, sample->operation_id, sample->attempt, id);
    (void)snprintf(text, size, "%s", id);
}

const char *engine_problem(const struct engine *engine)
{
    return engine->errand_failed ? engine->problem : NULL;
}

void engine_stats(const struct engine *engine, struct engine_stats *ret_stats)
{
    *ret_stats = (struct engine_stats){
        .timers = engine->pacer.fired,
        .catch_ups = engine->pacer.catch_ups,
    };
}

const struct run_view *engine_view(struct engine *engine)
{
    const struct schedule *schedule = &engine->schedule;
    const struct plan_phase *phase = schedule_phase(schedule);
    const uint64_t now_ns = now(engine);
    const uint64_t load_end_ns = engine->stopped_ns ? engine->stopped_ns : now_ns;

    engine->view = (struct run_view){
        .plan = engine->plan,
        .recorder = engine->recorder,
        .state = engine->state,
        .stop_reason = engine->stop_reason,
        .phase = phase && phase->name ? phase->name : "",
        .phase_index = (uint32_t)schedule->index,
        .started_ns = engine->started_ns,
        .now_ns = now_ns,
        .load_end_ns = load_end_ns,
        .elapsed_ns = schedule_elapsed_ns(schedule, load_end_ns),
        .phase_left_ns = schedule_phase_left_ns(schedule, now_ns),
        .left_ns = schedule_left_ns(schedule, now_ns),
        .spent_pusd = engine->limits.spent_pusd,
        .reserved_pusd = engine->limits.reserved_pusd,
        .limit_attempts = engine->limits.broken_attempts,
        .limit_failed = engine->limits.broken_failed,
        .stop = engine->stop_step,
        .unset_uses = engine->script.unset_uses,
        .unset_name = engine->script.unset_name,
        .setups_failed = engine->setups_failed,
        .users_retired = engine->users_retired,
        .circuits = engine->circuits.views,
        .circuit_count = circuits_look(&engine->circuits, now_ns),
    };
    engine->view.is_open = engine->source->ops->look != NULL;
    if (engine->view.is_open)
        engine->source->ops->look(engine->source, load_end_ns, &engine->view.arrivals);
    return &engine->view;
}

static bool goes_on(const struct engine *engine)
{
    return engine->state == RUN_LOADING || engine->state == RUN_PAUSED;
}

static int control_set_rate(void *ctx, double rate_per_s)
{
    struct engine *engine = ctx;
    const struct load_source_ops *ops = engine->source->ops;
    int r;

    if (!goes_on(engine) || !ops->set_rate || !(rate_per_s >= 0) || !isfinite(rate_per_s))
        return -EINVAL;
    r = ops->set_rate(engine->source, rate_per_s, now(engine));
    if (r == 0)
        engine_follow_curve(engine);
    return r;
}

static int control_set_users(void *ctx, uint64_t users)
{
    struct engine *engine = ctx;

    if (!goes_on(engine))
        return -EINVAL;
    if (engine->source->ops->set_people) {
        const int r = engine->source->ops->set_people(engine->source, users);

        engine_follow_curve(engine);
        return r;
    }
    schedule_set_users(&engine->schedule, users, now(engine));
    engine_follow_curve(engine);
    return 0;
}

static int control_pause(void *ctx)
{
    struct engine *engine = ctx;

    if (engine->state != RUN_LOADING)
        return -EINVAL;
    engine->state = RUN_PAUSED;
    schedule_pause(&engine->schedule, now(engine));
    engine_follow_curve(engine);
    return 0;
}

static int control_resume(void *ctx)
{
    struct engine *engine = ctx;
    const uint64_t now_ns = now(engine);
    struct list waiting;

    if (engine->state != RUN_PAUSED)
        return -EINVAL;
    engine->state = RUN_LOADING;
    recorder_paused(engine->recorder, engine->schedule.paused_at_ns, now_ns);
    schedule_resume(&engine->schedule, now_ns);
    if (engine->source->ops->resume)
        engine->source->ops->resume(engine->source, now_ns);
    /* Whom a limit forbids to send is held again: only those who wait now are asked. */
    list_init(&waiting);
    list_move_all(&waiting, &engine->held);
    while (!list_is_empty(&waiting))
        user_let_go(LIST_ENTRY(waiting.next, struct user, held), now_ns);
    engine_follow_curve(engine);
    return 0;
}

static int control_stop(void *ctx, enum stop_reason reason)
{
    struct engine *engine = ctx;

    if (engine->state == RUN_STOPPING || engine->state == RUN_DONE)
        return -EINVAL;
    engine_stop(engine, reason, engine->plan->graceful_stop_ns);
    return 0;
}

static int control_mark(void *ctx, const char *text)
{
    struct engine *engine = ctx;

    if (engine->observer.on_mark)
        engine->observer.on_mark(engine->observer.ctx, text, now(engine));
    return 0;
}

struct run_control engine_control(struct engine *engine)
{
    return (struct run_control){
        .ctx = engine,
        .set_users = control_set_users,
        .set_rate = control_set_rate,
        .pause = control_pause,
        .resume = control_resume,
        .stop = control_stop,
        .mark = control_mark,
    };
}
