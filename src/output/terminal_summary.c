#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/isolation.h"
#include "measure/metric.h"
#include "measure/recorder.h"
#include "measure/run_mark.h"
#include "measure/spike.h"
#include "measure/tenancy.h"
#include "measure/threshold.h"
#include "measure/trust.h"
#include "output/summary_answers.h"
#include "output/summary_arrivals.h"
#include "output/summary_goodput.h"
#include "output/summary_manners.h"
#include "output/summary_platform.h"
#include "output/summary_replay.h"
#include "output/summary_sentences.h"
#include "output/summary_tables.h"
#include "output/summary_users.h"
#include "output/terminal.h"
#include "output/terminal_ab.h"
#include "output/terminal_backend.h"
#include "output/terminal_capacity.h"
#include "output/terminal_insight.h"
#include "output/terminal_page.h"
#include "output/terminal_script.h"
#include "output/terminal_text.h"
#include "plan/plan.h"
#include "result/facts.h"

#define MAX_COLUMNS 100 /* longer lines are hard to read, however wide the window is */
#define MAX_NAME_COLUMNS 40
#define MARKS_SHOWN 10 /* the others stand in summary.json */

/* From C on the generator's own part in the figures is worth a reader's worry. */
static enum paint paint_of(enum trust_grade grade)
{
    return grade >= TRUST_C ? PAINT_BAD : PAINT_PLAIN;
}

static void put_verdict(struct page *page)
{
    const struct verdicts *verdicts = page->facts->verdicts;
    const enum exit_code code = verdicts_exit_code(verdicts);
    const bool passed = code == EXIT_PASSED;
    const char *why = exit_code_text((int)code);

    buf_append_char(page->out, '\n');
    terminal_paint(page->out, page->style, passed ? PAINT_GOOD : PAINT_BAD,
                   passed ? "✓ PASSED" : "✗ FAILED");
    buf_append_str(page->out, "  ");
    terminal_put_safe(&page->line, page->facts->view->plan->name, MAX_NAME_COLUMNS);
    terminal_paint(page->out, page->style, PAINT_STRONG, buf_str(&page->line));
    buf_clear(&page->line);
    buf_append_str(page->out, "  ");
    buf_printf(&page->line, "trust %c", trust_letter(page->facts->trust->grade));
    terminal_paint(page->out, page->style, paint_of(page->facts->trust->grade),
                   buf_str(&page->line));
    buf_clear(&page->line);
    if (!passed)
        buf_printf(page->out, "  exit code %d: %s", (int)code, why ? why : "");
    buf_append_char(page->out, '\n');
    for (size_t i = 0; i < verdicts->count; i++) {
        buf_append_str(page->out, "  • ");
        terminal_wrap(page->out, verdicts->items[i].sentence, 4,
                      (size_t)page->style.columns);
        buf_append_char(page->out, '\n');
    }
    buf_append_char(page->out, '\n');
}

static void put_threshold_value(struct buf *out, const struct threshold_judgement *judged)
{
    if (judged->few) {
        buf_printf(out, "too few samples (%" PRIu64 ")", judged->samples);
        return;
    }
    if (judged->ignored || !judged->known) {
        buf_append_str(out, judged->ignored ? "ignored, " : "");
        buf_append_str(out, judged->lack      ? judged->lack
                            : judged->ignored ? "nothing was streamed"
                                              : "no data");
        return;
    }
    if (judged->above && !judged->change.phase)
        buf_append_str(out, "> ");
    switch (judged->unit) {
    case THRESHOLD_UNIT_MS:
        quantity_format_latency(out, (uint64_t)llround(judged->value * 1e6));
        break;
    case THRESHOLD_UNIT_FRACTION:
        if (judged->change.phase)
            threshold_say_value(judged, out); /* less than 0, or more than 1 */
        else
            page_say_share(out, judged->value);
        break;
    case THRESHOLD_UNIT_COUNT:
    case THRESHOLD_UNIT_NUMBER:
        quantity_format_number(out, judged->value);
        break;
    case THRESHOLD_UNIT_PER_S:
        buf_printf(out, "%.4g/s", judged->value);
        break;
    case THRESHOLD_UNIT_USD:
        quantity_format_money(out, llround(judged->value * (double)PUSD_PER_USD));
        break;
    case THRESHOLD_UNIT_GRADE:
        buf_append_char(out, trust_letter(threshold_grade(judged)));
        break;
    }
}

