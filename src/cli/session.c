#include "cli/session.h"

#include <errno.h>
#include <stdlib.h>

#include <uv.h>

#include "base/clock.h"
#include "cli/breach.h"
#include "cli/connection_policy.h"
#include "cli/judgement.h"
#include "cli/reload.h"
#include "cli/session_control.h"
#include "cli/session_driver.h"
#include "cli/session_facts.h"
#include "cli/session_files.h"
#include "cli/session_log.h"
#include "cli/session_stage.h"
#include "cli/session_tenants.h"
#include "cli/stop_signals.h"
#include "engine/engine.h"
#include "engine/uv_world.h"
#include "measure/anomaly.h"
#include "measure/arm_view.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "net/curl_transport.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "result/hlog.h"
#include "result/timeline.h"
#include "result/worker_points.h"
#include "workload/question.h"

#define SHARDS 64 /* BENCH.md: best of those measured */
#define TICK_MS 250
#define TICKS_PER_S (1000 / TICK_MS)

struct session {
    const struct session_options *options;
    uv_loop_t *loop;
    uv_timer_t tick;
    struct stop_signals signals;
    unsigned stops;   /* how often it was asked to stop */
    bool is_done;     /* the load is over */
    unsigned closing; /* things of its own that the loop still has to close */
    struct connection_policy *policies;
    struct curl_transport *transport;
    struct uv_world *world;
    struct recorder *recorder;
    struct timeline *timeline;
    struct hlog *hlog;
    struct worker_points *points; /* NULL: it is the only worker */
    struct anomaly_watch *anomalies;
    struct engine *engine;
    struct session_files files;
    unsigned ticks;
    bool breach_told; /* the limit that ended the run was logged */
    struct session_control control;
    struct run_control asked; /* the same as probes know it */
    struct session_evidence evidence;
    struct session_tenants tenants; /* made before the load, removed behind it */
    struct session_stage stage;     /* setup before the load, teardown behind it */
};

static void on_sample(void *ctx, const struct sample *sample)
{
    struct session *session = ctx;

    session_files_sample(&session->files, sample);
}

static void on_chunk(void *ctx, const struct chunk *chunk)
{
    struct session *session = ctx;

    session_files_chunk(&session->files, chunk);
}

/* Remembers the first of each kind for the result, and logs each where it is asked for. */
static void on_failure(void *ctx, const struct sample *sample, const char *detail)
{
    struct session *session = ctx;

    session_note_failure(&session->evidence, sample, detail);
    session_log_failure(session->engine, sample, detail);
}

static void on_bodies(void *ctx, const struct sample *sample,
                      const struct engine_bodies *bodies)
{
    const struct session *session = ctx;

    session_log_bodies(session->engine, sample, bodies);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    struct session *session = ctx;

    /* The probes see it at their next tick. */
    if (view->state == RUN_STOPPING && !session->breach_told)
        breach_log_limit(view);
    session->breach_told |= view->state == RUN_STOPPING;
}

static int on_note(void *ctx, enum run_mark_kind kind, const char *text)
{
    struct session *session = ctx;
    struct run_marks *marks = &session->evidence.marks;
    const struct session_options *options = session->options;
    const int r = run_marks_add(marks, clock_mono_ns(), kind, text);

    if (r < 0)
        return r;
    session_log_mark(&marks->each[marks->count - 1]);
    for (size_t i = 0; i < options->probe_count; i++)
        if (options->probes[i].on_mark)
            options->probes[i].on_mark(options->probes[i].ctx,
                                       &marks->each[marks->count - 1]);
    return 0;
}

static void hurry_probes(const struct session *session)
{
    for (size_t i = 0; i < session->options->probe_count; i++) {
        const struct probe *probe = &session->options->probes[i];

        if (probe->hurry)
            probe->hurry(probe->ctx);
    }
}

static void on_signal(void *ctx)
{
    struct session *session = ctx;
    const uint64_t graceful_ns =
        session->stops == 0 ? session->options->plan->graceful_stop_ns : 0;

    session->stops++;
    if (session_tenants_are_on(&session->tenants))
        session_tenants_stop(&session->tenants, session->stops);
    else if (session_stage_is_on(&session->stage))
        session_stage_stop(&session->stage);
    else if (session->is_done)
        hurry_probes(session);
    else if (session->engine) /* else it is before the load, which does not begin */
        engine_stop(session->engine, STOP_SIGNAL, graceful_ns);
}

static void on_reload_signal(void *ctx)
{
    struct session *session = ctx;

    reload_ask(session->options->reload);
}

