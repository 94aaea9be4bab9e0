/* Aggregates of histograms. */
#include "base/clock.h"
#include "measure/threshold_reading.h"
#include "plan/plan.h"

/* So small a quantile is the first of any number of observations. */
#define LEAST 1e-18

/*
 * An aggregate of a histogram, in ms. Where it depends on what attempts that ended early would have
 * been, it is the least it can be, and `above`.
 */
struct threshold_judgement threshold_of_histogram(const struct threshold *threshold,
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
struct threshold_judgement threshold_of_tps(const struct threshold *threshold,
                                            const struct histogram *tpot)
{
    struct threshold mirrored = *threshold;

    if (threshold->aggregate == THRESHOLD_PERCENTILE)
        mirrored.percentile = 100 - threshold->percentile;
    else if (threshold->aggregate == THRESHOLD_MIN)
        mirrored.aggregate = THRESHOLD_MAX;
    else if (threshold->aggregate == THRESHOLD_MAX)
        mirrored.aggregate = THRESHOLD_MIN;
    struct threshold_judgement judgement = threshold_of_histogram(&mirrored, tpot);
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

struct threshold_judgement threshold_of_efficiency(const struct histogram *tpot,
                                                   const struct reading *reading)
{
    const struct plan *plan = recorder_options(reading->recorder)->plan;
    struct threshold_judgement judgement = {.unit = THRESHOLD_UNIT_FRACTION};
    const double theoretical = plan_selected_tps(plan, reading->selector);

    judgement.samples = tpot ? histogram_count(tpot) : 0;
    judgement.known = judgement.samples > 0 && theoretical > 0;
    if (judgement.known)
        judgement.value = histogram_rate(tpot).mean_per_s / theoretical;
    return judgement;
}
