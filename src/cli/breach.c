#include "cli/breach.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/quantity.h"
#include "expr/selector.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "measure/threshold.h"
#include "plan/plan.h"

#define MAX_SENTENCE_BYTES 1024

/* The check that failed most often, of those that a selector means. */
struct worst {
    const struct selector_label *name; /* NULL: of any */
    const struct selector_label *step; /* likewise */
    struct check_view check;
};

static void find_worst(void *ctx, const struct check_view *check)
{
    struct worst *worst = ctx;
    const bool meant = (!worst->name || selector_label_is(worst->name, check->name)) &&
                       (!worst->step || selector_label_is(worst->step, check->step));

    if (meant && check->failed > worst->check.failed)
        worst->check = *check;
}

/* Where it selects by other labels the counts are of others too, and nothing is said. */
static void put_worst_check(const struct run_view *view, const char *text,
                            struct buf *out)
{
    struct selector selector;
    struct worst worst = {.name = NULL};

    if (selector_parse(text, &selector) < 0)
        return;
    worst.name = selector_find(&selector, "check");
    worst.step = selector_find(&selector, "step");
    if (selector.count != (size_t)(worst.name != NULL) + (worst.step != NULL))
        return;
    recorder_each_check(view->recorder, RECORDER_WINDOW, find_worst, &worst);
    if (worst.check.failed == 0)
        return;
    buf_printf(out, " '%s' of %s failed most: ", worst.check.name, worst.check.step);
    quantity_format_count(out, worst.check.failed);
    buf_append_str(out, worst.check.failed == 1 ? " time of " : " times of ");
    quantity_format_count(out, worst.check.failed + worst.check.passed);
    buf_append_char(out, '.');
}

void breach_of_threshold(const struct run_view *view,
                         const struct plan_threshold *threshold,
                         const struct threshold_judgement *judgement, struct buf *out)
{
    const bool selects = *threshold->selector != '\0';

    buf_printf(out, "%s%s%s%s should satisfy %s: ", threshold->metric, selects ? "{" : "",
               threshold->selector, selects ? "}" : "", threshold->expression);
    if (judgement->known) {
        threshold_say_value(judgement, out);
        threshold_say_change(judgement, out);
        threshold_say_baseline(judgement, out);
    } else if (judgement->lack) {
        buf_append_str(out, judgement->lack);
    } else if (judgement->few) {
        buf_printf(out, "there are only %" PRIu64 " of %" PRIu64 " samples",
                   judgement->samples, threshold->min_samples);
    } else {
        buf_append_str(out, "there is no data");
    }
    if (judgement->since_ns > 0)
        buf_printf(out, " (measured from %.1f s on, when a reload brought it)",
                   (double)(judgement->since_ns - view->started_ns) / (double)NS_PER_S);
    buf_append_char(out, '.');
    if (strcmp(threshold->metric, "checks") == 0)
        put_worst_check(view, threshold->selector, out);
}

static int64_t share_of_money(const struct plan *plan)
{
    return (int64_t)plan_share(plan, (uint64_t)plan->limits.cost_pusd);
}

/* Begins to say what a limit of several workers is a share of. */
static void put_whole(const struct plan *plan, struct buf *out)
{
    if (plan->worker_count > 1)
        buf_printf(out, ", the share of worker %" PRIu32 " of %" PRIu32 " in ",
                   plan->worker_index, plan->worker_count);
}

/* Only answers that nobody could bound, such as those without max_tokens, cost more than was left. */
static void put_overshoot(const struct run_view *view, struct buf *out)
{
    const int64_t most_pusd = share_of_money(view->plan);

    if (view->spent_pusd <= most_pusd)
        return;
    buf_append_str(out, " That is ");
    quantity_format_money(out, view->spent_pusd - most_pusd);
    buf_printf(out,
               " (%.2g%%) over the limit: an answer without max_tokens has no bound.",
               100 * (double)(view->spent_pusd - most_pusd) / (double)most_pusd);
}

