#include "made_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/labels.h"
#include "measure/sample.h"

#define STARTED_NS (1000 * NS_PER_S)
#define STARTED_WALL_NS (UINT64_C(1795255740) * NS_PER_S) /* 2026-11-21T10:09:00Z */
#define LOAD_NS (40 * NS_PER_S)
#define TICK_NS MS(250)
#define WINDOW_END_NS (35 * NS_PER_S)
#define MS(n) ((uint64_t)(n) * NS_PER_MS)

static const struct plan_phase phases[] = {
    {.kind = PLAN_PHASE_RAMP_UP,
     .name = "ramp-up",
     .users = 100,
     .duration_ns = MS(5000)},
    {.kind = PLAN_PHASE_SUSTAINED,
     .name = "sustained",
     .from_users = 100,
     .users = 100,
     .duration_ns = MS(20000)},
    {.kind = PLAN_PHASE_SPIKE,
     .name = "spike",
     .from_users = 100,
     .users = 200,
     .duration_ns = MS(5000)},
    {.kind = PLAN_PHASE_SUSTAINED,
     .name = "sustained-2",
     .from_users = 100,
     .users = 100,
     .duration_ns = MS(5000)},
    {.kind = PLAN_PHASE_COOL_DOWN,
     .name = "cool-down",
     .from_users = 100,
     .duration_ns = MS(5000)},
};

static struct plan_target targets[] = {
    {.name = "default", .origin = "http://127.0.0.1:8080", .simulator = true},
};

static const struct plan_pair tags[] = {{.key = "team", .value = "search"}};

static const struct plan_threshold thresholds[] = {
    {.metric = "ttft", .selector = "", .expression = "p(95)<2s"},
    {.metric = "error_rate", .selector = "model:small", .expression = "rate<1%"},
};

enum { LOOKUP, CONTEXT, MISSES, FOUND, DEPTH };

static const struct plan_metric metrics[] = {
    [LOOKUP] = {.name = "lookup_duration",
                .help = "",
                .kind = PLAN_METRIC_TREND,
                .is_time = true,
                .unit = "ms"},
    [CONTEXT] = {.name = "context",
                 .help = "",
                 .kind = PLAN_METRIC_TREND,
                 .unit = "tokens"},
    [MISSES] = {.name = "misses",
                .help = "Not found",
                .kind = PLAN_METRIC_COUNTER,
                .unit = ""},
    [FOUND] = {.name = "found", .help = "", .kind = PLAN_METRIC_RATE, .unit = ""},
    [DEPTH] = {.name = "depth", .help = "", .kind = PLAN_METRIC_GAUGE, .unit = "jobs"},
};

static const struct plan_check checks[] = {
    {.name = "has words"}, {.name = "is short"}, {.name = "names a source"}};

static const struct plan_step steps[] = {
    {.kind = PLAN_STEP_CHAT, .name = "ask", .checks = checks, .check_count = 3}};

/* Seven of ten answers have their first token in time, but none during the spike; none reasons. */
static const struct plan_slo slo = {
    .limit_ns = {
        [PLAN_SLO_TTFT] = MS(269), [PLAN_SLO_TTFO] = MS(1000), [PLAN_SLO_TPOT] = MS(20)}};
static const struct plan_step objective_steps[] = {
    {.kind = PLAN_STEP_CHAT, .name = "ask", .slo = &slo}};

/* The phase that a moment falls into. */
static const char *phase_at(uint64_t offset_ns)
{
    uint64_t end_ns = 0;

    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        end_ns += phases[i].duration_ns;
        if (offset_ns < end_ns)
            return phases[i].name;
    }
    return "cool-down";
}

static uint32_t labels_at(struct made_run *run, uint64_t i, uint64_t offset_ns, bool evil)
{
    const struct label set[] = {
        {"model", i % 4  ? "large"
                  : evil ? EVIL_TEXT
                         : "small"},
        {"class", i % 10 < 7 ? "asker" : "browser"},
        {"step", "ask"},
        {"phase", phase_at(offset_ns)},
        {"target", "default"},
        {"group", run->plan.metric_count > 0 ? "::search" : ""},
    };
    uint32_t id = 0;

    assert_int_equal(labels_intern(recorder_labels(run->recorder), set, 6, &id), 0);
    return id;
}

/* An answer of ten chunks, 20 ms apart, slower during the spike; i makes them differ. */
static struct sample answer(struct made_run *run, uint64_t i, uint64_t offset_ns,
                            struct made_options options)
{
    const uint64_t due_ns = STARTED_NS + offset_ns;
    const bool spike = offset_ns >= MS(25000) && offset_ns < MS(30000);
    const uint64_t first_ms = (spike ? 400 : 200) + i % 100;