static const char *mark_of(const struct threshold_judgement *judged)
{
    if (judged->ignored)
        return "–";
    return judged->passed ? "✓" : "✗";
}

/* "✓ ttft{model:large} p(95)<2s: 464 ms", each on a line of its own. */
static void put_thresholds(struct page *page)
{
    const struct plan *plan = page->facts->view->plan;
    const struct threshold_judgement *judged = page->facts->thresholds;

    for (size_t i = 0; judged && i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];
        const bool selects = threshold->selector[0] != '\0';

        buf_printf(&page->line, "%s %s%s%s%s %s: ", mark_of(&judged[i]),
                   threshold->metric, selects ? "{" : "", threshold->selector,
                   selects ? "}" : "", threshold->expression);
        put_threshold_value(&page->line, &judged[i]);
        threshold_say_change(&judged[i], &page->line);
        threshold_say_baseline(&judged[i], &page->line);
        if (judged[i].since_ns > 0) {
            buf_append_str(&page->line, ", measured from ");
            quantity_format_duration(&page->line,
                                     judged[i].since_ns - page->facts->view->started_ns);
            buf_append_str(&page->line, " on");
        }
        page_put_row(page, i == 0 ? "Thresholds" : "",
                     judged[i].passed ? PAINT_PLAIN : PAINT_BAD);
    }
}

static void put_chunks(struct page *page, const struct counters *window)
{
    const double chunks = (double)window->chunks;

    if (window->chunks == 0)
        return;
    buf_append_str(&page->line, "; ");
    page_say_share(&page->line, 1 - (double)window->unstamped_chunks / chunks);
    buf_append_str(&page->line, " of chunks timed by the kernel, ");
    if (window->unresolved_chunks > 0) {
        page_say_share(&page->line, (double)window->unresolved_chunks / chunks);
        buf_append_str(&page->line, " with unknown gaps");
    } else {
        buf_append_str(&page->line, "every gap known");
    }
}

/* Stalls so short that they keep no grade down are told all the same. */
static void put_stalls(struct page *page)
{
    const struct trust *trust = page->facts->trust;
    struct client_view client;

    recorder_client(page->facts->view->recorder, page->facts->view->now_ns, &client);
    for (size_t i = 0; i < trust->reason_count; i++)
        if (trust->reasons[i].rule == TRUST_RULE_STALLS)
            return;
    if (client.stalls.count == 0)
        return;
    buf_append_str(&page->line, "; stood still ");
    page_say_count(&page->line, client.stalls.count, "time, ", "times, ");
    quantity_format_latency(&page->line, client.stalls.longest_ns);
    buf_append_str(&page->line, " at most");
}

/* How far the figures can be trusted, before any of them; and what keeps them from more. */
static void put_honesty(struct page *page)
{
    const struct trust *trust = page->facts->trust;
    const struct series_view window =
        recorder_total(page->facts->view->recorder, RECORDER_WINDOW);
    const struct histogram *lags = window.histograms[METRIC_SCHEDULE_LAG];
    const struct histogram_quantile lag =
        lags ? histogram_quantile(lags, 0.99) : (struct histogram_quantile){0};

    if (lag.known) {
        buf_append_str(&page->line, "requests left at most ");
        quantity_format_latency(&page->line, lag.value_ns);
        buf_append_str(&page->line, " late (p99)");
    } else {
        buf_append_str(&page->line, "too few requests to tell how late they left");
    }
    put_chunks(page, window.counters);
    put_stalls(page);
    page_put_row(page, "Measurement", paint_of(trust->grade));
    for (size_t i = 0; i < trust->reason_count; i++) {
        const struct trust_reason *reason = &trust->reasons[i];

        buf_printf(&page->line, "%c: %s", trust_letter(reason->grade), reason->sentence);
        page_put_row(page, "", paint_of(reason->grade));
    }
}

