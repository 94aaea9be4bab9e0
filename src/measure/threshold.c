#include "measure/threshold.h"

#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "expr/threshold.h"
#include "measure/metric.h"
#include "measure/recorder.h"
#include "plan/plan.h"

/* What a rate or count is read from. */
struct reading {
    const struct counters *counters;
    const struct recorder *recorder;
    double seconds; /* of the window so far */
    uint64_t load_end_ns;
};

struct gauge {
    const char *name;
    enum threshold_unit unit; /* of `value` and `rate` */
    /* The value; false where nothing was counted that it could be of. */
    bool (*read)(const struct reading *reading, double *ret_value);
};

static uint64_t over(const struct counters *counters)
{
    return counters->ok + counters->degraded + counters->failed;
}

static bool share(uint64_t part, uint64_t whole, double *ret_value)
{
    *ret_value = whole ? (double)part / (double)whole : 0;
    return whole > 0;
}

static bool read_error_rate(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->failed, over(reading->counters), ret_value);
}

static bool read_success_rate(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->ok + reading->counters->degraded,
                 over(reading->counters), ret_value);
}

static bool read_requests(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)over(reading->counters);
    return true;
}

static bool read_requests_per_second(const struct reading *reading, double *ret_value)
{
    *ret_value =
        reading->seconds > 0 ? (double)over(reading->counters) / reading->seconds : 0;
    return reading->seconds > 0;
}

static bool read_tokens_per_second(const struct reading *reading, double *ret_value)
{
    *ret_value = reading->seconds > 0
                     ? (double)reading->counters->completion_tokens / reading->seconds
                     : 0;
    return reading->seconds > 0;
}

static bool read_cost(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->cost_pusd / (double)PUSD_PER_USD;
    return true;
}

static bool read_uniqueness(const struct reading *reading, double *ret_value)
{
    struct client_view client;

    recorder_client(reading->recorder, reading->load_end_ns, &client);
    *ret_value = client.unique_questions;
    return client.questions > 0;
}

static const struct gauge gauges[] = {
    {"error_rate", THRESHOLD_UNIT_FRACTION, read_error_rate},
    {"http_req_failed", THRESHOLD_UNIT_FRACTION, read_error_rate},
    {"success_rate", THRESHOLD_UNIT_FRACTION, read_success_rate},
    {"requests", THRESHOLD_UNIT_COUNT, read_requests},
    {"http_reqs", THRESHOLD_UNIT_COUNT, read_requests},
    {"requests_per_second", THRESHOLD_UNIT_PER_S, read_requests_per_second},
    {"output_tokens_per_second", THRESHOLD_UNIT_PER_S, read_tokens_per_second},
    {"cost_usd", THRESHOLD_UNIT_USD, read_cost},
    {"question_uniqueness", THRESHOLD_UNIT_FRACTION, read_uniqueness},
};

#define GAUGE_COUNT (sizeof(gauges) / sizeof(gauges[0]))

const char *threshold_metric_at(size_t index)
{
    if (index < METRIC_COUNT)
        return metric_info((enum metric)index)->name;
    index -= METRIC_COUNT;
    return index < GAUGE_COUNT ? gauges[index].name : index == GAUGE_COUNT ? "tps" : NULL;
}

/* So small a quantile is the first of any number of observations. */
#define LEAST 1e-18

/*
 * An aggregate of a histogram, in ms. Where it depends on what attempts that ended early would have
 * been, it is the least it can be, and `above`.
 */
static struct threshold_judgement aggregate(const struct threshold *threshold,
                                            const struct histogram *histogram)
{
    struct threshold_judgement judgement = {.known = true, .unit = THRESHOLD_UNIT_MS};
    struct histogram_quantile quantile = {.known = true};
    double ns = 0;

    switch (threshold->aggregate) {
    case THRESHOLD_AVG:
    case THRESHOLD_VALUE:
        ns = histogram_mean_least_ns(histogram);
        judgement.above = histogram_censored(histogram) > 0;
        break;
    case THRESHOLD_MIN:
        if (histogram_count(histogram) > 0)
            ns = (double)histogram_min_ns(histogram);
        else
            quantile = histogram_quantile(histogram, LEAST);
        break;
    case THRESHOLD_MAX:
        quantile = histogram_greatest(histogram);
        break;
    case THRESHOLD_MED:
        quantile = histogram_quantile(histogram, 0.5);
        break;
    case THRESHOLD_PERCENTILE:
        quantile = histogram_quantile(histogram, threshold->percentile / 100.0);
        break;
    case THRESHOLD_COUNT:
        judgement.unit = THRESHOLD_UNIT_COUNT;
        judgement.value = (double)histogram_count(histogram);
        return judgement;
    case THRESHOLD_RATE:
        judgement.known = false;
        return judgement;
    }
    if (quantile.value_ns > 0 || quantile.above) {
        ns = (double)quantile.value_ns;
        judgement.above = quantile.above;
    }
    judgement.known = histogram_count(histogram) + histogram_censored(histogram) > 0;
    judgement.value = ns / (double)NS_PER_MS;
    return judgement;
}

