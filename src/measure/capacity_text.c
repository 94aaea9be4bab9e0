#include "measure/capacity_text.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/threshold.h"
#include "plan/plan.h"

void capacity_say_load(const struct capacity_report *report, double load, struct buf *out)
{
    if (report->by_rate) {
        buf_printf(out, "%.4g arrivals/s", load);
        return;
    }
    quantity_format_count(out, (uint64_t)load);
    buf_append_str(out, (uint64_t)load == 1 ? " user" : " users");
}

/* Without its unit, where that was said. */
static void say_number(const struct capacity_report *report, double load, struct buf *out)
{
    if (report->by_rate)
        buf_printf(out, "%.4g", load);
    else
        quantity_format_count(out, (uint64_t)load);
}

static void say_slo(const struct capacity_report *report,
                    const struct capacity_level *level, size_t index, struct buf *out)
{
    const struct plan_threshold *slo = &report->slos[index];
    const struct threshold_judgement *judgement = &level->slos[index].judgement;

    buf_append_str(out, slo->metric);
    if (*slo->selector)
        buf_printf(out, "{%s}", slo->selector);
    buf_printf(out, " %s", slo->expression);
    if (judgement->ignored) {
        buf_append_str(out, " cannot exist");
    } else if (!judgement->known && !judgement->above) {
        buf_append_str(out, judgement->few ? " had too few samples" : " had no data");
    } else {
        buf_append_str(out, " was ");
        threshold_say_value(judgement, out);
    }
}

static bool is_on_errors(const struct plan_threshold *slo)
{
    return strcmp(slo->metric, "error_rate") == 0 ||
           strcmp(slo->metric, "http_req_failed") == 0;
}

/* The SLO that decided: one that broke, else one that was not sure, else the first. */
static size_t deciding_slo(const struct capacity_report *report,
                           const struct capacity_level *level)
{
    /* What fails has no latency, and so breaks every other SLO as well. */
    for (size_t i = 0; i < report->slo_count; i++)
        if (level->slos[i].certainty == CERTAINTY_BREAKS &&
            is_on_errors(&report->slos[i]))
            return i;
    for (size_t i = 0; i < report->slo_count; i++)
        if (level->slos[i].certainty == CERTAINTY_BREAKS)
            return i;
    for (size_t i = 0; i < report->slo_count; i++)
        if (level->slos[i].certainty == CERTAINTY_UNDECIDED &&
            level->slos[i].leans_to_holding == level->held)
            return i;
    return 0;
}

void capacity_say_why(const struct capacity_report *report,
                      const struct capacity_level *level, struct buf *out)
{
    switch (level->breach) {
    case CAPACITY_BEHIND:
        buf_printf(out, "only %.3g/s of %.3g/s were done", level->achieved_per_s,
                   level->arrived_per_s);
        return;
    case CAPACITY_COLLAPSED:
        buf_printf(out, "throughput fell to %.3g/s, below that of fewer users",
                   level->done_per_s);
        return;
    case CAPACITY_NO_BREACH:
        break;
    }
    if (report->slo_count > 0)
        say_slo(report, level, deciding_slo(report, level), out);
}

static const char *word_of(const struct capacity_level *level)
{
    if (level->is_untrusted)
        return "not to be trusted";
    if (level->certainty == CERTAINTY_UNDECIDED)
        return level->held ? "held, not for sure" : "broke, not for sure";
    return level->held ? "held" : "broke";
}

void capacity_say_level(const struct capacity_report *report,
                        const struct capacity_level *level, struct buf *out)
{
    buf_printf(out, "%s (%s): ", level->phase, capacity_stage_name(level->stage));
    capacity_say_load(report, level->load, out);
    buf_printf(out, " %s", word_of(level));
    if (level->is_untrusted)
        buf_printf(out, ": trust %c", trust_letter(level->trust));
    buf_printf(out, ": %.3g requests/s; ", level->done_per_s);
    capacity_say_why(report, level, out);
    if (report->answer > 0) {
        buf_append_str(out, "; capacity is ");
        buf_append_str(out, isinf(report->broke) ? "at least " : "between ");
        say_number(report, report->answer, out);
        if (!isinf(report->broke)) {
            buf_append_str(out, " and ");
            say_number(report, report->broke, out);
        }
    }
}

/* The last trial of a level with that outcome; NULL: none. */
static const struct capacity_level *trial_at(const struct capacity_report *report,
                                             double load, bool held)
{
    const struct capacity_level *found = NULL;

    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];

        if (capacity_is_trial(level) && level->held == held &&
            fabs(level->load - load) <= 1e-9 * load)
            found = level;
    }
    return found;
}

/* "(between 228 and 252)" */
static void say_bracket(const struct capacity_report *report, struct buf *out)
{
    buf_append_str(out, " (between ");
    say_number(report, report->low, out);
    buf_append_str(out, " and ");
    if (isinf(report->high))
        buf_append_str(out, "more than was tried");
    else
        say_number(report, report->high, out);
    buf_append_str(out, ")");
}

/* ": ttft p(95)<500ms was 431 ms, error_rate … was 0%" */
static void say_slos(const struct capacity_report *report,
                     const struct capacity_level *level, struct buf *out)
{
    for (size_t i = 0; level && i < report->slo_count; i++) {
        buf_append_str(out, i > 0 ? ", " : ": ");
        say_slo(report, level, i, out);
    }
}