static void put_cost(const struct run_view *view, struct buf *out)
{
    const struct plan *plan = view->plan;

    buf_append_str(out, "limits.cost: ");
    quantity_format_money(out, view->spent_pusd);
    buf_append_str(out, " spent and ");
    quantity_format_money(out, view->reserved_pusd);
    buf_append_str(out, " reserved; a further request could have passed ");
    quantity_format_money(out, share_of_money(plan));
    put_whole(plan, out);
    if (plan->worker_count > 1)
        quantity_format_money(out, plan->limits.cost_pusd);
    buf_append_char(out, '.');
    put_overshoot(view, out);
}

/* Refusals of the key end a run by themselves: then there is no share that was passed. */
static bool put_error_rate(const struct run_view *view, struct buf *out)
{
    const double share = view->limit_attempts > 0
                             ? (double)view->limit_failed / (double)view->limit_attempts
                             : 0;

    if (view->limit_attempts == 0)
        return false;
    buf_printf(out,
               "limits.error_rate: %" PRIu64 " of %" PRIu64
               " requests failed (%.3g%%) within ",
               view->limit_failed, view->limit_attempts, share * 100);
    quantity_format_duration(out, view->plan->limits.error_rate_over_ns);
    buf_printf(out, ", and at most %.3g%% may.", view->plan->limits.error_rate * 100);
    return true;
}

bool breach_of_limit(const struct run_view *view, struct buf *out)
{
    const struct plan_limits *limits = &view->plan->limits;

    switch (view->stop_reason) {
    case STOP_COST:
        put_cost(view, out);
        return true;
    case STOP_ERROR_RATE:
        return put_error_rate(view, out);
    case STOP_DURATION:
        buf_append_str(out, "limits.duration: ");
        quantity_format_duration(out, limits->duration_ns);
        buf_append_str(out, " are over.");
        return true;
    case STOP_REQUESTS:
        buf_printf(out, "limits.requests: %" PRIu64 " were sent",
                   plan_share(view->plan, limits->requests));
        put_whole(view->plan, out);
        if (view->plan->worker_count > 1)
            buf_printf(out, "%" PRIu64, limits->requests);
        buf_append_char(out, '.');
        return true;
    case STOP_NONE:
    case STOP_COMPLETED:
    case STOP_THRESHOLD:
    case STOP_SIGNAL:
    case STOP_ASKED:
    case STOP_ERROR:
    case STOP_SCENARIO:
    case STOP_BY_HAND:
        break;
    }
    return false;
}

const struct plan_threshold *breach_find(const struct run_view *view,
                                         struct threshold_judgement *ret_judgement)
{
    const struct plan *plan = view->plan;

    for (size_t i = 0; i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];

        if (!threshold->abort_on_fail ||
            view->elapsed_ns < threshold->delay_abort_eval_ns)
            continue;
        *ret_judgement =
            threshold_judge(threshold, view->recorder, view->load_end_ns, view->trust);
        if (ret_judgement->known && !ret_judgement->passed)
            return threshold;
    }
    return NULL;
}

void breach_log_threshold(const struct run_view *view,
                          const struct plan_threshold *threshold,
                          const struct threshold_judgement *judgement)
{
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    breach_of_threshold(view, threshold, judgement, &sentence);
    log_write(LOG_LEVEL_ERROR, "run", NULL, "%s The run stops.", buf_str(&sentence));
    buf_deinit(&sentence);
}

void breach_log_limit(const struct run_view *view)
{
    const bool is_normal =
        view->stop_reason == STOP_DURATION || view->stop_reason == STOP_REQUESTS;
    struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    if (breach_of_limit(view, &sentence))
        log_write(is_normal ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "run", NULL,
                  "%s The run stops.", buf_str(&sentence));
    buf_deinit(&sentence);
}
