/* Values of the scenario's own metrics. */
#include "measure/threshold_reading.h"
#include "plan/script.h"

/* What never came is 0 once something was asked; a rate over time is per second of the window. */
static struct threshold_judgement of_counter(const struct threshold *threshold,
                                             const struct custom *custom,
                                             const struct reading *reading)
{
    const bool per_s = threshold->aggregate == THRESHOLD_RATE;
    const double sum = custom ? custom_sum(custom) : 0;
    const uint64_t requests = threshold_requests(reading->counters);
    struct threshold_judgement judgement = {
        .samples = requests, .unit = THRESHOLD_UNIT_NUMBER, .value = sum};

    if (custom && custom->count > requests)
        judgement.samples = custom->count;
    judgement.known = judgement.samples > 0;
    if (per_s) {
        judgement.unit = THRESHOLD_UNIT_PER_S;
        judgement.known = judgement.known && reading->seconds > 0;
        judgement.value = judgement.known ? sum / reading->seconds : 0;
    }
    return judgement;
}

static double level_of(enum threshold_aggregate aggregate, const struct custom *custom)
{
    if (aggregate == THRESHOLD_MIN)
        return custom->least;
    return aggregate == THRESHOLD_MAX ? custom->greatest : custom->last;
}

static struct threshold_judgement of_trend(const struct threshold *threshold,
                                           const struct plan_metric *metric,
                                           const struct custom *custom)
{
    struct threshold_judgement judgement =
        threshold_of_histogram(threshold, custom->histogram);

    /* Numbers are kept as if they were ms: measure/custom.h. */
    if (judgement.unit == THRESHOLD_UNIT_MS && !metric->is_time)
        judgement.unit = THRESHOLD_UNIT_NUMBER;
    return judgement;
}

struct threshold_judgement threshold_of_custom(const struct threshold *threshold,
                                               const struct plan_metric *metric,
                                               const struct custom *custom,
                                               const struct reading *reading)
{
    const enum threshold_unit number =
        metric->is_time ? THRESHOLD_UNIT_MS : THRESHOLD_UNIT_NUMBER;

    if (metric->kind == PLAN_METRIC_COUNTER)
        return of_counter(threshold, custom, reading);
    if (!custom || custom->count == 0)
        return (struct threshold_judgement){
            .unit = metric->kind == PLAN_METRIC_RATE ? THRESHOLD_UNIT_FRACTION : number};
    if (metric->kind == PLAN_METRIC_TREND)
        return of_trend(threshold, metric, custom);
    struct threshold_judgement judgement = {.known = true, .samples = custom->count};

    if (metric->kind == PLAN_METRIC_RATE) {
        judgement.unit = THRESHOLD_UNIT_FRACTION;
        judgement.value = custom_share(custom);
    } else {
        judgement.unit = number;
        judgement.value = level_of(threshold->aggregate, custom);
    }
    return judgement;
}
