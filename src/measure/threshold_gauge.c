/* Rates, counts and levels: one table of what thresholds can be set on beside latencies. */
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "measure/isolation.h"
#include "measure/metric.h"
#include "measure/threshold_reading.h"

struct gauge {
    struct threshold_metric metric;
    /* The value; false where nothing was counted that it could be of. */
    bool (*read)(const struct reading *reading, double *ret_value);
    /* How many observations it is of; NULL: as many as requests ended. */
    uint64_t (*samples)(const struct counters *counters);
    const char *
        lack; /* why there is none where requests ended; NULL: that goes without saying */
};

uint64_t threshold_requests(const struct counters *counters)
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
    return share(reading->counters->failed, threshold_requests(reading->counters),
                 ret_value);
}

static bool read_success_rate(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->ok + reading->counters->degraded,
                 threshold_requests(reading->counters), ret_value);
}

/* Of the requests that the server can be blamed for. */
static bool read_availability(const struct reading *reading, double *ret_value)
{
    const struct counters *counters = reading->counters;
    const uint64_t ours = counters->outcomes[OUTCOME_LOCAL_RESOURCE];
    uint64_t unavailable = 0;

    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        unavailable += outcome_is_outage(outcome) ? counters->outcomes[outcome] : 0;
    return share(threshold_requests(counters) - ours - unavailable,
                 threshold_requests(counters) - ours, ret_value);
}

static bool read_requests(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)threshold_requests(reading->counters);
    return true;
}

static bool read_requests_per_second(const struct reading *reading, double *ret_value)
{
    *ret_value = reading->seconds > 0
                     ? (double)threshold_requests(reading->counters) / reading->seconds
                     : 0;
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

static bool read_isolation(const struct reading *reading, double *ret_value)
{
    struct isolation isolation;

    isolation_of(reading->recorder, &isolation);
    *ret_value = isolation.share;
    return isolation.throttled > 0;
}

static bool read_trust(const struct reading *reading, double *ret_value)
{
    *ret_value =
        reading->trust ? THRESHOLD_BEST_GRADE - (double)(int)reading->trust->grade : 0;
    return reading->trust != NULL;
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

static bool read_dropped(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->dropped_iterations;
    return true;
}

static uint64_t count_arrivals(const struct counters *counters)
{
    return counters->arrivals;
}

/* An iteration need not have a request, and 0 of them is a value where there were requests. */
static uint64_t count_iterations(const struct counters *counters)
{
    const uint64_t requests = threshold_requests(counters);

    return counters->iterations > requests ? counters->iterations : requests;
}

static uint64_t count_checks(const struct counters *counters)
{
    return counters->checks_passed + counters->checks_failed;
}

static bool read_checks(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->checks_passed, count_checks(reading->counters),
                 ret_value);
}

static bool read_users_peak(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)recorder_users_peak(reading->recorder);
    return true;
}

/* A run begins without any. */
static bool read_users(const struct reading *reading, double *ret_value)
{
    if (reading->aggregate == THRESHOLD_MAX)
        return read_users_peak(reading, ret_value);
    *ret_value = reading->aggregate == THRESHOLD_MIN
                     ? 0
                     : (double)recorder_user_counts(reading->recorder).active;
    return true;
}

static bool read_retries(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->retries;
    return true;
}

static uint64_t count_left_alone(const struct counters *counters)
{
    return threshold_requests(counters) + counters->abandoned;
}

static bool read_abandonment(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->abandoned, count_left_alone(reading->counters),
                 ret_value);
}

static uint64_t count_operations(const struct counters *counters)
{
    return counters->operations;
}

static bool read_operations(const struct reading *reading, double *ret_value)
{
    *ret_value = (double)reading->counters->operations;
    return true;
}

static bool read_operation_failed(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->operations_failed, reading->counters->operations,
                 ret_value);
}

static uint64_t count_slo_operations(const struct counters *counters)
{
    return counters->slo_operations;
}

static bool read_goodput(const struct reading *reading, double *ret_value)
{
    *ret_value =
        reading->seconds > 0 ? (double)reading->counters->slo_met / reading->seconds : 0;
    return reading->seconds > 0;
}

static bool read_slo_met(const struct reading *reading, double *ret_value)
{
    return share(reading->counters->slo_met, reading->counters->slo_operations,
                 ret_value);
}

