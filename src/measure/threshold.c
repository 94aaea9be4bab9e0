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
    const struct trust *trust; /* NULL: not known */
};

struct gauge {
    struct threshold_metric metric;
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

/* Of the requests that the server can be blamed for. */
static bool read_availability(const struct reading *reading, double *ret_value)
{
    const struct counters *counters = reading->counters;
    const uint64_t ours = counters->outcomes[OUTCOME_LOCAL_RESOURCE];
    uint64_t unavailable = 0;

    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        unavailable += outcome_is_outage(outcome) ? counters->outcomes[outcome] : 0;
    return share(over(counters) - ours - unavailable, over(counters) - ours, ret_value);
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

static bool read_unsound(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->unsound;
    return true;
}

static bool read_uniqueness(const struct reading *reading, double *ret_value)
{
    struct client_view client;

    recorder_client(reading->recorder, reading->load_end_ns, &client);
    *ret_value = client.unique_questions;
    return client.questions > 0;
}

static bool read_trust(const struct reading *reading, double *ret_value)
{
    *ret_value =
        reading->trust ? THRESHOLD_BEST_GRADE - (double)(int)reading->trust->grade : 0;
    return reading->trust != NULL;
}

enum trust_grade threshold_grade(const struct threshold_judgement *judgement)
{
    return (enum trust_grade)(THRESHOLD_BEST_GRADE - (int)judgement->value);
}

static bool read_bytes_sent(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->bytes_sent;
    return true;
}

static bool read_bytes_received(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->bytes_received;
    return true;
}

static bool read_iterations(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->iterations;
    return true;
}

static bool read_checks(const struct reading *reading, double *ret_value)
{
    const struct counters *counters = reading->counters;

    return share(counters->checks_passed,
                 counters->checks_passed + counters->checks_failed, ret_value);
}

static bool read_users(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)recorder_user_counts(reading->recorder).active;
    return true;
}

static bool read_users_peak(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)recorder_users_peak(reading->recorder);
    return true;
}

static const struct gauge gauges[] = {
    {{.name = "error_rate", .kind = THRESHOLD_OF_SHARE}, read_error_rate},
    {{.name = "http_req_failed", .kind = THRESHOLD_OF_SHARE}, read_error_rate},
    {{.name = "success_rate", .kind = THRESHOLD_OF_SHARE}, read_success_rate},
    {{.name = "availability", .kind = THRESHOLD_OF_SHARE}, read_availability},
    {{.name = "requests", .kind = THRESHOLD_OF_COUNT}, read_requests},
    {{.name = "http_reqs", .kind = THRESHOLD_OF_COUNT}, read_requests},
    {{.name = "requests_per_second", .kind = THRESHOLD_OF_RATE},
     read_requests_per_second},
    {{.name = "output_tokens_per_second", .kind = THRESHOLD_OF_RATE},
     read_tokens_per_second},
    {{.name = "unsound_answers", .kind = THRESHOLD_OF_COUNT}, read_unsound},
    {{.name = "cost_usd", .kind = THRESHOLD_OF_MONEY}, read_cost},
    {{.name = "data_sent", .kind = THRESHOLD_OF_COUNT}, read_bytes_sent},
    {{.name = "data_received", .kind = THRESHOLD_OF_COUNT}, read_bytes_received},
    {{.name = "iterations", .kind = THRESHOLD_OF_COUNT, .sizeless = true},
     read_iterations},
    {{.name = "checks", .kind = THRESHOLD_OF_SHARE, .sizeless = true, .of_checks = true},
     read_checks},
    {{.name = "vus", .kind = THRESHOLD_OF_LEVEL, .whole = true}, read_users},
    {{.name = "vus_max", .kind = THRESHOLD_OF_LEVEL, .whole = true}, read_users_peak},
    {{.name = "question_uniqueness", .kind = THRESHOLD_OF_SHARE, .whole = true},
     read_uniqueness},
    {{.name = "trust", .kind = THRESHOLD_OF_GRADE, .whole = true}, read_trust},
};

#define GAUGE_COUNT (sizeof(gauges) / sizeof(gauges[0]))

bool threshold_metric_at(size_t index, struct threshold_metric *ret_metric)
{
    static const struct threshold_metric tps = {.name = "tps",
                                                .kind = THRESHOLD_OF_SPEED};

    if (index < METRIC_COUNT)
        *ret_metric = (struct threshold_metric){
            .name = metric_info((enum metric)index)->name,
            .kind = THRESHOLD_OF_TIME,
            .whole = index == METRIC_LOOP_LAG || index == METRIC_CLIENT_DELAY ||
                     index == METRIC_ICL_WIDTH,
            .sizeless = index == METRIC_ICL || index == METRIC_OPERATION_DURATION ||
                        index == METRIC_GROUP_DURATION ||
                        index == METRIC_ITERATION_DURATION};
    else if (index - METRIC_COUNT < GAUGE_COUNT)
        *ret_metric = gauges[index - METRIC_COUNT].metric;
    else if (index - METRIC_COUNT == GAUGE_COUNT)
        *ret_metric = tps;
    else
        return false;
    return true;
}

