#include "cli/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/connection_policy.h"
#include "cli/judgement.h"
#include "cli/version.h"
#include "engine/engine.h"
#include "engine/uv_world.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "net/curl_transport.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/folder.h"
#include "result/hlog.h"
#include "result/sample_file.h"
#include "result/timeline.h"
#include "workload/question.h"

#define SHARDS 64 /* BENCH.md: best of those measured */
#define TICK_MS 250
#define REQUEST_ID_BYTES 128
#define SAMPLE_FILE_MAX_BYTES (UINT64_C(1) << 30)

/* What asks a run to stop. */
static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNAL_COUNT (sizeof(stop_signals) / sizeof(stop_signals[0]))

struct session {
    const struct session_options *options;
    uv_loop_t loop;
    uv_timer_t tick;
    uv_signal_t signals[SIGNAL_COUNT];
    unsigned stops; /* how often it was asked to stop */
    struct connection_policy *policies;
    struct curl_transport *transport;
    struct curl_transport_stats stats; /* as of the end */
    struct uv_world *world;
    struct recorder *recorder;
    struct timeline *timeline;
    struct hlog *hlog;
    struct engine *engine;
    struct sample_file *samples;
    uint64_t samples_dropped;
    int samples_error;
    uint64_t started_wall_ns;
    struct run_view view;                   /* as of the end */
    struct threshold_judgement *judgements; /* as many as the plan has thresholds */
    struct failure_example examples[OUTCOME_COUNT]; /* of the first of each kind */
    unsigned ticks;
};

static void mask_signals(int how)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&set, stop_signals[i]);
    (void)pthread_sigmask(how, &set, NULL);
}

void session_hold_signals(void)
{
    mask_signals(SIG_BLOCK);
}

void session_release_signals(void)
{
    mask_signals(SIG_UNBLOCK);
}

static void on_sample(void *ctx, const struct sample *sample)
{
    struct session *session = ctx;

    if (session->samples)
        sample_file_append(session->samples, sample);
}

/* Remembers the first of each kind for the result, and logs each where it is asked for. */
/* A refusal's kind covers many statuses: which one it was leads to the cause. */
static void write_example(struct failure_example *example, const struct sample *sample,
                          const char *detail)
{
    if (sample->status && outcome_is_refusal(sample->outcome))
        (void)snprintf(example->text, sizeof(example->text), "status %u%s%s",
                       sample->status, *detail ? ": " : "", detail);
    else
        (void)snprintf(example->text, sizeof(example->text), "%s", detail);
}

static void on_failure(void *ctx, const struct sample *sample, const char *detail)
{
    struct session *session = ctx;
    struct failure_example *example = &session->examples[sample->outcome];
    char request_id[REQUEST_ID_BYTES];

    if (!*example->text)
        write_example(example, sample, detail);
    if (!log_enabled(LOG_LEVEL_INFO))
        return;
    engine_request_id(session->engine, sample, request_id, sizeof(request_id));
    log_write(LOG_LEVEL_INFO, "run", request_id, "%s (status %u): %s",
              outcome_name(sample->outcome), sample->status, detail);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view; /* the probes see it at their next tick */
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct session *session = handle->data;
    const uint64_t graceful_ns =
        session->stops == 0 ? session->options->plan->graceful_stop_ns : 0;

    (void)signum;
    session->stops++;
    engine_stop(session->engine, STOP_SIGNAL, graceful_ns);
}

/* Once a second: a threshold with abort_on_fail that has data and does not hold ends the run. */
static void watch_thresholds(struct session *session, uint64_t load_end_ns)
{
    const struct plan *plan = session->options->plan;

    if (++session->ticks % (1000 / TICK_MS) != 0)
        return;
    for (size_t i = 0; i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];

        if (!threshold->abort_on_fail)
            continue;
        const struct threshold_judgement judgement =
            threshold_judge(threshold, session->recorder, load_end_ns);

        if (judgement.known && !judgement.passed)
            engine_stop(session->engine, STOP_THRESHOLD, plan->graceful_stop_ns);
    }
}

