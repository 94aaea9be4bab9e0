#include "cli/judgement.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/quantity.h"
#include "cli/breach.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/run_mark.h"
#include "measure/threshold.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/replay.h"

#define MAX_SENTENCE_BYTES 1024

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

void judgement_add_usage(struct run_facts *facts)
{
    struct rusage usage = {0};

    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return;
    facts->cpu_user_s = seconds_of(usage.ru_utime);
    facts->cpu_system_s = seconds_of(usage.ru_stime);
    facts->max_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
}

/* Whether every answer was a refusal of the key (FAULTS 26). */
static bool all_refused(const struct counters *all)
{
    const uint64_t over = all->ok + all->degraded + all->failed;

    return over > 0 && all->outcomes[OUTCOME_UNAUTHORIZED] == over;
}

/* The first target that refused a key. */
struct refusal {
    const struct plan *plan;
    const struct plan_target *target;
};

static void find_refusal(void *ctx, const struct series_view *series)
{
    struct refusal *refusal = ctx;

    if (refusal->target || strcmp(series->key, "target") != 0 ||
        series->counters->outcomes[OUTCOME_UNAUTHORIZED] == 0)
        return;
    for (size_t i = 0; i < refusal->plan->target_count; i++)
        if (strcmp(refusal->plan->targets[i].name, series->value) == 0)
            refusal->target = &refusal->plan->targets[i];
}

static void judge_refusal(const struct run_view *view, uint64_t answers,
                          struct verdicts *verdicts)
{
    struct refusal refusal = {.plan = view->plan};

    recorder_each(view->recorder, RECORDER_ALL, find_refusal, &refusal);
    const struct plan_target *target =
        refusal.target ? refusal.target : &view->plan->targets[0];

    verdicts_add(verdicts, EXIT_STOP_RULE,
                 "%s refused the key in all %" PRIu64
                 " answers: check targets.%s.api_key.",
                 target->origin, answers, target->name);
}

static void judge_limit(const struct run_view *view, enum exit_code code,
                        struct verdicts *verdicts)
{
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    (void)breach_of_limit(view, &sentence);
    verdicts_add(verdicts, code, "%s", buf_str(&sentence));
    buf_deinit(&sentence);
}

/* A `stop` step that calls the run a failed one. */
static void judge_step(const struct plan_stop *stop, struct verdicts *verdicts)
{
    if (!stop->failed)
        return;
    verdicts_add(verdicts, EXIT_MARKED_FAILED,
                 "The scenario stopped the run and calls it failed%s%s.",
                 stop->reason[0] ? ": " : "", stop->reason);
}

static void judge_stop(const struct run_view *view, const struct counters *all,
                       struct verdicts *verdicts)
{
    switch (view->stop_reason) {
    case STOP_NONE:
    case STOP_COMPLETED:
    case STOP_DURATION:
    case STOP_REQUESTS:
    case STOP_ASKED:
        break;
    case STOP_COST:
        judge_limit(view, EXIT_COST, verdicts);
        break;
    case STOP_ERROR_RATE:
        if (all_refused(all))
            judge_refusal(view, all->failed, verdicts);
        else
            judge_limit(view, EXIT_STOP_RULE, verdicts);
        break;
    case STOP_THRESHOLD:
        verdicts_add(verdicts, EXIT_STOP_RULE,
                     "A threshold with abort_on_fail was crossed.");
        break;
    case STOP_SIGNAL:
        verdicts_add(
            verdicts, EXIT_SIGNAL,
            "Stopped by a signal; the results hold what was measured until then.");
        break;
    case STOP_SCENARIO:
        judge_step(view->stop, verdicts);
        break;
    case STOP_BY_HAND:
        verdicts_add(verdicts, EXIT_SIGNAL,
                     "Stopped by hand before its phases were over; the results hold what "
                     "was measured until then.");
        break;
    case STOP_ERROR:
        verdicts_add(verdicts, EXIT_INTERNAL, "throng ran out of memory and stopped.");
        break;
    }
}

/* Without a value to compare nothing became worse: that is a threshold without data. */
static enum exit_code code_of(const struct threshold_judgement *judgement)
{
    return judgement->compared && judgement->known ? EXIT_REGRESSION : EXIT_THRESHOLDS;
}

static void judge_thresholds(const struct run_facts *facts, struct verdicts *verdicts)
{
    const struct plan *plan = facts->view->plan;

    for (size_t i = 0; i < plan->threshold_count; i++) {
        struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

        if (facts->thresholds[i].passed)
            continue;
        breach_of_threshold(facts->view, &plan->thresholds[i], &facts->thresholds[i],
                            &sentence);
        verdicts_add(verdicts, code_of(&facts->thresholds[i]), "%s", buf_str(&sentence));
        buf_deinit(&sentence);
    }
}

static void on_broken_check(void *ctx, const char *sentence)
{
    verdicts_add(ctx, EXIT_UNTRUSTED, "The bookkeeping does not add up: %s", sentence);
}

/* What nothing was measured of has its verdict already. */
static void judge_trust(const struct trust *trust, enum trust_grade least,
                        struct verdicts *verdicts)
{
    if (trust->grade > least && trust->reasons[0].rule != TRUST_RULE_NOTHING)
        verdicts_add(verdicts, EXIT_UNTRUSTED,
                     "The trust grade is %c, and --require-trust asks for %c: %s",
                     trust_letter(trust->grade), trust_letter(least),
                     trust->reasons[0].sentence);
}

