#include "result/summary_series.h"

#include <math.h>

#include "base/cleanup.h"
#include "measure/metric.h"
#include "measure/slo.h"
#include "result/facts.h"
#include "result/summary_metric.h"

#define SHARE_DECIMALS 6
#define PER_SECOND_DECIMALS 3

static const enum metric main_metrics[] = {
    METRIC_TTFB,
    METRIC_TTFT,
    METRIC_TTFO,
    METRIC_ICL,
    METRIC_TPOT,
    METRIC_E2E,
    METRIC_TTFT_FROM_DUE,
    METRIC_E2E_FROM_DUE,
    METRIC_HTTP_REQ_DURATION,
    METRIC_OPERATION_DURATION,
    METRIC_GROUP_DURATION,
    METRIC_ITERATION_DURATION,
};

/* What met its SLOs; null where nothing had any. */
static void put_slo(struct json_tree *tree, json_t *object,
                    const struct counters *counters)
{
    json_t *slo = NULL;
    json_t *metrics = NULL;

    if (counters->slo_operations == 0) {
        json_tree_put_null(tree, object, "slo");
        return;
    }
    slo = json_tree_put_object(tree, object, "slo");
    json_tree_put_count(tree, slo, "operations", counters->slo_operations);
    json_tree_put_count(tree, slo, "met", counters->slo_met);
    json_tree_put_number(tree, slo, "share",
                         (double)counters->slo_met / (double)counters->slo_operations,
                         SHARE_DECIMALS);
    json_tree_put_count(tree, slo, "failed", counters->slo_failed);
    metrics = json_tree_put_object(tree, slo, "metrics");
    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        json_t *of_metric = NULL;

        if (counters->slo_observed[metric] == 0)
            continue;
        of_metric =
            json_tree_put_object(tree, metrics, metric_info(slo_metric(metric))->name);
        json_tree_put_count(tree, of_metric, "observed", counters->slo_observed[metric]);
        json_tree_put_count(tree, of_metric, "missed", counters->slo_missed[metric]);
    }
}

void summary_put_counters(struct json_tree *tree, json_t *object,
                          const struct counters *counters)
{
    json_tree_put_count(tree, object, "requests", counters->started);
    json_tree_put_count(tree, object, "failed", counters->failed);
    json_tree_put_count(tree, object, "degraded", counters->degraded);
    json_tree_put_count(tree, object, "cancelled", counters->cancelled);
    json_tree_put_count(tree, object, "abandoned", counters->abandoned);
    json_tree_put_count(tree, object, "sabotaged", counters->sabotaged);
    json_tree_put_number(tree, object, "error_rate", failure_rate(counters),
                         SHARE_DECIMALS);
    json_tree_put_count(tree, object, "retries", counters->retries);
    json_tree_put_count(tree, object, "slow_reads", counters->slow_reads);
    json_tree_put_count(tree, object, "delayed", counters->delayed);
    json_tree_put_count(tree, object, "resent", counters->resent);
    json_tree_put_count(tree, object, "operations", counters->operations);
    json_tree_put_count(tree, object, "operations_failed", counters->operations_failed);
    put_slo(tree, object, counters);
    json_tree_put_count(tree, object, "iterations", counters->iterations);
    json_tree_put_count(tree, object, "arrivals", counters->arrivals);
    json_tree_put_count(tree, object, "arrivals_taken", counters->arrivals_taken);
    json_tree_put_count(tree, object, "dropped_iterations", counters->dropped_iterations);
    json_tree_put_count(tree, object, "checks_passed", counters->checks_passed);
    json_tree_put_count(tree, object, "checks_failed", counters->checks_failed);
    json_tree_put_count(tree, object, "prompt_tokens", counters->prompt_tokens);
    json_tree_put_count(tree, object, "cached_tokens", counters->cached_tokens);
    json_tree_put_count(tree, object, "completion_tokens", counters->completion_tokens);
    json_tree_put_count(tree, object, "reasoning_tokens", counters->reasoning_tokens);
    json_tree_put_count(tree, object, "estimated_tokens", counters->estimated_tokens);
    json_tree_put_money(tree, object, "cost", counters->cost_pusd);
    json_tree_put_count(tree, object, "bytes_sent", counters->bytes_sent);
    json_tree_put_count(tree, object, "bytes_received", counters->bytes_received);
}

void summary_put_rates(struct json_tree *tree, json_t *object,
                       const struct counters *counters, double seconds)
{
    const bool has_goodput = counters->slo_operations > 0 && seconds > 0;

    json_tree_put_number(tree, object, "requests_per_second",
                         seconds > 0 ? (double)counters->started / seconds : (double)NAN,
                         PER_SECOND_DECIMALS);
    json_tree_put_number(tree, object, "output_tokens_per_second",
                         seconds > 0 ? (double)counters->completion_tokens / seconds
                                     : (double)NAN,
                         PER_SECOND_DECIMALS);
    json_tree_put_number(tree, object, "goodput",
                         has_goodput ? (double)counters->slo_met / seconds : (double)NAN,
                         PER_SECOND_DECIMALS);
}