    return (struct sample){
        .operation_id = i,
        .labels = labels_at(run, i, offset_ns, options.evil),
        .user = i % 100,
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_STREAMED | SAMPLE_REUSED | SAMPLE_STAMPED |
                 (recorder_in_window(run->recorder, due_ns) ? SAMPLE_IN_WINDOW : 0u),
        .status = 200,
        .due_ns = due_ns,
        .sent_ns = due_ns + 200 * NS_PER_US,
        .wire_ns = due_ns + 300 * NS_PER_US,
        .first_byte_ns = due_ns + MS(first_ms) - MS(1),
        .first_event_ns = due_ns + MS(first_ms),
        .first_output_ns = due_ns + MS(first_ms),
        .last_output_ns = due_ns + MS(first_ms + 180),
        .end_ns = due_ns + MS(first_ms + 181),
        .chunks = 10,
        .reads = 10,
        .turn = (uint32_t)(i % 4) + 1,
        .prompt_tokens = 40 + 40 * (i % 4),
        .completion_tokens = 10,
        .bytes_sent = 900,
        .bytes_received = 4000,
        .cost_pusd = 250 * 1000 * 100 + 10,
    };
}

/* As an http step gets it. */
static void make_plain(struct sample *sample)
{
    sample->flags &= ~(uint32_t)SAMPLE_STREAMED;
    sample->first_event_ns = sample->first_output_ns = sample->last_output_ns = 0;
    sample->chunks = sample->reads = 0;
    sample->prompt_tokens = sample->completion_tokens = 0;
    sample->turn = 0;
    sample->cost_pusd = 0;
}

static void refuse(struct sample *sample)
{
    sample->outcome = OUTCOME_RATE_LIMITED;
    sample->status = 429;
    sample->first_event_ns = 0;
    sample->first_output_ns = 0;
    sample->last_output_ns = 0;
    sample->end_ns = sample->sent_ns + MS(5);
    sample->chunks = 0;
    sample->completion_tokens = 0;
    sample->cost_pusd = 0;
}

static void time_out(struct sample *sample)
{
    refuse(sample);
    sample->outcome = OUTCOME_FIRST_TOKEN_TIMEOUT;
    sample->status = 200;
    sample->end_ns = sample->sent_ns + MS(4000);
}

static void record(struct made_run *run, const struct sample *sample)
{
    const bool in_window = sample->flags & SAMPLE_IN_WINDOW;

    recorder_started(run->recorder, sample->sent_ns, sample->labels, in_window);
    for (uint32_t gap = 1; gap < sample->chunks; gap++) {
        recorder_gap(run->recorder, sample->labels, in_window, MS(20));
        recorder_client_delay(run->recorder, in_window, 30 * NS_PER_US);
    }
    recorder_sample(run->recorder, sample);
    struct operation operation = {
        .id = sample->operation_id,
        .labels = sample->labels,
        .attempts = 1,
        .failed = outcome_is_failure(sample->outcome),
        .in_window = in_window,
        .due_ns = sample->due_ns,
        .end_ns = sample->end_ns,
    };

    if (run->plan.step_count > 0)
        operation.slo = slo_judge(run->plan.steps[0].slo, &operation, sample);
    recorder_operation(run->recorder, &operation);
}

/* What a script would tell of request i: every tenth is not found, and none names its source. */
static void record_script(struct made_run *run, const struct sample *sample, uint64_t i)
{
    struct recorder *recorder = run->recorder;
    const bool in_window = sample->flags & SAMPLE_IN_WINDOW;
    const uint32_t labels = sample->labels;
    const bool found = i % 10 != 3;

    recorder_metric(recorder, LOOKUP, labels, in_window, 20 + (double)(i % 100));
    recorder_metric(recorder, CONTEXT, labels, in_window, 1000 * (double)(i % 8));
    if (!found)
        recorder_metric(recorder, MISSES, labels, in_window, 1);
    recorder_metric(recorder, FOUND, labels, in_window, found);
    recorder_metric(recorder, DEPTH, labels, in_window, (double)(i % 17));
    recorder_checked(recorder, labels, in_window, checks[0].name, true);
    recorder_checked(recorder, labels, in_window, checks[1].name, i % 50 != 0);
    recorder_group(recorder, labels, in_window, sample->end_ns - sample->due_ns);
    if (i % 4 == 3)
        recorder_iteration(recorder, labels, in_window, MS(4000 + i % 100));
}

/* Ends the intervals that are over by then. */
static void tick(struct made_run *run, uint64_t *next_ns, uint64_t offset_ns)
{
    for (; *next_ns <= offset_ns; *next_ns += TICK_NS) {
        struct interval_view interval;

        recorder_close_interval(run->recorder, STARTED_NS + *next_ns, &interval);
        timeline_add(run->timeline, &interval);
    }
}