static void close_interval(struct session *session, uint64_t now_ns,
                           struct interval_view *ret_interval)
{
    recorder_close_interval(session->recorder, now_ns, ret_interval);
    timeline_add(session->timeline, ret_interval);
    hlog_add(session->hlog, ret_interval);
}

static void on_tick(uv_timer_t *handle)
{
    struct session *session = handle->data;
    struct interval_view interval;
    const struct run_view *view = engine_view(session->engine);

    watch_thresholds(session, view->load_end_ns);
    close_interval(session, view->now_ns, &interval);
    for (size_t i = 0; i < session->options->probe_count; i++) {
        const struct probe *probe = &session->options->probes[i];

        probe->on_tick(probe->ctx, view, &interval);
    }
}

static void on_transport_closed(void *ctx)
{
    (void)ctx; /* the loop ends when nothing is left on it */
}

static void on_samples_closed(void *ctx, int error)
{
    struct session *session = ctx;

    session->samples_error = error;
}

/* All is over: let go of everything that keeps the loop alive. */
static void on_done(void *ctx, const struct run_view *view)
{
    struct session *session = ctx;
    struct interval_view rest;

    session->view = *view;
    close_interval(session, view->now_ns, &rest);
    uv_close((uv_handle_t *)&session->tick, NULL);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        uv_close((uv_handle_t *)&session->signals[i], NULL);
    curl_transport_stats(session->transport, &session->stats);
    curl_transport_close(session->transport, on_transport_closed, session);
    uv_world_close(session->world);
    if (session->samples) {
        session->samples_dropped = sample_file_dropped(session->samples);
        sample_file_close(session->samples, on_samples_closed, session);
        session->samples = NULL;
    }
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
    return curl_transport_new(&session->loop, &options, &session->transport);
}

/* A run without its samples is still a run: the verdict tells. */
static void open_samples(struct session *session, uint64_t started_ns)
{
    char path[4096];
    int r = 0;

    if (!session->options->folder)
        return;
    r = result_folder_path_of(session->options->folder, "samples.bin", path,
                              sizeof(path));
    if (r >= 0)
        r = sample_file_new(&session->loop, path, SAMPLE_FILE_MAX_BYTES,
                            recorder_labels(session->recorder), session->started_wall_ns,
                            started_ns, &session->samples);
    session->samples_error = r;
}

static int open_recorder(struct session *session, uint64_t started_ns)
{
    const struct plan *plan = session->options->plan;
    struct recorder_options options = {
        .plan = plan, .started_ns = started_ns, .interval_ns = TICK_MS * NS_PER_MS};

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
        .world = uv_world_as_world(session->world),
        .recorder = session->recorder,
        .observer = {.ctx = session,
                     .on_sample = on_sample,
                     .on_failure = on_failure,
                     .on_phase = on_phase,
                     .on_done = on_done},
        .run_id = session->options->run_id,
        .nonce = plan->unique_over_seed ? question_nonce_of_seed(plan->seed)
                                        : question_nonce_of_run(session->options->run_id),
    };

    return engine_new(&options, &session->engine);
}

static void listen_to_signals(struct session *session)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        uv_signal_init(&session->loop, &session->signals[i]);
        session->signals[i].data = session;
        uv_signal_start(&session->signals[i], on_signal, stop_signals[i]);
    }
    session_release_signals();
    uv_timer_init(&session->loop, &session->tick);
    session->tick.data = session;
    uv_timer_start(&session->tick, on_tick, TICK_MS, TICK_MS);
}