static void judge_success(const struct run_view *view, struct verdicts *verdicts)
{
    const struct counters *window =
        recorder_total(view->recorder, RECORDER_WINDOW).counters;
    const uint64_t over = window->ok + window->degraded + window->failed;

    if (over == 0 && window->abandoned > 0)
        verdicts_add(verdicts, EXIT_UNTRUSTED,
                     "Nothing was measured: impatient people left all of %" PRIu64
                     " requests before they were answered.",
                     window->abandoned);
    else if (over == 0)
        verdicts_add(
            verdicts, EXIT_UNTRUSTED,
            "Nothing was measured: no request ended within the measured window.");
    else if (window->failed == over && view->stop_reason != STOP_ERROR_RATE)
        verdicts_add(verdicts, EXIT_UNTRUSTED,
                     "Nothing was measured: not one of %" PRIu64 " requests succeeded.",
                     over);
}

/* "5 of 300 arrivals were dropped (1.7%): …" */
static void say_dropped(const struct run_view *view, const struct counters *window,
                        struct buf *out)
{
    quantity_format_count(out, window->dropped_iterations);
    buf_append_str(out, " of ");
    quantity_format_count(out, window->arrivals);
    buf_printf(out, " arrivals were dropped (%.2g%%): the pool of ",
               100 * (double)window->dropped_iterations / (double)window->arrivals);
    quantity_format_count(out, view->arrivals.people);
    buf_append_str(out,
                   " people was too small for how long answers took: nobody was free "
                   "within ");
    quantity_format_duration(out, view->plan->arrivals.max_wait_ns);
    buf_append_str(out,
                   ", or before the load ended. Either the server cannot keep up, or "
                   "arrivals.users is too low.");
}

/* The run may have passed all the same: what was never sent has no latency that could have failed. */
static void judge_arrivals(const struct run_view *view, struct verdicts *verdicts)
{
    const struct counters window = recorder_counters(view->recorder, RECORDER_WINDOW);
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    if (window.dropped_iterations > 0) {
        say_dropped(view, &window, &sentence);
        verdicts_add(verdicts, EXIT_PASSED, "%s", buf_str(&sentence));
    }
    buf_deinit(&sentence);
}

/* What was dropped has its verdict already. */
static void judge_replay(const struct run_facts *facts, struct verdicts *verdicts)
{
    struct buf late = BUF_INIT(MAX_SENTENCE_BYTES);
    struct replay_fidelity fidelity;

    if (!facts->replay.format)
        return;
    fidelity = replay_fidelity(facts);
    if (fidelity.is_partial)
        verdicts_add(
            verdicts, EXIT_PASSED,
            "The replay is degraded: %" PRIu64 " %s not sent before its end, since "
            "what their people do before it takes time. Make the step replay the "
            "first of the flow.",
            fidelity.unsent, fidelity.unsent == 1 ? "entry was" : "entries were");
    if (fidelity.is_late && fidelity.dropped == 0) {
        quantity_format_latency(&late, histogram_max_ns(fidelity.lateness));
        verdicts_add(
            verdicts, EXIT_PASSED,
            "The replay is degraded: more than 1 in 100 entries left over 500 ms "
            "after their recorded moments (at most %s), so that the server saw "
            "another load than was recorded. Raise arrivals.users or time_scale, or "
            "share the load among workers.",
            buf_str(&late));
    }
    buf_deinit(&late);
}

static void say_first_control(const struct run_facts *facts, struct buf *out)
{
    size_t at = 0;

    while (facts->marks[at].kind != RUN_MARK_CONTROL)
        at++;
    quantity_format_duration(out, facts->marks[at].at_ns - facts->view->started_ns);
    buf_printf(out, " after the start: %s", facts->marks[at].text);
}

/* The run may have passed all the same: but it is not the load that the scenario says. */
static void judge_interventions(const struct run_facts *facts, struct verdicts *verdicts)
{
    const size_t count = run_marks_controls(facts->marks, facts->mark_count);
    struct buf first = BUF_INIT(MAX_SENTENCE_BYTES);

    if (count > 0) {
        say_first_control(facts, &first);
        verdicts_add(verdicts, EXIT_PASSED,
                     "The load was changed by hand %zu time%s, first %s. Totals and "
                     "thresholds are about the load as it was, which is not the "
                     "scenario's.",
                     count, count == 1 ? "" : "s", buf_str(&first));
    }
    buf_deinit(&first);
}

void judgement_so_far(const struct run_facts *facts, struct verdicts *verdicts)
{
    const struct run_view *view = facts->view;

    verdicts_add(verdicts, EXIT_SIGNAL,
                 "The run was not over when this was written, %.1f s after its start.",
                 (double)(view->now_ns - view->started_ns) / (double)NS_PER_S);
    judge_success(view, verdicts);
    judge_thresholds(facts, verdicts);
}

void judgement_of_run(const struct run_facts *facts, int samples_error,
                      enum trust_grade least_trust, struct verdicts *verdicts)
{
    const struct run_view *view = facts->view;

    judge_success(view, verdicts);
    judge_stop(view, recorder_total(view->recorder, RECORDER_ALL).counters, verdicts);
    judge_thresholds(facts, verdicts);
    judge_arrivals(view, verdicts);
    judge_replay(facts, verdicts);
    judge_interventions(facts, verdicts);
    check_recorder(view->recorder, view->now_ns, on_broken_check, verdicts);
    judge_trust(facts->trust, least_trust, verdicts);
    if (samples_error < 0)
        verdicts_add(verdicts, EXIT_NOT_SAVED, "samples.bin is incomplete: %s.",
                     strerror(-samples_error));
}
