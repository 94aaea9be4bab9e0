#include "cli/session_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/judgement.h"
#include "cli/session.h"
#include "cli/session_driver.h"
#include "cli/version.h"
#include "measure/anomaly.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"
#include "result/ab_report.h"
#include "workload/data.h"
#include "workload/trace.h"

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

int session_reserve_judgements(struct session_evidence *evidence, const struct plan *plan)
{
    struct threshold_judgement *judgements = reallocarray(
        evidence->judgements, plan->threshold_count + 1, sizeof(*judgements));

    if (!judgements)
        return -ENOMEM;
    evidence->judgements = judgements;
    return 0;
}

/* A checkpoint may be reading the notes that are there: they never move. */
void session_note_reload(struct session_evidence *evidence, uint64_t now_ns,
                         const char *said)
{
    struct reload_note *note;

    if (!evidence->reloads)
        evidence->reloads = calloc(RELOAD_NOTES, sizeof(*evidence->reloads));
    if (!evidence->reloads || evidence->reload_count == RELOAD_NOTES)
        return;
    note = &evidence->reloads[evidence->reload_count++];
    note->at_ns = now_ns;
    (void)snprintf(note->said, sizeof(note->said), "%s", said);
}

void session_evidence_deinit(struct session_evidence *evidence)
{
    free(evidence->judgements);
    free(evidence->reloads);
    evidence->ab = ab_report_free(evidence->ab);
    run_marks_deinit(&evidence->marks);
}

void session_note_failure(struct session_evidence *evidence, const struct sample *sample,
                          const char *detail)
{
    struct failure_example *example = &evidence->examples[sample->outcome];

    if (!*example->text)
        write_example(example, sample, detail);
}

void session_note_start(struct session_evidence *evidence)
{
    evidence->kernel_known = kernel_counters_read(&evidence->kernel) == 0;
    cpu_supply_find(&evidence->cpu_supply, "");
    cpu_supply_read(&evidence->cpu_supply, &evidence->cpu_loss_before);
}

/* NULL where the kernel does not say. */
static const struct kernel_counters *kernel_over_run(struct session_evidence *evidence)
{
    const struct kernel_counters before = evidence->kernel;
    struct kernel_counters now;

    if (!evidence->kernel_known || kernel_counters_read(&now) < 0)
        return NULL;
    kernel_counters_since(&before, &now, &evidence->kernel);
    return &evidence->kernel;
}

static bool is_insecure(const struct plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].tls.insecure)
            return true;
    return false;
}

/* What was lost since the run began. */
static void read_cpu_loss(struct session_evidence *evidence)
{
    const struct cpu_loss *before = &evidence->cpu_loss_before;
    struct cpu_loss *loss = &evidence->cpu_loss;

    cpu_supply_read(&evidence->cpu_supply, loss);
    loss->throttled_ns -= loss->throttled_known ? before->throttled_ns : 0;
    loss->wait_ns -= loss->wait_known ? before->wait_ns : 0;
}

void session_judge_trust(struct session_evidence *evidence, const struct run_view *view)
{
    const bool is_over = view->state == RUN_DONE;
    struct trust_inputs inputs = {
        .is_over = is_over,
        .elapsed_ns = view->now_ns - view->started_ns,
        .load_end_ns = view->load_end_ns,
        .samples_dropped = evidence->samples_dropped,
        .broken_checks =
            is_over ? check_recorder(evidence->recorder, view->now_ns, NULL, NULL) : 0,
    };

    read_cpu_loss(evidence);
    inputs.throttled_ns = evidence->cpu_loss.throttled_ns;
    inputs.cpu_wait_ns = evidence->cpu_loss.wait_ns;
    trust_of(evidence->recorder, &inputs, &evidence->trust);
}

/* Of entries numbered from 0, this worker's are those ≡ its index. */
static struct replay_facts replay_of(const struct plan *plan, const struct data *data)
{
    const struct trace *trace = data_trace(data);
    struct trace_facts facts;

    if (!trace)
        return (struct replay_facts){0};
    facts = trace_facts(trace);
    return (struct replay_facts){
        .format = trace_format_word(facts.format),
        .entries = facts.entries,
        .entries_of_worker =
            facts.entries > plan->worker_index
                ? (facts.entries - plan->worker_index - 1) / plan->worker_count + 1
                : 0,
        .requests = facts.requests,
        .bad = facts.bad,
        .failed = facts.failed,
        .elsewhere = facts.elsewhere,
        .outside = facts.outside,
    };
}

struct run_facts session_facts_so_far(const struct session_evidence *evidence,
                                      const struct run_view *view)
{
    const struct session_options *options = evidence->options;
    const struct recorder_options *window = recorder_options(evidence->recorder);
    /* The recorder stood a moment before the engine started. */
    const uint64_t window_start_ns = window->window_start_ns > view->started_ns
                                         ? window->window_start_ns
                                         : view->started_ns;
    struct run_facts facts = {
        .run_id = options->run_id,
        .version = throng_version(),
        .scenario_path = options->scenario_path,
        .fingerprint = options->fingerprint,
        .started_wall_ns = evidence->started_wall_ns,
        .ended_wall_ns = clock_wall_ns(),
        .window_start_ns = window_start_ns,
        .window_end_ns = window->window_end_ns,
        .view = view,
        .timeline = timeline_view(evidence->timeline),
        .points = worker_points_view(evidence->points),
        .trust = &evidence->trust,
        .anomalies = anomaly_watch_view(evidence->anomalies),
        .cpu_loss = &evidence->cpu_loss,
        .insecure = is_insecure(options->plan),
        .roster = evidence->roster,
        .rows_skipped = options->data ? data_skipped(options->data) : 0,
        .replay = replay_of(options->plan, options->data),
        .failure_examples = evidence->examples,
        .reloads = evidence->reloads,
        .reload_count = evidence->reload_count,
        .marks = evidence->marks.each,
        .mark_count = evidence->marks.count,
        .connections_opened = evidence->stats.connections_opened,
        .connections_peak = evidence->stats.connections_peak,
        .reads = evidence->stats.reads,
        .unstamped_reads = evidence->stats.unstamped_reads,
        .clock_steps = evidence->stats.clock_steps,
        .samples_dropped = evidence->samples_dropped,
        .chunks_dropped = evidence->chunks_dropped,
    };

    judgement_add_usage(&facts);
    return facts;
}

struct run_facts session_facts_of(struct session_evidence *evidence,
                                  const struct verdicts *verdicts)
{
    const struct run_view *view = &evidence->view;
    const struct plan *plan = view->plan;
    struct run_facts facts = {0};

    session_judge_trust(evidence, view);
    evidence->view.trust = &evidence->trust;
    facts = session_facts_so_far(evidence, view);
    facts.verdicts = verdicts;
    facts.tenancy = evidence->tenancy;
    facts.hlog = evidence->hlog;
    if (!evidence
             ->ab) /* without memory for it the arms stand there without differences */
        (void)ab_report_new(evidence->recorder, plan, &evidence->ab);
    facts.ab = evidence->ab;
    if (evidence->options->driver)
        facts.capacity =
            evidence->options->driver->report(evidence->options->driver->ctx);
    facts.thresholds = evidence->judgements;
    facts.kernel = kernel_over_run(evidence);
    for (size_t i = 0; i < plan->threshold_count; i++)
        evidence->judgements[i] =
            threshold_judge(&plan->thresholds[i], evidence->recorder, view->load_end_ns,
                            &evidence->trust);
    return facts;
}