static void put_metric(struct json_tree *tree, json_t *object,
                       const struct series_view *series, enum metric metric)
{
    const struct histogram *histogram = series->histograms[metric];

    if (!histogram || histogram_count(histogram) + histogram_censored(histogram) == 0)
        return;
    json_tree_put(tree, object, metric_info(metric)->name,
                  summary_latency(tree, histogram, "ms"));
    if (metric == METRIC_TPOT && histogram_count(histogram) > 0)
        json_tree_put(tree, object, "tps", summary_rate(tree, histogram, "tokens/s"));
}

void summary_put_metrics(struct json_tree *tree, json_t *object,
                         const struct series_view *series, enum summary_detail detail)
{
    json_t *metrics = json_tree_put_object(tree, object, "metrics");

    if (detail == SUMMARY_FULL)
        for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
            put_metric(tree, metrics, series, metric);
    else
        for (size_t i = 0; i < COUNT_OF(main_metrics); i++)
            put_metric(tree, metrics, series, main_metrics[i]);
}

static void put_k6_counter(struct json_tree *tree, json_t *metrics, const char *name,
                           const char *unit, uint64_t count, double seconds)
{
    json_t *object = json_tree_put_object(tree, metrics, name);

    json_tree_put_text(tree, object, "unit", unit);
    json_tree_put_count(tree, object, "count", count);
    json_tree_put_number(tree, object, "rate",
                         seconds > 0 ? (double)count / seconds : (double)NAN,
                         PER_SECOND_DECIMALS);
}

static void put_checks(struct json_tree *tree, json_t *metrics,
                       const struct counters *counters)
{
    const uint64_t count = counters->checks_passed + counters->checks_failed;
    json_t *checks = NULL;

    if (count == 0)
        return;
    checks = json_tree_put_object(tree, metrics, "checks");
    json_tree_put_text(tree, checks, "unit", "fraction");
    json_tree_put_number(tree, checks, "rate",
                         (double)counters->checks_passed / (double)count, SHARE_DECIMALS);
    json_tree_put_count(tree, checks, "passes", counters->checks_passed);
    json_tree_put_count(tree, checks, "fails", counters->checks_failed);
}

static void put_vus(struct json_tree *tree, json_t *metrics, const char *name,
                    uint64_t value, uint64_t max)
{
    json_t *object = json_tree_put_object(tree, metrics, name);

    json_tree_put_text(tree, object, "unit", "users");
    json_tree_put_count(tree, object, "value", value);
    json_tree_put_count(tree, object, "max", max);
}

void summary_put_k6(struct json_tree *tree, json_t *metrics,
                    const struct recorder *recorder, double seconds)
{
    const struct counters counters = recorder_counters(recorder, RECORDER_WINDOW);
    const uint64_t peak = recorder_users_peak(recorder);
    json_t *failed = NULL;

    put_k6_counter(tree, metrics, "http_reqs", "requests", counters.started, seconds);
    failed = json_tree_put_object(tree, metrics, "http_req_failed");
    json_tree_put_text(tree, failed, "unit", "fraction");
    json_tree_put_count(tree, failed, "count", counters.failed);
    json_tree_put_number(tree, failed, "rate", failure_rate(&counters), SHARE_DECIMALS);
    put_k6_counter(tree, metrics, "data_sent", "bytes", counters.bytes_sent, seconds);
    put_k6_counter(tree, metrics, "data_received", "bytes", counters.bytes_received,
                   seconds);
    put_k6_counter(tree, metrics, "iterations", "iterations", counters.iterations,
                   seconds);
    put_checks(tree, metrics, &counters);
    put_vus(tree, metrics, "vus", recorder_user_counts(recorder).active, peak);
    put_vus(tree, metrics, "vus_max", peak, peak);
}

void summary_put_errors(struct json_tree *tree, json_t *object,
                        const struct counters *counters,
                        const struct failure_example *examples)
{
    struct failure_kind kinds[OUTCOME_COUNT];
    const size_t count = failure_kinds(counters, kinds);
    json_t *errors = json_tree_array(tree);

    for (size_t i = 0; i < count; i++) {
        json_t *error = json_tree_object(tree);

        json_tree_put_text(tree, error, "kind", outcome_name(kinds[i].outcome));
        json_tree_put_count(tree, error, "count", kinds[i].count);
        json_tree_put_text(tree, error, "help", outcome_help(kinds[i].outcome));
        json_tree_put_text(tree, error, "example",
                           examples ? examples[kinds[i].outcome].text : "");
        json_tree_append(tree, errors, error);
    }
    json_tree_put(tree, object, "errors", errors);
}
