#include "measure/isolation.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/normal.h"
#include "measure/recorder_state.h"
#include "measure/spending.h"
#include "measure/welch.h"
#include "plan/plan.h"

#define LEAST 20    /* fewer requests say nothing */
#define WORSE 1.1   /* times the mean before */
#define ERROR 0.025 /* that chance alone makes any of the others look harmed */
#define TESTS 2     /* of each of them: failures and latency */

static int64_t budget_of(const struct plan_platform *platform, const char *organization)
{
    for (size_t i = 0; i < platform->budget_count; i++)
        if (strcmp(platform->budgets[i].organization, organization) == 0)
            return platform->budgets[i].pusd;
    return platform->budget_pusd;
}

/* Two proportions, pooled: whether the later is surely the greater. */
static bool fails_more(const struct isolation_stretch *before,
                       const struct isolation_stretch *after, double z)
{
    const double n = (double)before->requests;
    const double m = (double)after->requests;
    const double pooled = (double)(before->failed + after->failed) / (n + m);
    const double error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
    const double more = (double)after->failed / m - (double)before->failed / n;

    return n >= LEAST && m >= LEAST && error > 0 && more > z * error;
}

static double variance_of(const struct isolation_stretch *stretch, double mean)
{
    const double n = (double)stretch->answers;

    return fmax(0, (stretch->squares - n * mean * mean) / (n - 1)) / n;
}

static bool is_slower(const struct isolation_stretch *before,
                      const struct isolation_stretch *after, double z)
{
    const double n = (double)before->answers;
    const double m = (double)after->answers;

    if (before->answers < LEAST || after->answers < LEAST)
        return false;
    const double was = before->sum_ms / n;
    const double is = after->sum_ms / m;
    const double a = variance_of(before, was);
    const double b = variance_of(after, is);
    const double squares = a * a / (n - 1) + b * b / (m - 1);
    const double degrees = squares > 0 ? (a + b) * (a + b) / squares : 2;

    return is > WORSE * was && is - was > welch_t(z, fmax(degrees, 2)) * sqrt(a + b);
}

/*
 * Whether it was refused though it has no budget, or has spent less than half of it by the scenario's own
 * prices. What other workers spent of it nobody knows here.
 */
static bool leaked(const struct isolation_part *part, bool spending_is_whole)
{
    if (part->throttled == 0)
        return false;
    return part->budget_pusd == 0 ||
           (spending_is_whole && part->cost_pusd < part->budget_pusd / 2);
}

/* The more organizations are looked at, the surer of each one must be (Bonferroni). */
static double deviations_needed(size_t others)
{
    return normal_deviations(ERROR / (TESTS * (double)(others > 0 ? others : 1)));
}

void isolation_of(const struct recorder *recorder, struct isolation *ret_isolation)
{
    const struct plan *plan = recorder->options.plan;
    const struct isolation_book *book = &recorder->isolation;
    const bool spending_is_whole = spending_is_known(plan) && plan->worker_count <= 1;
    double z;

    *ret_isolation =
        (struct isolation){.count = book->count, .first_ns = book->first_ns, .share = 1};
    ret_isolation->is_known = book->count > 0 && plan_has_budgets(&plan->platform);
    for (size_t i = 0; i < book->count; i++) {
        struct isolation_part *part = &ret_isolation->parts[i];

        *part = book->parts[i];
        part->budget_pusd = budget_of(&plan->platform, part->organization);
        part->leaked = leaked(part, spending_is_whole);
        ret_isolation->throttled += part->throttled > 0;
    }
    z = deviations_needed(book->count - ret_isolation->throttled);
    for (size_t i = 0; i < book->count; i++) {
        struct isolation_part *part = &ret_isolation->parts[i];
        const struct isolation_stretch *times = part->times;

        /* Who was refused for want of its own money may well fail, too. */
        if (part->throttled == 0) {
            part->fails_more =
                fails_more(&times[ISOLATION_BEFORE], &times[ISOLATION_AFTER], z);
            part->is_slower =
                is_slower(&times[ISOLATION_BEFORE], &times[ISOLATION_AFTER], z);
        }
        ret_isolation->harmed += part->leaked || part->fails_more || part->is_slower;
    }
    if (book->count > 0)
        ret_isolation->share = 1 - (double)ret_isolation->harmed / (double)book->count;
}

static void say_throttled(const struct isolation_part *part, uint64_t started_ns,
                          struct buf *out)
{
    buf_append_str(out, " (");
    quantity_format_count(out, part->throttled);
    buf_printf(out, " %s, from %.1f s on)", part->throttled == 1 ? "request" : "requests",
               (double)(part->first_ns - started_ns) / (double)NS_PER_S);
}

/* "org-1 (12 requests, from 3.0 s on), org-2 (…)": those who were refused, rightly or not. */
static void say_list(const struct isolation *isolation, bool leaked, uint64_t started_ns,
                     struct buf *out)
{
    const char *between = "";

    for (size_t i = 0; i < isolation->count; i++) {
        const struct isolation_part *part = &isolation->parts[i];

        if (part->throttled == 0 || part->leaked != leaked)
            continue;
        buf_printf(out, "%s%s", between, part->organization);
        say_throttled(part, started_ns, out);
        between = ", ";
    }
}

static double mean_of(const struct isolation_stretch *stretch)
{
    return stretch->sum_ms / (double)stretch->answers;
}

static double share_of(const struct isolation_stretch *stretch)
{
    return 100 * (double)stretch->failed / (double)stretch->requests;
}

static void say_harm(const struct isolation_part *part, struct buf *out)
{
    const struct isolation_stretch *before = &part->times[ISOLATION_BEFORE];
    const struct isolation_stretch *after = &part->times[ISOLATION_AFTER];

    if (part->fails_more)
        buf_printf(out, "; %s failed more from then on (%.2g%% to %.2g%%)",
                   part->organization, share_of(before), share_of(after));
    if (part->is_slower)
        buf_printf(out, "; %s waited longer from then on (%.0f ms to %.0f ms on average)",
                   part->organization, mean_of(before), mean_of(after));
}

void isolation_say(const struct isolation *isolation, uint64_t started_ns,
                   struct buf *out)
{
    size_t leaks = 0;
    bool is_alone;

    if (isolation->throttled == 0) {
        buf_append_str(out, "no organization was throttled: no budget was reached");
        return;
    }
    for (size_t i = 0; i < isolation->count; i++)
        leaks += isolation->parts[i].leaked;
    is_alone = leaks == 0 && isolation->throttled < isolation->count;
    if (isolation->throttled > leaks) {
        buf_append_str(out, is_alone ? "only " : "");
        say_list(isolation, false, started_ns, out);
        buf_append_str(out, isolation->throttled - leaks == 1 ? " was" : " were");
        buf_append_str(out, " throttled");
        buf_append_str(out, leaks > 0 ? "; " : "");
    }
    if (leaks > 0) {
        buf_append_str(
            out, "throttled without having spent a budget of their own in this run: ");
        say_list(isolation, true, started_ns, out);
    } else {
        buf_append_str(out, is_alone ? "; the others: none" : "; there were no others");
    }
    for (size_t i = 0; i < isolation->count; i++)
        say_harm(&isolation->parts[i], out);
}
