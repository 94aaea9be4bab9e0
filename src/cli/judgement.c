#include "cli/judgement.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"
#include "result/facts.h"

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
        verdicts_add(
            verdicts, EXIT_COST,
            "The cost limit was reached: a further request could have passed it.");
        break;
    case STOP_ERROR_RATE:
        if (all_refused(all))
            judge_refusal(view, all->failed, verdicts);
        else
            verdicts_add(verdicts, EXIT_STOP_RULE,
                         "The error rate passed its limit: %" PRIu64 " of %" PRIu64
                         " requests failed.",
                         all->failed, all->ok + all->degraded + all->failed);
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
    case STOP_ERROR:
        verdicts_add(verdicts, EXIT_INTERNAL, "throng ran out of memory and stopped.");
        break;
    }
}

/* The value as the sentence says it: "412 ms", "3.1%". */
static void print_value(const struct threshold_judgement *judgement, struct buf *out)
{
    const double value = judgement->value;

    if (judgement->above)
        buf_append_str(out, "more than ");
    switch (judgement->unit) {
    case THRESHOLD_UNIT_MS:
        quantity_format_latency(out, (uint64_t)(value * (double)NS_PER_MS));
        break;
    case THRESHOLD_UNIT_FRACTION:
        buf_printf(out, "%.3g%%", value * 100);
        break;
    case THRESHOLD_UNIT_COUNT:
        buf_printf(out, "%.0f", value);
        break;
    case THRESHOLD_UNIT_PER_S:
        buf_printf(out, "%.3g/s", value);
        break;
    case THRESHOLD_UNIT_USD:
        quantity_format_money(out, (int64_t)(value * (double)PUSD_PER_USD));
        break;
    }
}

static void judge_thresholds(const struct run_facts *facts, struct verdicts *verdicts)
{
    const struct plan *plan = facts->view->plan;

    for (size_t i = 0; i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];
        const struct threshold_judgement *judgement = &facts->thresholds[i];
        const bool selects = *threshold->selector != '\0';
        struct buf value = BUF_INIT(100);

        if (judgement->passed)
            continue;
        if (judgement->known)
            print_value(judgement, &value);
        else
            buf_append_str(&value, "there is no data");
        verdicts_add(verdicts, EXIT_THRESHOLDS, "%s%s%s%s should satisfy %s: %s.",
                     threshold->metric, selects ? "{" : "", threshold->selector,
                     selects ? "}" : "", threshold->expression, buf_str(&value));
        buf_deinit(&value);
    }
}

static void on_broken_check(void *ctx, const char *sentence)
{
    verdicts_add(ctx, EXIT_UNTRUSTED, "The bookkeeping does not add up: %s", sentence);
}

void judgement_of_run(const struct run_facts *facts, int samples_error,
                      struct verdicts *verdicts)
{
    const struct run_view *view = facts->view;
    const struct counters *window =
        recorder_total(view->recorder, RECORDER_WINDOW).counters;

    const uint64_t over = window->ok + window->degraded + window->failed;

    if (over == 0)
        verdicts_add(
            verdicts, EXIT_UNTRUSTED,
            "Nothing was measured: no request ended within the measured window.");
    else if (window->failed == over && view->stop_reason != STOP_ERROR_RATE)
        verdicts_add(verdicts, EXIT_UNTRUSTED,
                     "Nothing was measured: not one of %" PRIu64 " requests succeeded.",
                     over);
    judge_stop(view, recorder_total(view->recorder, RECORDER_ALL).counters, verdicts);
    judge_thresholds(facts, verdicts);
    check_recorder(view->recorder, view->now_ns, on_broken_check, verdicts);
    if (samples_error < 0)
        verdicts_add(verdicts, EXIT_NOT_SAVED, "samples.bin is incomplete: %s.",
                     strerror(-samples_error));
}