/* Once a second: a threshold with abort_on_fail that has data and does not hold ends the run. */
static void watch_thresholds(struct session *session, const struct run_view *view)
{
    struct threshold_judgement judgement;
    const struct plan_threshold *broken;

    if (view->state == RUN_STOPPING)
        return;
    broken = breach_find(view, &judgement);
    if (!broken)
        return;
    breach_log_threshold(view, broken, &judgement);
    engine_stop(session->engine, STOP_THRESHOLD,
                session->options->plan->graceful_stop_ns);
}

static void close_interval(struct session *session, uint64_t now_ns,
                           struct interval_view *ret_interval)
{
    recorder_close_interval(session->recorder, now_ns, ret_interval);
    timeline_add(session->timeline, ret_interval);
    hlog_add(session->hlog, ret_interval);
    worker_points_add(session->points, ret_interval);
}

static void tell_interval(struct session *session, const struct run_view *view)
{
    struct interval_view interval;

    close_interval(session, view->now_ns, &interval);
    anomaly_watch_add(session->anomalies, view, &interval);
    for (size_t i = 0; i < session->options->probe_count; i++) {
        const struct probe *probe = &session->options->probes[i];

        probe->on_tick(probe->ctx, view, &interval);
    }
}

static void on_tick(uv_timer_t *handle)
{
    struct session *session = handle->data;
    struct run_view view = *engine_view(session->engine);
    const bool each_second = ++session->ticks % TICKS_PER_S == 0;

    if (each_second)
        session_judge_trust(&session->evidence, &view);
    if (session->ticks >= TICKS_PER_S)
        view.trust = &session->evidence.trust;
    view.anomalies = session->anomalies;
    if (each_second)
        watch_thresholds(session, &view);
    tell_interval(session, &view);
    session_files_tick(&session->files, view.now_ns);
    if (session->options->driver)
        session->options->driver->on_tick(session->options->driver->ctx, &view);
}

static void on_transport_closed(void *ctx)
{
    struct session *session = ctx;

    session->closing--;
}

static void on_tick_closed(uv_handle_t *handle)
{
    struct session *session = handle->data;

    session->closing--;
}

/* Lets go of what the load needed, as far as it was opened. */
static void close_load(struct session *session)
{
    if (session->world)
        uv_world_close(session->world);
    if (session->transport) {
        session->closing++;
        curl_transport_close(session->transport, on_transport_closed, session);
    }
    session_files_close(&session->files);
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct session *session = ctx;
    struct session_evidence *evidence = &session->evidence;
    struct run_view last = *view;

    session->is_done = true;
    last.anomalies = session->anomalies;
    evidence->view = last;
    if (session->options->driver)
        evidence->view.plan =
            session->options->driver->plan(session->options->driver->ctx);
    tell_interval(session, &last);
    recorder_end_arms(session->recorder, view->load_end_ns);
    anomaly_watch_end(session->anomalies);
    timeline_end(session->timeline);
    worker_points_end(session->points);
    session->closing++;
    uv_close((uv_handle_t *)&session->tick, on_tick_closed);
    curl_transport_stats(session->transport, &evidence->stats);
    evidence->samples_dropped = session_files_dropped(&session->files);
    evidence->chunks_dropped = session_files_chunks_dropped(&session->files);
    reload_close(session->options->reload);
    close_load(session);
}

static int open_transport(struct session *session)
{
    const struct plan *plan = session->options->plan;
    struct curl_transport_options options = {.target_count = plan->target_count,
                                             .shards = SHARDS,
                                             .kernel_stamps =
                                                 session->options->kernel_stamps};

    session->policies = calloc(plan->target_count, sizeof(*session->policies));
    if (!session->policies)
        return -ENOMEM;
    for (size_t i = 0; i < plan->target_count; i++)
        session->policies[i] = connection_policy_of(&plan->targets[i]);
    options.targets = session->policies;
    return curl_transport_new(session->loop, &options, &session->transport);
}

/* For the checkpoint: what is known by now. */
static struct run_facts gather(void *ctx)
{
    struct session *session = ctx;
    struct session_evidence *evidence = &session->evidence;

    curl_transport_stats(session->transport, &evidence->stats);
    evidence->samples_dropped = session_files_dropped(&session->files);
    evidence->chunks_dropped = session_files_chunks_dropped(&session->files);
    return session_facts_so_far(evidence, engine_view(session->engine));
}

static int open_recorder(struct session *session, uint64_t started_ns)
{
    const struct plan *plan = session->options->plan;
    struct recorder_options options = {
        .plan = plan,
        .started_ns = started_ns,
        .interval_ns = TICK_MS * NS_PER_MS,
        .backends = session->options->backends,
    };

    plan_window(plan, &options.window_start_ns, &options.window_end_ns);
    options.window_start_ns += started_ns;
    options.window_end_ns += started_ns;
    return recorder_new(&options, &session->recorder);
}

