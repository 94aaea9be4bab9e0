#include "measure/threshold.h"

#include <string.h>

#include "base/clock.h"
#include "expr/threshold.h"
#include "measure/metric.h"
#include "measure/threshold_reading.h"
#include "plan/plan.h"

enum trust_grade threshold_grade(const struct threshold_judgement *judgement)
{
    return (enum trust_grade)(THRESHOLD_BEST_GRADE - (int)judgement->value);
}

/* Whether there can be no such metric: requests ended, and none of them was to stream. */
static bool cannot_exist(const struct counters *counters, bool of_streams)
{
    return of_streams && counters->streamed == 0 &&
           threshold_requests(counters) + counters->cancelled + counters->abandoned +
                   counters->sabotaged >
               0;
}

/* What is no latency: a metric of the scenario's own, else a rate or count. */
static struct threshold_judgement read_other(const struct threshold *threshold,
                                             const char *name,
                                             const struct series_view *series,
                                             const struct reading *reading)
{
    const struct plan *plan = recorder_options(reading->recorder)->plan;
    enum backend_metric metric;

    for (size_t i = 0; i < plan->metric_count; i++)
        if (strcmp(plan->metrics[i].name, name) == 0)
            return threshold_of_custom(threshold, &plan->metrics[i],
                                       series->customs ? &series->customs[i] : NULL,
                                       reading);
    if (backend_metric_find(name, &metric) == 0)
        return threshold_of_backends(threshold, metric, reading);
    return threshold_of_gauge(threshold, name, reading);
}

struct threshold_judgement threshold_read(const struct threshold *threshold,
                                          const char *name,
                                          const struct series_view *series,
                                          const struct reading *reading)
{
    enum metric metric = METRIC_COUNT;

    if (strcmp(name, "tps") == 0) {
        const struct histogram *tpot = series->histograms[METRIC_TPOT];

        if (cannot_exist(series->counters, true))
            return (struct threshold_judgement){.ignored = true,
                                                .unit = THRESHOLD_UNIT_PER_S};
        return tpot ? threshold_of_tps(threshold, tpot) : (struct threshold_judgement){0};
    }
    if (strcmp(name, "tps_efficiency") == 0) {
        if (cannot_exist(series->counters, true))
            return (struct threshold_judgement){.ignored = true,
                                                .unit = THRESHOLD_UNIT_FRACTION};
        return threshold_of_efficiency(series->histograms[METRIC_TPOT], reading);
    }
    if (metric_find(name, &metric) < 0)
        return read_other(threshold, name, series, reading);
    if (cannot_exist(series->counters, metric_info(metric)->streamed))
        return (struct threshold_judgement){.ignored = true, .unit = THRESHOLD_UNIT_MS};
    const struct histogram *histogram = series->histograms[metric];

    return histogram ? threshold_of_histogram(threshold, histogram)
                     : (struct threshold_judgement){0};
}

/* Seconds of the measured window, from since_ns on, in which there was load. */
static double window_seconds(const struct recorder *recorder, uint64_t since_ns,
                             uint64_t load_end_ns)
{
    const struct recorder_options *options = recorder_options(recorder);
    const uint64_t start_ns =
        since_ns > options->window_start_ns ? since_ns : options->window_start_ns;
    const uint64_t end_ns =
        load_end_ns < options->window_end_ns ? load_end_ns : options->window_end_ns;

    return end_ns > start_ns ? (double)(end_ns - start_ns) / (double)NS_PER_S : 0;
}

bool threshold_series(const struct plan_threshold *threshold,
                      const struct recorder *recorder, struct series_view *ret_series)
{
    if (*threshold->selector)
        return recorder_selected(recorder, threshold->selector, ret_series);
    *ret_series = recorder_total(recorder, RECORDER_WINDOW);
    return true;
}

static const char *const baseline_lacks[] = {
    [PLAN_BASELINE_MISSING] = "no baseline was given: add --baseline RUN",
    [PLAN_BASELINE_WAIVED] = "there is no baseline yet",
    [PLAN_BASELINE_UNKNOWN] = "the baseline does not have this value",
    [PLAN_BASELINE_KNOWN] = NULL,
};

/* Takes the other run's value into account. */
static void compare(const struct plan_threshold *threshold, struct threshold *expression,
                    struct threshold_judgement *judgement)
{
    const struct plan_baseline *baseline = &threshold->baseline;

    if (baseline->state == PLAN_BASELINE_KNOWN) {
        judgement->compared = true;
        judgement->baseline = baseline->value;
        expression->limit = threshold_limit(expression, baseline->value);
        return;
    }
    judgement->ignored = baseline->state == PLAN_BASELINE_WAIVED;
    judgement->known = false;
    judgement->lack = baseline_lacks[baseline->state];
}

static bool passes(const struct threshold *expression,
                   const struct threshold_judgement *judgement)
{
    const bool wants_less = expression->comparison == THRESHOLD_LESS ||
                            expression->comparison == THRESHOLD_LESS_EQUAL ||
                            expression->comparison == THRESHOLD_EQUAL;

    if (!judgement->known || (judgement->above && wants_less))
        return false;
    if (expression->drift && judgement->change.low <= 0 && judgement->change.high >= 0)
        return true; /* chance explains it */
    return threshold_holds(expression, judgement->value);
}

struct threshold_judgement threshold_judge(const struct plan_threshold *threshold,
                                           const struct recorder *recorder,
                                           uint64_t load_end_ns,
                                           const struct trust *trust)
{
    struct threshold_judgement judgement = {0};
    const uint64_t since_ns = recorder_selected_since_ns(recorder, threshold->selector);
    struct reading reading = {.recorder = recorder,
                              .seconds = window_seconds(recorder, since_ns, load_end_ns),
                              .load_end_ns = load_end_ns,
                              .trust = trust};
    struct threshold expression;
    struct series_view series;
    const char *hint;

    if (threshold_parse(threshold->expression, &expression, &hint) < 0 ||
        !threshold_series(threshold, recorder, &series))
        return judgement;
    reading.counters = series.counters;
    reading.aggregate = expression.aggregate;
    reading.selector = threshold->selector;
    if (expression.drift)
        judgement = threshold_of_drift(&expression, threshold, &reading);
    else
        judgement = threshold_read(&expression, threshold->metric, &series, &reading);
    judgement.since_ns = since_ns;
    judgement.few = judgement.known && judgement.samples < threshold->min_samples;
    judgement.known = judgement.known && !judgement.few;
    if (expression.written == THRESHOLD_BASELINE)
        compare(threshold, &expression, &judgement);
    judgement.passed = judgement.ignored || passes(&expression, &judgement);
    return judgement;
}