static void fill(struct made_run *run, struct made_options options)
{
    uint64_t next_ns = TICK_NS;

    recorder_users(run->recorder, STARTED_NS,
                   (struct user_counts){.wanted = 200, .active = 200});
    for (uint64_t i = 0; i < options.requests; i++) {
        const uint64_t offset_ns = LOAD_NS / options.requests * i;

        tick(run, &next_ns, offset_ns);
        struct sample sample = answer(run, i, offset_ns, options);

        if (options.plain)
            make_plain(&sample);
        if (options.failures && i % 40 == 7)
            refuse(&sample);
        if (options.failures && i % 15 == 11)
            time_out(&sample);
        record(run, &sample);
        if (options.scripted)
            record_script(run, &sample, i);
        recorder_pause(run->recorder, MS(3000), MS(3010));
        recorder_loop_lag(run->recorder, sample.sent_ns, 100 * NS_PER_US);
    }
    if (options.requests > 0)
        tick(run, &next_ns, LOAD_NS);
    recorder_users(run->recorder, STARTED_NS + LOAD_NS, (struct user_counts){0});
    recorder_questions(run->recorder, options.requests, options.requests);
}

static void make_recorder(struct made_run *run)
{
    const struct recorder_options options = {
        .plan = &run->plan,
        .started_ns = STARTED_NS,
        .window_start_ns = STARTED_NS,
        .window_end_ns = STARTED_NS + WINDOW_END_NS,
        .interval_ns = MS(250),
    };

    assert_int_equal(recorder_new(&options, &run->recorder), 0);
}

void made_run_init(struct made_run *run, struct made_options options)
{
    *run = (struct made_run){
        .plan = {.name = "three-tenants",
                 .description = "people ask",
                 .seed = 42,
                 .max_series = 1000,
                 .targets = targets,
                 .target_count = 1,
                 .phases = phases,
                 .phase_count = sizeof(phases) / sizeof(phases[0]),
                 .thresholds = thresholds,
                 .threshold_count = 2,
                 .tags = tags,
                 .tag_count = 1,
                 .worker_count = 1},
    };
    if (options.scripted) {
        run->plan.metrics = metrics;
        run->plan.metric_count = COUNT_OF(metrics);
        run->plan.steps = steps;
        run->plan.step_count = 1;
    }
    if (options.objectives) {
        run->plan.steps = objective_steps;
        run->plan.step_count = 1;
    }
    make_recorder(run);
    assert_int_equal(timeline_new(&run->plan, STARTED_NS, &run->timeline), 0);
    fill(run, options);
    run->examples[OUTCOME_RATE_LIMITED] = (struct failure_example){
        .text = "quota \"gold\" is used up\033[31m",
    };
    run->view = (struct run_view){
        .plan = &run->plan,
        .recorder = run->recorder,
        .state = RUN_DONE,
        .stop_reason = STOP_COMPLETED,
        .phase = "",
        .started_ns = STARTED_NS,
        .now_ns = STARTED_NS + LOAD_NS + MS(500),
        .load_end_ns = STARTED_NS + LOAD_NS,
        .elapsed_ns = LOAD_NS,
    };
    trust_of(run->recorder,
             &(struct trust_inputs){.is_over = true,
                                    .elapsed_ns = LOAD_NS + MS(500),
                                    .load_end_ns = STARTED_NS + LOAD_NS},
             &run->trust);
    for (size_t i = 0; i < 2; i++)
        run->judged[i] = threshold_judge(&thresholds[i], run->recorder,
                                         run->view.load_end_ns, &run->trust);
    run->facts = (struct run_facts){
        .run_id = "three-tenants-20261121-100900",
        .version = "0.1.0",
        .scenario_path = "scenarios/three-tenants.yaml",
        .fingerprint = "",
        .started_wall_ns = STARTED_WALL_NS,
        .ended_wall_ns = STARTED_WALL_NS + LOAD_NS + MS(500),
        .window_start_ns = STARTED_NS,
        .window_end_ns = STARTED_NS + WINDOW_END_NS,
        .view = &run->view,
        .verdicts = &run->verdicts,
        .failure_examples = run->examples,
        .thresholds = run->judged,
        .trust = &run->trust,
        .timeline = timeline_view(run->timeline),
        .cpu_user_s = 1.5,
        .cpu_system_s = 0.25,
        .max_rss_bytes = UINT64_C(48) << 20,
        .connections_opened = 200,
        .connections_peak = 200,
        .reads = 12000,
        .unstamped_reads = 12,
    };
}

void made_run_deinit(struct made_run *run)
{
    timeline_free(run->timeline);
    recorder_free(run->recorder);
}