static int open_engine(struct session *session)
{
    const struct plan *plan = session->options->plan;
    const struct engine_options options = {
        .plan = plan,
        .data = session->options->data,
        .found = session->stage.variables,
        .roster = &session->tenants.roster,
        .world = uv_world_as_world(session->world),
        .recorder = session->recorder,
        .observer = {.ctx = session,
                     .on_sample = on_sample,
                     .on_failure = on_failure,
                     .on_bodies = session->options->log_bodies ? on_bodies : NULL,
                     .on_chunk = session->options->record_chunks ? on_chunk : NULL,
                     .on_warning = session_log_warning,
                     .on_circuit = session_log_circuit,
                     .on_phase = on_phase,
                     .on_done = on_done},
        .run_id = session->options->run_id,
        .nonce = plan->unique_over_seed ? question_nonce_of_seed(plan->seed)
                                        : question_nonce_of_run(session->options->run_id),
    };

    return engine_new(&options, &session->engine);
}

/* The run goes on with another plan, or with the one it has. */
static int on_reload(void *ctx, const struct plan *plan, const char *said)
{
    struct session *session = ctx;
    const uint64_t now_ns = clock_mono_ns();
    int r =
        session->is_done ? -EINVAL : session_reserve_judgements(&session->evidence, plan);

    if (r == 0)
        r = recorder_follow(session->recorder, plan, now_ns);
    if (r < 0)
        return r;
    r = engine_reload(session->engine, plan);
    if (r < 0) {
        (void)recorder_follow(session->recorder, engine_view(session->engine)->plan,
                              now_ns);
        return r;
    }
    timeline_follow(session->timeline, plan);
    session_note_reload(&session->evidence, now_ns, said);
    return 0;
}

/* Tells the probes what they may ask of the run. */
static void offer_control(struct session *session)
{
    const struct session_options *options = session->options;
    const struct session_control_options wanted = {
        .engine = engine_control(session->engine),
        .marks = &session->evidence.marks,
        .note = on_note,
        .ctx = session,
        .workers = options->plan->worker_count,
        .is_driven = options->driver != NULL,
    };

    session_control_init(&session->control, &wanted);
    session->asked = session_control_of(&session->control);
    for (size_t i = 0; i < options->probe_count; i++)
        if (options->probes[i].on_control)
            options->probes[i].on_control(options->probes[i].ctx, &session->asked);
}

static void start_ticking(struct session *session)
{
    uv_timer_init(session->loop, &session->tick);
    session->tick.data = session;
    uv_timer_start(&session->tick, on_tick, TICK_MS, TICK_MS);
}

static void open_driver(const struct session *session)
{
    const struct session_driver *driver = session->options->driver;

    if (!driver)
        return;
    driver->on_open(driver->ctx, session->engine, session->recorder);
    timeline_follow(session->timeline, driver->plan(driver->ctx));
}

static int open_all(struct session *session)
{
    struct session_evidence *evidence = &session->evidence;

    session_note_start(evidence);
    int r = session_reserve_judgements(evidence, session->options->plan);

    if (r >= 0)
        r = open_transport(session);
    if (r >= 0)
        r = uv_world_new(session->loop, curl_transport_as_transport(session->transport),
                         &session->world);
    const uint64_t started_ns = clock_mono_ns();

    session->evidence.started_wall_ns = clock_wall_ns();
    if (r >= 0)
        r = open_recorder(session, started_ns);
    if (r >= 0)
        r = timeline_new(session->options->plan, started_ns, &session->timeline);
    if (r >= 0)
        r = hlog_new(session->loop, session->options->plan, started_ns, &session->hlog);
    if (r >= 0 && session->options->plan->worker_count > 1)
        r = worker_points_new(session->options->plan, started_ns,
                              timeline_view(session->timeline).step_ns, &session->points);
    if (r >= 0)
        r = anomaly_watch_new(session_log_anomaly, NULL, &session->anomalies);
    if (r >= 0)
        timeline_heed(session->timeline, &recorder_options(session->recorder)->pauses);
    evidence->anomalies = session->anomalies;
    evidence->recorder = session->recorder;
    evidence->timeline = session->timeline;
    evidence->hlog = session->hlog;
    evidence->points = session->points;
    if (r >= 0)
        session_files_open(&session->files, evidence, started_ns, gather, session);
    if (r >= 0)
        r = open_engine(session);
    if (r >= 0)
        open_driver(session);
    return r;
}

/* The load, from its first request until all of it is closed. */
static void drive(struct session *session)
{
    const struct session_options *options = session->options;

    offer_control(session);
    start_ticking(session);
    engine_start(session->engine);
    for (size_t i = 0; i < options->probe_count; i++)
        options->probes[i].on_start(options->probes[i].ctx, engine_view(session->engine));
    if (options->reload)
        reload_start(options->reload, on_reload, session);
    while (!session->is_done || session->closing > 0 || hlog_is_busy(session->hlog) ||
           !session_files_are_closed(&session->files) ||
           !reload_is_closed(options->reload))
        uv_run(session->loop, UV_RUN_ONCE);
}