static int open_all(struct session *session)
{
    session->judgements =
        calloc(session->options->plan->threshold_count + 1, sizeof(*session->judgements));
    int r = session->judgements ? open_transport(session) : -ENOMEM;

    if (r >= 0)
        r = uv_world_new(&session->loop, curl_transport_as_transport(session->transport),
                         &session->world);
    const uint64_t started_ns = clock_mono_ns();

    session->started_wall_ns = clock_wall_ns();
    if (r >= 0)
        r = open_recorder(session, started_ns);
    if (r >= 0)
        r = timeline_new(session->options->plan, started_ns, &session->timeline);
    if (r >= 0)
        r = hlog_new(&session->loop, session->options->plan, started_ns, &session->hlog);
    if (r >= 0)
        open_samples(session, started_ns);
    if (r >= 0)
        r = open_engine(session);
    return r;
}

/* Lets go of what a failed opening left. */
static void abandon(struct session *session)
{
    if (session->samples)
        sample_file_close(session->samples, on_samples_closed, session);
    if (session->world)
        uv_world_close(session->world);
    if (session->transport)
        curl_transport_close(session->transport, on_transport_closed, session);
    uv_run(&session->loop, UV_RUN_DEFAULT);
}

static bool is_insecure(const struct plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].tls.insecure)
            return true;
    return false;
}

static void tell(struct session *session, struct verdicts *verdicts,
                 session_facts_fn *on_facts, void *ctx)
{
    const struct session_options *options = session->options;
    const struct recorder_options *window = recorder_options(session->recorder);
    /* The recorder stood a moment before the engine started. */
    const uint64_t window_start_ns = window->window_start_ns > session->view.started_ns
                                         ? window->window_start_ns
                                         : session->view.started_ns;
    struct run_facts facts = {
        .run_id = options->run_id,
        .version = throng_version(),
        .scenario_path = options->scenario_path,
        .fingerprint = options->fingerprint,
        .started_wall_ns = session->started_wall_ns,
        .ended_wall_ns = clock_wall_ns(),
        .window_start_ns = window_start_ns,
        .window_end_ns = window->window_end_ns,
        .view = &session->view,
        .verdicts = verdicts,
        .timeline = session->timeline,
        .hlog = session->hlog,
        .thresholds = session->judgements,
        .insecure = is_insecure(options->plan),
        .failure_examples = session->examples,
        .connections_opened = session->stats.connections_opened,
        .connections_peak = session->stats.connections_peak,
        .reads = session->stats.reads,
        .unstamped_reads = session->stats.unstamped_reads,
        .clock_steps = session->stats.clock_steps,
        .samples_dropped = session->samples_dropped,
    };

    for (size_t i = 0; i < options->plan->threshold_count; i++)
        session->judgements[i] = threshold_judge(
            &options->plan->thresholds[i], session->recorder, session->view.load_end_ns);
    judgement_add_usage(&facts);
    judgement_of_run(&facts, session->samples_error, verdicts);
    for (size_t i = 0; i < options->probe_count; i++)
        options->probes[i].on_end(options->probes[i].ctx, &facts);
    on_facts(ctx, &facts);
}

int session_run(const struct session_options *options, struct verdicts *verdicts,
                session_facts_fn *on_facts, void *ctx)
{
    struct session session = {.options = options};
    int r = uv_loop_init(&session.loop);

    if (r < 0)
        return r;
    r = open_all(&session);
    if (r < 0) {
        abandon(&session);
    } else {
        listen_to_signals(&session);
        engine_start(session.engine);
        for (size_t i = 0; i < options->probe_count; i++)
            options->probes[i].on_start(options->probes[i].ctx,
                                        engine_view(session.engine));
        uv_run(&session.loop, UV_RUN_DEFAULT);
        tell(&session, verdicts, on_facts, ctx);
    }
    engine_free(session.engine);
    timeline_free(session.timeline);
    hlog_free(session.hlog);
    recorder_free(session.recorder);
    free(session.judgements);
    free(session.policies);
    uv_loop_close(&session.loop);
    return r;
}