static void say_break(const struct capacity_report *report, struct buf *out)
{
    const struct capacity_level *level = trial_at(report, report->broke, false);

    if (!level)
        return;
    buf_append_str(out, " At ");
    capacity_say_load(report, report->broke, out);
    buf_append_str(out, " it breaks: ");
    capacity_say_why(report, level, out);
    buf_append_char(out, '.');
}

static void say_found(const struct capacity_report *report, struct buf *out)
{
    buf_append_str(out, "It holds ");
    capacity_say_load(report, report->answer, out);
    say_bracket(report, out);
    say_slos(report, trial_at(report, report->answer, true), out);
    buf_append_char(out, '.');
    say_break(report, out);
    buf_printf(out, " It held in %u of %u trials.", report->held, report->trials);
    if (!report->is_monotone)
        buf_append_str(out, " Higher levels held as well, above ones that broke: "
                            "capacity does not only fall with load here.");
}

static void say_top(const struct capacity_report *report, struct buf *out)
{
    buf_append_str(out, "It holds ");
    capacity_say_load(report, report->answer, out);
    buf_append_str(out, ", the most that was to be tried");
    say_slos(report, trial_at(report, report->answer, true), out);
    buf_printf(out, ". It held in %u of %u trials. Raise --to to find where it breaks.",
               report->held, report->trials);
}

static void say_none(const struct capacity_report *report, struct buf *out)
{
    const struct capacity_level *level = trial_at(report, report->from, false);

    buf_append_str(out, "It does not even hold ");
    capacity_say_load(report, report->from, out);
    if (level) {
        buf_append_str(out, ": ");
        capacity_say_why(report, level, out);
    }
    buf_append_str(out, ". Begin lower with --from, or ask for less.");
}

static void say_unconfirmed(const struct capacity_report *report, struct buf *out)
{
    buf_append_str(out, "Not confirmed: ");
    if (report->answer > 0) {
        capacity_say_load(report, report->answer, out);
        buf_append_str(out, " held");
        if (!isinf(report->broke)) {
            buf_append_str(out, " and ");
            say_number(report, report->broke, out);
            buf_append_str(out, " broke");
        }
    } else {
        buf_append_str(out, "no level held");
    }
    if (report->is_stuck)
        buf_append_str(out, ", and after overload nothing held any more.");
    else
        buf_append_str(out, " when the search ended early. Give it more time with "
                            "--max-duration, or longer levels with --hold.");
}

static void say_client(const struct capacity_report *report, struct buf *out)
{
    const struct capacity_level *last =
        report->level_count > 0 ? &report->levels[report->level_count - 1] : NULL;

    buf_append_str(out, "throng itself is what saturated");
    if (last) {
        buf_append_str(out, ": at ");
        capacity_say_load(report, last->load, out);
        buf_printf(out, " its figures have trust %c", trust_letter(last->trust));
    }
    buf_append_str(out, ". ");
    if (report->answer > 0) {
        capacity_say_load(report, report->answer, out);
        buf_append_str(out, " held before; more is not known. ");
    }
    buf_append_str(out, "Run it on a machine with more to spare.");
}

void capacity_say_answer(const struct capacity_report *report, struct buf *out)
{
    switch (report->end) {
    case CAPACITY_FOUND:
        say_found(report, out);
        return;
    case CAPACITY_TOP_HELD:
        say_top(report, out);
        return;
    case CAPACITY_NONE_HELD:
        say_none(report, out);
        return;
    case CAPACITY_SEARCHING:
    case CAPACITY_UNCONFIRMED:
        say_unconfirmed(report, out);
        return;
    case CAPACITY_CLIENT:
        say_client(report, out);
        return;
    }
}

bool capacity_say_recovery(const struct capacity_report *report, struct buf *out)
{
    if (report->recoveries == 0 && !report->is_hysteretic)
        return false;
    if (report->recoveries > 0) {
        buf_printf(out, "from %u overload%s, ", report->recoveries,
                   report->recoveries == 1 ? "" : "s");
        if (report->recovery_most_ns == 0) {
            buf_append_str(out, "at once");
        } else {
            buf_append_str(out, "after at most ");
            quantity_format_duration(out, report->recovery_most_ns);
        }
    }
    if (!report->is_hysteretic && report->by_rate) {
        buf_append_str(out, ", at half the load that had held, for the queue to drain");
        return true;
    }
    if (!report->is_hysteretic) {
        buf_append_str(out, "; no hysteresis: what held on the way up held on the way "
                            "down");
        return true;
    }
    buf_append_str(out, report->recoveries > 0 ? "; hysteresis: " : "hysteresis: ");
    if (report->recovered_at > 0) {
        buf_append_str(out, "after overload it held only ");
        capacity_say_load(report, report->recovered_at, out);
        buf_append_str(out, " until it had calmed down");
    } else {
        buf_append_str(out, "after overload a level that had held did not");
    }
    return true;
}

bool capacity_say_knee(const struct capacity_report *report, struct buf *out)
{
    const struct capacity_level *level;

    if (report->knee >= report->level_count)
        return false;
    level = &report->levels[report->knee];
    capacity_say_load(report, level->load, out);
    buf_printf(out, ": %.3g requests/s in ", level->done_per_s);
    quantity_format_latency(out, (uint64_t)(level->e2e_mean_ms * (double)NS_PER_MS));
    buf_append_str(out, ", the most throughput for its response time (greatest power)");
    return true;
}