static const struct gauge gauges[] = {
    {{.name = "error_rate", .kind = THRESHOLD_OF_SHARE}, .read = read_error_rate},
    {{.name = "http_req_failed", .kind = THRESHOLD_OF_SHARE}, .read = read_error_rate},
    {{.name = "success_rate", .kind = THRESHOLD_OF_SHARE, .yields = true},
     .read = read_success_rate},
    {{.name = "availability", .kind = THRESHOLD_OF_SHARE}, .read = read_availability},
    {{.name = "requests", .kind = THRESHOLD_OF_COUNT}, .read = read_requests},
    {{.name = "http_reqs", .kind = THRESHOLD_OF_COUNT}, .read = read_requests},
    {{.name = "retries", .kind = THRESHOLD_OF_COUNT}, .read = read_retries},
    {{.name = "abandonment_rate", .kind = THRESHOLD_OF_SHARE},
     .read = read_abandonment,
     .samples = count_left_alone},
    {{.name = "operations", .kind = THRESHOLD_OF_COUNT, .sizeless = true},
     .read = read_operations,
     .samples = count_operations},
    {{.name = "operation_failed", .kind = THRESHOLD_OF_SHARE, .sizeless = true},
     .read = read_operation_failed,
     .samples = count_operations},
    {{.name = "goodput", .kind = THRESHOLD_OF_RATE, .sizeless = true, .of_slos = true},
     .read = read_goodput,
     .samples = count_slo_operations},
    {{.name = "slo_met", .kind = THRESHOLD_OF_SHARE, .sizeless = true, .of_slos = true},
     .read = read_slo_met,
     .samples = count_slo_operations},
    {{.name = "requests_per_second", .kind = THRESHOLD_OF_RATE},
     .read = read_requests_per_second},
    {{.name = "output_tokens_per_second", .kind = THRESHOLD_OF_RATE},
     .read = read_tokens_per_second},
    {{.name = "unsound_answers", .kind = THRESHOLD_OF_COUNT}, .read = read_unsound},
    {{.name = "cost_usd", .kind = THRESHOLD_OF_MONEY}, .read = read_cost},
    {{.name = "data_sent", .kind = THRESHOLD_OF_COUNT}, .read = read_bytes_sent},
    {{.name = "data_received", .kind = THRESHOLD_OF_COUNT}, .read = read_bytes_received},
    {{.name = "iterations", .kind = THRESHOLD_OF_COUNT, .sizeless = true},
     .read = read_iterations,
     .samples = count_iterations},
    {{.name = "dropped_iterations", .kind = THRESHOLD_OF_COUNT, .sizeless = true},
     .read = read_dropped,
     .samples = count_arrivals},
    {{.name = "checks", .kind = THRESHOLD_OF_SHARE, .sizeless = true, .of_checks = true},
     .read = read_checks,
     .samples = count_checks},
    {{.name = "vus", .kind = THRESHOLD_OF_LEVEL, .whole = true}, .read = read_users},
    {{.name = "vus_max", .kind = THRESHOLD_OF_LEVEL, .whole = true},
     .read = read_users_peak},
    {{.name = "question_uniqueness", .kind = THRESHOLD_OF_SHARE, .whole = true},
     .read = read_uniqueness},
    {{.name = "isolation", .kind = THRESHOLD_OF_SHARE, .whole = true, .of_budgets = true},
     .read = read_isolation,
     .lack = "no organization was throttled: no budget was reached"},
    {{.name = "trust", .kind = THRESHOLD_OF_GRADE, .whole = true}, .read = read_trust},
};

bool threshold_metric_at(size_t index, struct threshold_metric *ret_metric)
{
    static const struct threshold_metric rates[] = {
        {.name = "tps", .kind = THRESHOLD_OF_SPEED},
        {.name = "tps_efficiency", .kind = THRESHOLD_OF_SHARE, .of_theory = true}};

    if (index < METRIC_COUNT)
        *ret_metric = (struct threshold_metric){
            .name = metric_info((enum metric)index)->name,
            .kind = THRESHOLD_OF_TIME,
            .whole = index == METRIC_LOOP_LAG || index == METRIC_CLIENT_DELAY ||
                     index == METRIC_ICL_WIDTH,
            .sizeless = index == METRIC_ICL || index == METRIC_ARRIVAL_WAIT ||
                        index == METRIC_OPERATION_DURATION ||
                        index == METRIC_GROUP_DURATION ||
                        index == METRIC_ITERATION_DURATION};
    else if (index - METRIC_COUNT < COUNT_OF(gauges))
        *ret_metric = gauges[index - METRIC_COUNT].metric;
    else if (index - METRIC_COUNT - COUNT_OF(gauges) < COUNT_OF(rates))
        *ret_metric = rates[index - METRIC_COUNT - COUNT_OF(gauges)];
    else
        return threshold_backend_metric_at(
            index - METRIC_COUNT - COUNT_OF(gauges) - COUNT_OF(rates), ret_metric);
    return true;
}

static enum threshold_unit unit_of(enum threshold_kind kind)
{
    switch (kind) {
    case THRESHOLD_OF_TIME:
    case THRESHOLD_OF_TIME_LEVEL:
    case THRESHOLD_OF_TIME_READINGS:
        return THRESHOLD_UNIT_MS;
    case THRESHOLD_OF_SHARE:
    case THRESHOLD_OF_SHARE_READINGS:
        return THRESHOLD_UNIT_FRACTION;
    case THRESHOLD_OF_COUNT:
        return THRESHOLD_UNIT_COUNT;
    case THRESHOLD_OF_NUMBERS:
    case THRESHOLD_OF_READINGS:
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

/* Nothing that ended is no data, also where 0 would be a value. */
struct threshold_judgement threshold_of_gauge(const struct threshold *threshold,
                                              const char *name,
                                              const struct reading *reading)
{
    struct threshold_judgement judgement = {0};

    for (size_t i = 0; i < COUNT_OF(gauges); i++) {
        const struct gauge *gauge = &gauges[i];

        if (strcmp(gauge->metric.name, name) != 0)
            continue;
        judgement.samples = gauge->samples ? gauge->samples(reading->counters)
                                           : threshold_requests(reading->counters);
        judgement.unit = unit_of(gauge->metric.kind);
        judgement.known = judgement.samples > 0 && gauge->read(reading, &judgement.value);
        judgement.lack = judgement.samples > 0 && !judgement.known ? gauge->lack : NULL;
        if (gauge->metric.kind == THRESHOLD_OF_COUNT &&
            threshold->aggregate == THRESHOLD_RATE) {
            judgement.unit = THRESHOLD_UNIT_PER_S;
            judgement.known = judgement.known && reading->seconds > 0;
            judgement.value = judgement.known ? judgement.value / reading->seconds : 0;
        }
    }
    return judgement;
}