static void put_load(struct page *page)
{
    const struct recorder *recorder = page->facts->view->recorder;
    const struct counters *counters = recorder_total(recorder, RECORDER_WINDOW).counters;
    const double window_s = run_span_s(run_facts_window(page->facts));
    const double load_s = run_span_s(run_facts_load(page->facts));
    struct buf *line = &page->line;

    page_say_count(line, counters->started, "request", "requests");
    buf_append_str(line, " in ");
    quantity_format_duration(line, (uint64_t)llround(window_s * 1e9));
    if (load_s - window_s >= 0.1) {
        buf_append_str(line, " (measured, of ");
        quantity_format_duration(line, (uint64_t)llround(load_s * 1e9));
        buf_append_char(line, ')');
    }
    if (window_s > 0)
        buf_printf(line, ": %.1f/s", (double)counters->started / window_s);
    buf_append_str(line, ", by up to ");
    page_say_count(line, recorder_users_peak(recorder), "user", "users");
    page_put_row(page, "Load", PAINT_STRONG);

    page_say_count(line, counters->failed, "request failed", "requests failed");
    if (counters->failed > 0) {
        buf_append_str(line, " (");
        page_say_share(line, failure_rate(counters));
        buf_append_char(line, ')');
    }
    if (counters->degraded > 0)
        buf_printf(line, ", %" PRIu64 " degraded", counters->degraded);
    if (counters->cancelled > 0)
        buf_printf(line, ", %" PRIu64 " cancelled", counters->cancelled);
    page_put_row(page, "Errors", counters->failed > 0 ? PAINT_BAD : PAINT_PLAIN);
}

static void put_errors(struct page *page)
{
    struct failure_kind kinds[OUTCOME_COUNT];
    const struct counters *counters =
        recorder_total(page->facts->view->recorder, RECORDER_WINDOW).counters;
    const struct failure_example *examples = page->facts->failure_examples;
    const size_t count = failure_kinds(counters, kinds);

    for (size_t i = 0; i < count; i++) {
        quantity_format_count(&page->line, kinds[i].count);
        buf_printf(&page->line, " %s: %s", outcome_name(kinds[i].outcome),
                   outcome_help(kinds[i].outcome));
        if (examples && examples[kinds[i].outcome].text[0] != '\0')
            buf_printf(&page->line, " The first: %s", examples[kinds[i].outcome].text);
        page_put_row(page, "", PAINT_PLAIN);
    }
}

static void put_arrivals(struct page *page)
{
    const struct counters counters =
        recorder_counters(page->facts->view->recorder, RECORDER_WINDOW);

    if (summary_say_arrivals(page->facts, &page->line))
        page_put_row(page, "Arrivals",
                     counters.dropped_iterations > 0 ? PAINT_BAD : PAINT_PLAIN);
}

static void put_tokens(struct page *page)
{
    const struct recorder *recorder = page->facts->view->recorder;
    const struct counters *window = recorder_total(recorder, RECORDER_WINDOW).counters;
    const uint64_t tokens = window->prompt_tokens + window->completion_tokens;
    const double window_s = run_span_s(run_facts_window(page->facts));
    struct buf *line = &page->line;

    if (tokens == 0)
        return;
    quantity_format_count(line, window->prompt_tokens);
    buf_append_str(line, " in, ");
    quantity_format_count(line, window->completion_tokens);
    buf_append_str(line, " out");
    if (window_s > 0) {
        buf_append_str(line, ": ");
        quantity_format_count(
            line, (uint64_t)llround((double)window->completion_tokens / window_s));
        buf_append_str(line, " output tokens/s");
    }
    if (window->estimated_tokens > 0) {
        buf_append_str(line, "; ");
        page_say_share(line, (double)window->estimated_tokens / (double)tokens);
        buf_append_str(line, " are estimates, not the server's count");
    }
    page_put_row(page, "Tokens", PAINT_PLAIN);
}

