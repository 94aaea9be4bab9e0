#include "output/summary_sentences.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/recorder.h"
#include "measure/spike.h"
#include "plan/plan.h"
#include "result/facts.h"

/* Turns told at most: of more, only some. */
#define MAX_TURNS 8

static void say_quantile(struct buf *out, struct histogram_quantile quantile)
{
    if (!quantile.known) {
        buf_append_str(out, "–");
        return;
    }
    buf_append_str(out, quantile.above ? "> " : "");
    quantity_format_latency(out, quantile.value_ns);
}

static void say_rate(struct buf *out, double rate)
{
    if (isfinite(rate))
        buf_printf(out, "%.1f%%", rate * 100);
    else
        buf_append_str(out, "–");
}

static struct histogram_quantile p95_of(const struct spike_view *spike,
                                        const struct spike_stage *stage)
{
    return spike->metric == METRIC_TTFT ? stage->ttft_p95 : stage->e2e_p95;
}

static bool telling(struct histogram_quantile quantile)
{
    return quantile.known && !quantile.above;
}

static void say_recovery(const struct spike_view *spike, const struct run_facts *facts,
                         struct buf *out)
{
    switch (spike->recovery) {
    case SPIKE_RECOVERED:
        if (spike->recovery_ns == 0) {
            buf_append_str(out, ", recovered at once");
            return;
        }
        buf_append_str(out, ", recovered after ");
        quantity_format_duration(out, spike->recovery_ns);
        return;
    case SPIKE_NOT_RECOVERED:
        buf_append_str(out, ", not recovered within ");
        quantity_format_duration(
            out, (uint64_t)llround(run_span_s(run_facts_phase(facts, spike->phase + 1)) *
                                   1e9));
        return;
    case SPIKE_UNKNOWN:
        buf_append_str(out,
                       telling(p95_of(spike, &spike->before))
                           ? ", too few requests behind it to tell whether it recovered"
                           : ", nothing before it to compare with");
        return;
    }
}

bool summary_say_spike(const struct run_facts *facts, size_t index, struct buf *out)
{
    struct spike_view spike;

    spike_of(facts->view->recorder, index, run_facts_load(facts).end_ns, &spike);
    if (!spike.during.phase)
        return false;
    if (facts->view->is_open) {
        buf_printf(out, "%.4g arrivals/s",
                   facts->view->plan->phases[spike.phase].rate_per_s);
    } else {
        quantity_format_count(out, spike.users);
        buf_append_str(out, spike.users == 1 ? " user" : " users");
    }
    buf_printf(out, ": %s p95 ", metric_info(spike.metric)->name);
    say_quantile(out, p95_of(&spike, &spike.before));
    buf_append_str(out, " → ");
    say_quantile(out, p95_of(&spike, &spike.during));
    buf_append_str(out, " → ");
    say_quantile(out, p95_of(&spike, &spike.after));
    if (spike.before.failed + spike.during.failed + spike.after.failed > 0) {
        buf_append_str(out, ", errors ");
        say_rate(out, spike.before.error_rate);
        buf_append_str(out, " → ");
        say_rate(out, spike.during.error_rate);
        buf_append_str(out, " → ");
        say_rate(out, spike.after.error_rate);
    }
    say_recovery(&spike, facts, out);
    return true;
}

/* A mean, of one that is not 0. */
static void say_mean(struct buf *out, uint64_t sum, uint64_t count)
{
    quantity_format_count(out, (uint64_t)llround((double)sum / (double)count));
}

bool summary_say_lengths(const struct run_facts *facts, struct buf *out)
{
    static const char *const names[LENGTH_COUNT] = {
        [LENGTH_OF_PROMPTS] = "prompts of ", [LENGTH_OF_ANSWERS] = "answers of "};
    const size_t start = out->len;

    for (enum length_of kind = 0; kind < LENGTH_COUNT; kind++) {
        const struct lengths lengths = recorder_lengths(facts->view->recorder, kind);

        if (lengths.requests == 0)
            continue;
        buf_append_str(out, out->len > start ? "; " : "");
        buf_append_str(out, names[kind]);
        say_mean(out, lengths.asked_tokens, lengths.requests);
        buf_append_str(out, " tokens, ");
        say_mean(out, lengths.told_tokens, lengths.requests);
        buf_append_str(out, " counted: ");
        say_rate(out, lengths_mean_error(&lengths));
        buf_append_str(out, " off");
    }
    return out->len > start;
}

bool summary_say_gaps(const struct run_facts *facts, struct buf *out)
{
    const struct run_view *view = facts->view;
    const size_t start = out->len;

    if (view->unset_uses > 0)
        buf_printf(out, "%s had no value: %" PRIu64 " texts were sent without",
                   view->unset_name, view->unset_uses);
    if (view->setups_failed > 0)
        buf_printf(out, "%s%" PRIu64 " %s tried again", out->len > start ? "; " : "",
                   view->setups_failed,
                   view->setups_failed == 1 ? "setup of a user failed and was"
                                            : "setups of users failed and were");
    if (view->users_retired > 0)
        buf_printf(out, "%s%" PRIu64 " user%s ended early: no row was left",
                   out->len > start ? "; " : "", view->users_retired,
                   view->users_retired == 1 ? "" : "s");
    return out->len > start;
}

bool summary_say_turns(const struct run_facts *facts, struct buf *out)
{
    const struct recorder *recorder = facts->view->recorder;
    const char *between = "prompt tokens by turn: ";
    struct turn_view view;
    uint32_t last = 0;

    for (uint32_t turn = 1; turn <= RECORDER_TURNS; turn++)
        if (recorder_turn(recorder, turn, &view) && view.prompts > 0)
            last = turn;
    if (last < 2)
        return false;
    for (uint32_t turn = 1; turn <= last; turn++) {
        const bool told = last <= MAX_TURNS || turn == 1 || turn == last ||
                          turn % ((last + MAX_TURNS - 1) / MAX_TURNS) == 0;

        if (!told || !recorder_turn(recorder, turn, &view) || view.prompts == 0)
            continue;
        buf_printf(out, "%s%" PRIu32 "%s: ", between, turn,
                   turn == RECORDER_TURNS ? "+" : "");
        quantity_format_count(
            out, (uint64_t)llround((double)view.prompt_tokens / (double)view.prompts));
        between = ", ";
    }
    return true;
}