static bool are_busy(const struct session_options *options)
{
    for (size_t i = 0; i < options->probe_count; i++) {
        const struct probe *probe = &options->probes[i];

        if (probe->is_busy && probe->is_busy(probe->ctx))
            return true;
    }
    return false;
}

static void wait_for_probes(struct session *session)
{
    while (are_busy(session->options))
        uv_run(session->loop, UV_RUN_ONCE);
}

/* What follows the load, in the order that output/probe.h tells. */
static void tell(struct session *session, struct verdicts *verdicts,
                 session_facts_fn *on_facts, void *ctx)
{
    const struct session_options *options = session->options;
    const struct probe *probes = options->probes;
    const struct run_facts facts = session_facts_of(&session->evidence, verdicts);

    if (options->driver)
        options->driver->on_done(options->driver->ctx, verdicts);
    judgement_of_run(&facts, session->evidence.samples_error,
                     session->options->least_trust, verdicts);
    for (size_t i = 0; i < options->probe_count; i++)
        probes[i].on_end(probes[i].ctx, &facts);
    wait_for_probes(session);
    for (size_t i = 0; i < options->probe_count; i++)
        if (probes[i].judge)
            probes[i].judge(probes[i].ctx, verdicts);
    session_tenants_remove(&session->tenants, session->stops > 1, verdicts);
    on_facts(ctx, &facts);
    for (size_t i = 0; i < options->probe_count; i++)
        if (probes[i].on_results)
            probes[i].on_results(probes[i].ctx);
    if (session->stops > 1) /* nobody wants to wait who asked twice */
        hurry_probes(session);
    wait_for_probes(session);
}

static void close_signals(struct session *session)
{
    stop_signals_close(&session->signals);
    while (stop_signals_are_open(&session->signals))
        uv_run(session->loop, UV_RUN_ONCE);
}

/* Also behind a load that could not begin; who asks twice to stop goes without. */
static void tear_down(struct session *session, struct verdicts *verdicts)
{
    if (session->stops > 1)
        session_log_warning(NULL, "the run was stopped twice: no teardown");
    else
        session_stage_tear_down(&session->stage, verdicts);
}

static int run_load(struct session *session, struct verdicts *verdicts,
                    session_facts_fn *on_facts, void *ctx)
{
    const int r = open_all(session);

    if (r < 0) {
        close_load(session);
        while (session->closing > 0 || !session_files_are_closed(&session->files))
            uv_run(session->loop, UV_RUN_ONCE);
        tear_down(session, verdicts);
        session_tenants_remove(&session->tenants, session->stops > 1, verdicts);
        return r;
    }
    drive(session);
    tear_down(session, verdicts);
    tell(session, verdicts, on_facts, ctx);
    return 0;
}

/* Tenants first: the setup may act as them. Returns as session_run(). */
static int set_up(struct session *session, struct verdicts *verdicts)
{
    int r = session_tenants_make(&session->tenants, verdicts);

    session->evidence.tenancy = session_tenants_tenancy(&session->tenants);
    session->evidence.roster = &session->tenants.roster;
    if (r != 0)
        return r;
    r = session_stage_set_up(&session->stage, verdicts);
    if (r == 0 && session->stops > 0) {
        verdicts_add(verdicts, EXIT_SIGNAL,
                     "A signal stopped the setup; there was no load.");
        r = SESSION_NOT_SET_UP;
    }
    if (r > 0)
        tear_down(session, verdicts);
    return r;
}

int session_run(const struct session_options *options, struct verdicts *verdicts,
                session_facts_fn *on_facts, void *ctx)
{
    struct session session = {
        .options = options, .loop = options->loop, .evidence = {.options = options}};
    int r;

    session_tenants_init(&session.tenants, options);
    session_stage_init(&session.stage, options, &session.tenants.tenants);
    stop_signals_init(&session.signals, session.loop, on_signal, on_reload_signal,
                      &session);
    r = set_up(&session, verdicts);
    if (r == 0) {
        r = run_load(&session, verdicts, on_facts, ctx);
    } else {
        session_tenants_remove(&session.tenants, session.stops > 1, verdicts);
        session_tenants_tell(&session.tenants);
    }
    close_signals(&session);
    engine_free(session.engine);
    session_files_free(&session.files);
    (void)timeline_free(session.timeline);
    (void)anomaly_watch_free(session.anomalies);
    hlog_free(session.hlog);
    worker_points_free(session.points);
    recorder_free(session.recorder);
    session_stage_deinit(&session.stage);
    session_tenants_deinit(&session.tenants);
    session_evidence_deinit(&session.evidence);
    free(session.policies);
    return r;
}