static void put_replay(struct page *page)
{
    bool is_degraded;

    if (summary_say_replay(page->facts, &page->line, &is_degraded))
        page_put_row(page, "Replay", is_degraded ? PAINT_BAD : PAINT_PLAIN);
}

/* "gpt-4o 41.2 of 80 tokens/s (51.5%)", for each model that says what it could reach. */
static void say_efficiency(void *ctx, const struct series_view *series)
{
    struct page *page = ctx;
    const struct histogram *tpot = series->histograms[METRIC_TPOT];
    double theoretical;
    double rate;

    if (strcmp(series->key, "model") != 0 || !tpot || histogram_count(tpot) == 0)
        return;
    theoretical = plan_theoretical_tps(page->facts->view->plan, series->value);
    if (!(theoretical > 0))
        return;
    rate = histogram_rate(tpot).mean_per_s;
    terminal_put_safe(&page->line, series->value, MAX_NAME_COLUMNS);
    buf_printf(&page->line, ": %.4g of %.4g tokens/s that one stream could reach (", rate,
               theoretical);
    page_say_share(&page->line, rate / theoretical);
    buf_append_char(&page->line, ')');
    page_put_row(page, "Efficiency", PAINT_PLAIN);
}

static void put_efficiency(struct page *page)
{
    recorder_each(page->facts->view->recorder, RECORDER_WINDOW, say_efficiency, page);
}

/* Whether one organization's empty purse hurt another. */
static void put_isolation(struct page *page)
{
    const struct run_view *view = page->facts->view;
    struct isolation isolation;

    isolation_of(view->recorder, &isolation);
    if (!isolation.is_known)
        return;
    isolation_say(&isolation, view->started_ns, &page->line);
    page_put_row(page, "Isolation", isolation.harmed > 0 ? PAINT_BAD : PAINT_PLAIN);
}

static void put_goodput(struct page *page)
{
    const struct summary_goodput goodput = summary_goodput_of_facts(page->facts);

    if (summary_say_goodput(&goodput, &page->line))
        page_put_row(page, "Goodput", PAINT_PLAIN);
}

/* How they took it, and what throng did to them: no errors of the server. */
static void put_manners(struct page *page)
{
    const struct run_view *view = page->facts->view;
    const struct counters *window =
        recorder_total(view->recorder, RECORDER_WINDOW).counters;
    struct buf *line = &page->line;

    if (summary_say_manners(window, line))
        page_put_row(page, "People", PAINT_PLAIN);
    if (summary_say_retries(window, line))
        page_put_row(page, "Retries", PAINT_PLAIN);
    if (summary_say_chaos(window, line))
        page_put_row(page, "Chaos", PAINT_PLAIN);
    for (size_t i = 0; i < view->circuit_count; i++)
        if (summary_say_circuit(view, i, line))
            page_put_row(page, "Circuit", PAINT_ACCENT);
}

static void put_reloads(struct page *page)
{
    const struct run_facts *facts = page->facts;

    for (size_t i = 0; i < facts->reload_count; i++) {
        quantity_format_duration(&page->line,
                                 facts->reloads[i].at_ns - facts->view->started_ns);
        buf_printf(&page->line, " after the start: %s", facts->reloads[i].said);
        page_put_row(page, i == 0 ? "Reloads" : "", PAINT_PLAIN);
    }
}

static void put_marks(struct page *page)
{
    const struct run_facts *facts = page->facts;

    for (size_t i = 0; i < facts->mark_count && i < MARKS_SHOWN; i++) {
        quantity_format_duration(&page->line,
                                 facts->marks[i].at_ns - facts->view->started_ns);
        buf_printf(&page->line, " after the start: %s", facts->marks[i].text);
        page_put_row(page, i == 0 ? "Marks" : "", PAINT_PLAIN);
    }
    if (facts->mark_count > MARKS_SHOWN) {
        buf_printf(&page->line, "… and %zu more, in summary.json",
                   facts->mark_count - MARKS_SHOWN);
        page_put_row(page, "", PAINT_FAINT);
    }
}

