#include "output/family_result.h"

#include <math.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/trust.h"
#include "output/family.h"
#include "output/metric_text.h"
#include "plan/plan.h"
#include "result/facts.h"

#define PUSD_PER_USD 1e12

/* One that has no labels; NAN: not known, and left out. */
typedef double result_value_fn(const struct run_facts *facts);

struct result_family {
    const char *name;
    const char *help;
    const char *labels; /* as the table shows them */
    result_value_fn *value;
    void (*write)(const struct run_facts *facts, const struct metric_text *text);
};

static struct counters counters_of(const struct run_facts *facts)
{
    return recorder_counters(facts->view->recorder, RECORDER_WINDOW);
}

static double per_second(const struct run_facts *facts, uint64_t count)
{
    const double seconds = run_span_s(run_facts_window(facts));

    return seconds > 0 ? (double)count / seconds : (double)NAN;
}

static double passed(const struct run_facts *facts)
{
    return verdicts_exit_code(facts->verdicts) == EXIT_PASSED;
}

static double exit_code(const struct run_facts *facts)
{
    return (double)verdicts_exit_code(facts->verdicts);
}

static double end_time(const struct run_facts *facts)
{
    return (double)facts->ended_wall_ns / (double)NS_PER_S;
}

static double duration(const struct run_facts *facts)
{
    return run_span_s((struct run_span){facts->view->started_ns, facts->view->now_ns});
}

static double request_rate(const struct run_facts *facts)
{
    return per_second(facts, counters_of(facts).started);
}

static double token_rate(const struct run_facts *facts)
{
    return per_second(facts, counters_of(facts).completion_tokens);
}

static double error_ratio(const struct run_facts *facts)
{
    const struct counters counters = counters_of(facts);

    return failure_rate(&counters);
}

static double slo_ratio(const struct run_facts *facts)
{
    const struct counters counters = counters_of(facts);

    return counters.slo_operations > 0
               ? (double)counters.slo_met / (double)counters.slo_operations
               : (double)NAN;
}

static double cost(const struct run_facts *facts)
{
    return (double)recorder_counters(facts->view->recorder, RECORDER_ALL).cost_pusd /
           PUSD_PER_USD;
}

static double trust(const struct run_facts *facts)
{
    return facts->trust ? (double)(TRUST_F - facts->trust->grade) : (double)NAN;
}

static void write_info(const struct run_facts *facts, const struct metric_text *text)
{
    const struct metric_label labels[] = {{"test_run", facts->run_id},
                                          {"version", facts->version},
                                          {"fingerprint", facts->fingerprint}};

    metric_text_whole(text, "", labels, COUNT_OF(labels), 1);
}

static void write_latencies(const struct run_facts *facts, const struct metric_text *text)
{
    static const enum metric metrics[] = {METRIC_TTFT, METRIC_TPOT, METRIC_E2E};
    static const struct {
        double quantile;
        const char *name;
    } aggregates[] = {{0.5, "p50"}, {0.95, "p95"}, {0.99, "p99"}};
    const struct series_view total =
        recorder_total(facts->view->recorder, RECORDER_WINDOW);

    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        for (size_t j = 0; total.histograms[metrics[i]] && j < COUNT_OF(aggregates);
             j++) {
            const struct histogram_quantile value =
                histogram_quantile(total.histograms[metrics[i]], aggregates[j].quantile);
            const struct metric_label labels[] = {
                {"metric", metric_info(metrics[i])->name},
                {"aggregate", aggregates[j].name}};

            if (value.known)
                metric_text_sample(text, "", labels, COUNT_OF(labels),
                                   value.above
                                       ? (double)INFINITY
                                       : (double)value.value_ns / (double)NS_PER_S);
        }
    }
}

static void write_baseline(const struct run_facts *facts, const struct metric_text *text)
{
    const struct plan *plan = facts->view->plan;

    for (size_t i = 0; i < plan->baseline_latency_count; i++) {
        const struct plan_baseline_latency *latency = &plan->baseline_latencies[i];
        const struct metric_label labels[] = {{"metric", latency->metric},
                                              {"aggregate", latency->aggregate}};

        metric_text_sample(text, "", labels, COUNT_OF(labels), latency->value_s);
    }
}

static const struct result_family families[] = {
    {"throng_result_info", "Which run it was: always 1", "test_run version fingerprint",
     NULL, write_info},
    {"throng_result_passed", "1 if nothing speaks against the run (exit code 0), else 0",
     "", passed, NULL},
    {"throng_result_exit_code", "The run's exit code", "", exit_code, NULL},
    {"throng_result_end_time_seconds", "When the run ended, in seconds since 1970", "",
     end_time, NULL},
    {"throng_result_duration_seconds", "How long the run took", "", duration, NULL},
    {"throng_result_latency_seconds",
     "ttft, tpot and e2e of the measured window: p50, p95 and p99 of all workers' "
     "requests; +Inf where that many had no answer",
     "metric aggregate", NULL, write_latencies},
    {"throng_result_baseline_latency_seconds",
     "The same of the baseline: that of --baseline, or the one named default",
     "metric aggregate", NULL, write_baseline},
    {"throng_result_requests_per_second", "Requests a second of the measured window", "",
     request_rate, NULL},
    {"throng_result_error_ratio", "Share of requests that failed, of those that ended",
     "", error_ratio, NULL},
    {"throng_result_output_tokens_per_second",
     "Completion tokens a second of the measured window", "", token_rate, NULL},
    {"throng_result_slo_met_ratio",
     "Share of operations that met all of their SLOs, of those that had any", "",
     slo_ratio, NULL},
    {"throng_result_cost_usd", "What the whole run cost, in US dollars", "", cost, NULL},
    {"throng_result_trust_grade",
     "How far the figures can be trusted: 4 is A, 3 B, 2 C, 1 D, 0 F", "", trust, NULL},
};

int family_result_write(const struct run_facts *facts, struct buf *out)
{
    struct metric_text text = {.out = out};

    for (size_t i = 0; i < COUNT_OF(families); i++) {
        const struct result_family *family = &families[i];

        metric_text_begin(&text, family->name, "gauge", family->help);
        if (family->write)
            family->write(facts, &text);
        else if (!isnan(family->value(facts)))
            metric_text_sample(&text, "", NULL, 0, family->value(facts));
    }
    return buf_error(out);
}

void family_result_reference(struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        family_reference_row(out, families[i].name, "gauge", families[i].labels,
                             families[i].help);
}
