#include "cli/session_facts.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/judgement.h"
#include "cli/session.h"
#include "cli/version.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"

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

static void judge_trust(struct session_evidence *evidence)
{
    const struct run_view *view = &evidence->view;
    const struct trust_inputs inputs = {
        .elapsed_ns = view->now_ns - view->started_ns,
        .load_end_ns = view->load_end_ns,
        .samples_dropped = evidence->samples_dropped,
        .broken_checks = check_recorder(evidence->recorder, view->now_ns, NULL, NULL),
    };

    trust_of(evidence->recorder, &inputs, &evidence->trust);
}

struct run_facts session_facts_of(struct session_evidence *evidence,
                                  const struct verdicts *verdicts)
{
    const struct session_options *options = evidence->options;
    const struct plan *plan = options->plan;
    const struct recorder_options *window = recorder_options(evidence->recorder);
    /* The recorder stood a moment before the engine started. */
    const uint64_t window_start_ns = window->window_start_ns > evidence->view.started_ns
                                         ? window->window_start_ns
                                         : evidence->view.started_ns;
    struct run_facts facts = {
        .run_id = options->run_id,
        .version = throng_version(),
        .scenario_path = options->scenario_path,
        .fingerprint = options->fingerprint,
        .started_wall_ns = evidence->started_wall_ns,
        .ended_wall_ns = clock_wall_ns(),
        .window_start_ns = window_start_ns,
        .window_end_ns = window->window_end_ns,
        .view = &evidence->view,
        .verdicts = verdicts,
        .timeline = timeline_view(evidence->timeline),
        .hlog = evidence->hlog,
        .trust = &evidence->trust,
        .thresholds = evidence->judgements,
        .insecure = is_insecure(plan),
        .kernel = kernel_over_run(evidence),
        .failure_examples = evidence->examples,
        .connections_opened = evidence->stats.connections_opened,
        .connections_peak = evidence->stats.connections_peak,
        .reads = evidence->stats.reads,
        .unstamped_reads = evidence->stats.unstamped_reads,
        .clock_steps = evidence->stats.clock_steps,
        .samples_dropped = evidence->samples_dropped,
    };

    judge_trust(evidence);
    for (size_t i = 0; i < plan->threshold_count; i++)
        evidence->judgements[i] = threshold_judge(
            &plan->thresholds[i], evidence->recorder, evidence->view.load_end_ns);
    judgement_add_usage(&facts);
    return facts;
}