static void put_people(struct page *page)
{
    struct client_view client;
    struct buf *line = &page->line;

    recorder_client(page->facts->view->recorder, page->facts->view->now_ns, &client);
    if (client.questions > 0) {
        page_say_count(line, client.questions, "question, ", "questions, ");
        page_say_share(line, client.unique_questions);
        buf_append_str(line, " of them unlike all others");
        page_put_row(page, "Questions", PAINT_PLAIN);
    }
    if (summary_say_gaps(page->facts, line))
        page_put_row(page, "Scenario", PAINT_BAD);
    if (summary_say_lengths(page->facts, line))
        page_put_row(page, "Lengths", PAINT_PLAIN);
    if (client.pauses > 0) {
        quantity_format_duration(line, client.achieved_pause_ns / client.pauses);
        buf_append_str(line, " on average, ");
        quantity_format_duration(line, client.drawn_pause_ns / client.pauses);
        buf_append_str(line, " drawn");
        page_put_row(page, "Think time", PAINT_PLAIN);
    }
    if (summary_say_turns(page->facts, line))
        page_put_row(page, "Turns", PAINT_PLAIN);
}

/* How the answers came; only what there is to say. */
static void put_answers(struct page *page)
{
    if (summary_say_stream(page->facts, &page->line))
        page_put_row(page, "Streams", PAINT_BAD);
    if (summary_say_integrity(page->facts, &page->line))
        page_put_row(page, "Integrity", PAINT_BAD);
    if (summary_say_network(page->facts, &page->line))
        page_put_row(page, "Network", PAINT_PLAIN);
}

/* What the whole-run figures hide: how it went when many came at once. */
static void put_spikes(struct page *page)
{
    for (size_t i = 0; i < spike_count(page->facts->view->recorder); i++) {
        if (summary_say_spike(page->facts, i, &page->line))
            page_put_row(page, "Spike", PAINT_PLAIN);
    }
}

static void put_results(struct page *page, const char *path)
{
    buf_append_char(page->out, '\n');
    if (page->facts->insecure) {
        buf_append_str(&page->line, "certificates were not verified");
        page_put_row(page, "TLS", PAINT_BAD);
    }
    page_put_label(page, "Results");
    terminal_put_safe(page->out, path, SIZE_MAX);
    buf_append_char(page->out, '\n');
}

int terminal_summary(const struct run_facts *facts, const json_t *summary,
                     struct terminal_style style, const char *results_path,
                     struct buf *out)
{
    struct page page;

    page_init(&page, facts, style, out);

    if (page.style.columns > MAX_COLUMNS)
        page.style.columns = MAX_COLUMNS;
    put_verdict(&page);
    terminal_capacity(&page);
    put_honesty(&page);
    put_thresholds(&page);
    put_load(&page);
    put_arrivals(&page);
    put_errors(&page);
    put_replay(&page);
    put_goodput(&page);
    put_answers(&page);
    put_tokens(&page);
    put_efficiency(&page);
    if (summary_say_cost(facts, &page.line))
        page_put_row(&page, "Cost", PAINT_PLAIN);
    if (summary_say_platform(facts, &page.line))
        page_put_row(&page, "Platform",
                     facts->tenancy->was_cleaned && tenancy_left(facts->tenancy) > 0
                         ? PAINT_BAD
                         : PAINT_PLAIN);
    put_isolation(&page);
    put_reloads(&page);
    put_marks(&page);
    put_manners(&page);
    put_people(&page);
    put_spikes(&page);
    terminal_anomalies(&page);
    terminal_ab(&page);
    terminal_backend(&page);
    terminal_script(&page);
    terminal_capacity_levels(&page);
    summary_latencies(facts, page.style, out);
    if (!facts->capacity) /* whose levels are its phases */
        summary_phases(facts, page.style, out);
    summary_dimensions(facts, page.style, out);
    summary_users(facts, page.style, out);
    terminal_advice(&page, summary);
    put_results(&page, results_path);
    page_deinit(&page);
    return buf_error(out);
}