static enum threshold_unit unit_of(enum threshold_kind kind)
{
    switch (kind) {
    case THRESHOLD_OF_TIME:
    case THRESHOLD_OF_TIME_LEVEL:
        return THRESHOLD_UNIT_MS;
    case THRESHOLD_OF_SHARE:
        return THRESHOLD_UNIT_FRACTION;
    case THRESHOLD_OF_COUNT:
        return THRESHOLD_UNIT_COUNT;
    case THRESHOLD_OF_NUMBERS:
    case THRESHOLD_OF_LEVEL:
        return THRESHOLD_UNIT_NUMBER;
    case THRESHOLD_OF_SPEED:
    case THRESHOLD_OF_RATE:
        return THRESHOLD_UNIT_PER_S;
    case THRESHOLD_OF_MONEY:
        return THRESHOLD_UNIT_USD;
    case THRESHOLD_OF_GRADE:
        break;
    }
    return THRESHOLD_UNIT_GRADE;
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
    struct threshold_judgement judgement = {.known = true,
                                            .unit = THRESHOLD_UNIT_MS,
                                            .samples = histogram_count(histogram) +
                                                       histogram_censored(histogram)};
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
    judgement.known = judgement.samples > 0;
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

/* Nothing that ended is no data, also where 0 would be a value. */
static struct threshold_judgement read_gauge(const struct threshold *threshold,
                                             const char *name,
                                             const struct reading *reading)
{
    struct threshold_judgement judgement = {.samples = over(reading->counters)};

    for (size_t i = 0; i < GAUGE_COUNT; i++) {
        const struct gauge *gauge = &gauges[i];

        if (strcmp(gauge->metric.name, name) != 0)
            continue;
        judgement.unit = unit_of(gauge->metric.kind);
        judgement.known = judgement.samples > 0 && gauge->read(reading, &judgement.value);
        if (gauge->metric.kind == THRESHOLD_OF_COUNT &&
            threshold->aggregate == THRESHOLD_RATE) {
            judgement.unit = THRESHOLD_UNIT_PER_S;
            judgement.known = judgement.known && reading->seconds > 0;
            judgement.value = judgement.known ? judgement.value / reading->seconds : 0;
        }
    }
    return judgement;
}

/* Whether there can be no such metric: requests ended, and none of them was to stream. */
static bool cannot_exist(const struct counters *counters, bool of_streams)
{
    return of_streams && counters->streamed == 0 &&
           over(counters) + counters->cancelled + counters->abandoned +
                   counters->sabotaged >
               0;
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

/* The series that a threshold is about; false where it selects what nobody counts. */
static bool find_series(const struct plan_threshold *threshold,
                        const struct recorder *recorder, struct series_view *ret_series)
{
    if (*threshold->selector)
        return recorder_selected(recorder, threshold->selector, ret_series);
    *ret_series = recorder_total(recorder, RECORDER_WINDOW);
    return true;
}

struct threshold_judgement threshold_judge(const struct plan_threshold *threshold,
                                           const struct recorder *recorder,
                                           uint64_t load_end_ns,
                                           const struct trust *trust)
{
    struct threshold_judgement judgement = {0};
    struct reading reading = {.recorder = recorder,
                              .seconds = window_seconds(recorder, load_end_ns),
                              .load_end_ns = load_end_ns,
                              .trust = trust};
    struct threshold expression;
    struct series_view series;
    const char *hint;

    if (threshold_parse(threshold->expression, &expression, &hint) < 0 ||
        !find_series(threshold, recorder, &series))
        return judgement;
    reading.counters = series.counters;
    judgement = read_value(&expression, threshold->metric, &series, &reading);
    judgement.few = judgement.known && judgement.samples < threshold->min_samples;
    judgement.known = judgement.known && !judgement.few;
    const bool wants_less = expression.comparison == THRESHOLD_LESS ||
                            expression.comparison == THRESHOLD_LESS_EQUAL ||
                            expression.comparison == THRESHOLD_EQUAL;

    judgement.passed =
        judgement.ignored || (judgement.known && !(judgement.above && wants_less) &&
                              threshold_holds(&expression, judgement.value));
    return judgement;
}