/* Tokens per second of one stream is 1 / tpot: its slow end is tpot's high end. */
static struct threshold_judgement aggregate_tps(const struct threshold *threshold,
                                                const struct histogram *tpot)
{
    struct threshold mirrored = *threshold;

    if (threshold->aggregate == THRESHOLD_PERCENTILE)
        mirrored.percentile = 100 - threshold->percentile;
    else if (threshold->aggregate == THRESHOLD_MIN)
        mirrored.aggregate = THRESHOLD_MAX;
    else if (threshold->aggregate == THRESHOLD_MAX)
        mirrored.aggregate = THRESHOLD_MIN;
    struct threshold_judgement judgement = aggregate(&mirrored, tpot);
    const bool mean =
        threshold->aggregate == THRESHOLD_AVG || threshold->aggregate == THRESHOLD_VALUE;

    if (judgement.unit == THRESHOLD_UNIT_MS && judgement.known) {
        judgement.unit = THRESHOLD_UNIT_PER_S;
        judgement.known = judgement.value > 0;
        if (mean)
            judgement.value = histogram_rate(tpot).mean_per_s;
        else
            judgement.value = judgement.value > 0 ? 1000.0 / judgement.value : 0;
    }
    return judgement;
}

static struct threshold_judgement read_gauge(const struct threshold *threshold,
                                             const char *name,
                                             const struct reading *reading)
{
    struct threshold_judgement judgement = {0};

    for (size_t i = 0; i < GAUGE_COUNT; i++) {
        const struct gauge *gauge = &gauges[i];

        if (strcmp(gauge->name, name) != 0)
            continue;
        judgement.unit = gauge->unit;
        judgement.known = gauge->read(reading, &judgement.value);
        if (gauge->unit == THRESHOLD_UNIT_COUNT &&
            threshold->aggregate == THRESHOLD_RATE) {
            judgement.unit = THRESHOLD_UNIT_PER_S;
            judgement.known = reading->seconds > 0;
            judgement.value = judgement.known ? judgement.value / reading->seconds : 0;
        }
    }
    return judgement;
}

/* Whether there can be no such metric: requests ended, and none of them was to stream. */
static bool cannot_exist(const struct counters *counters, bool of_streams)
{
    return of_streams && counters->streamed == 0 &&
           over(counters) + counters->cancelled > 0;
}

static struct threshold_judgement read_value(const struct threshold *threshold,
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
        return tpot ? aggregate_tps(threshold, tpot) : (struct threshold_judgement){0};
    }
    if (metric_find(name, &metric) < 0)
        return read_gauge(threshold, name, reading);
    if (cannot_exist(series->counters, metric_info(metric)->streamed))
        return (struct threshold_judgement){.ignored = true, .unit = THRESHOLD_UNIT_MS};
    const struct histogram *histogram = series->histograms[metric];

    return histogram ? aggregate(threshold, histogram) : (struct threshold_judgement){0};
}

/* Seconds of the measured window in which there was load. */
static double window_seconds(const struct recorder *recorder, uint64_t load_end_ns)
{
    const struct recorder_options *options = recorder_options(recorder);
    const uint64_t end_ns =
        load_end_ns < options->window_end_ns ? load_end_ns : options->window_end_ns;

    return end_ns > options->window_start_ns
               ? (double)(end_ns - options->window_start_ns) / (double)NS_PER_S
               : 0;
}

/*
 * A search for the series that a selector names: one value of one dimension. It is judged where it
 * is found, since a series is borrowed only while one walks over it.
 */
struct search {
    const char *key; /* not NUL-terminated */
    size_t key_len;
    const char *value;
    const struct threshold *expression;
    const char *metric;
    struct reading reading;
    struct threshold_judgement judgement;
};

static void judge_if_named(void *ctx, const struct series_view *series)
{
    struct search *search = ctx;

    if (strlen(series->key) != search->key_len ||
        memcmp(series->key, search->key, search->key_len) != 0 ||
        strcmp(series->value, search->value) != 0)
        return;
    search->reading.counters = series->counters;
    search->judgement =
        read_value(search->expression, search->metric, series, &search->reading);
}

const char *threshold_selected(const char *selector, size_t *ret_key_len)
{
    *ret_key_len = strcspn(selector, ":=");
    return selector[*ret_key_len] ? selector + *ret_key_len + 1 : "";
}

struct threshold_judgement threshold_judge(const struct plan_threshold *threshold,
                                           const struct recorder *recorder,
                                           uint64_t load_end_ns)
{
    struct threshold expression;
    struct search search = {
        .key = threshold->selector,
        .expression = &expression,
        .metric = threshold->metric,
        .reading = {.recorder = recorder,
                    .seconds = window_seconds(recorder, load_end_ns),
                    .load_end_ns = load_end_ns},
    };

    if (threshold_parse(threshold->expression, &expression) < 0)
        return search.judgement;
    if (*threshold->selector) {
        search.value = threshold_selected(threshold->selector, &search.key_len);
        recorder_each(recorder, RECORDER_WINDOW, judge_if_named, &search);
    } else {
        const struct series_view total = recorder_total(recorder, RECORDER_WINDOW);

        search.reading.counters = total.counters;
        search.judgement =
            read_value(&expression, threshold->metric, &total, &search.reading);
    }
    struct threshold_judgement judgement = search.judgement;
    const bool wants_less = expression.comparison == THRESHOLD_LESS ||
                            expression.comparison == THRESHOLD_LESS_EQUAL ||
                            expression.comparison == THRESHOLD_EQUAL;

    judgement.passed =
        judgement.ignored || (judgement.known && !(judgement.above && wants_less) &&
                              threshold_holds(&expression, judgement.value));
    return judgement;
}
