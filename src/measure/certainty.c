#include "measure/certainty.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "expr/threshold.h"
#include "measure/binomial.h"
#include "measure/metric.h"
#include "measure/normal.h"
#include "measure/recorder.h"
#include "measure/threshold_reading.h"
#include "plan/plan.h"

/* Fewer observations give a mean no standard error to speak of. */
#define MEAN_LEAST 30

const char *certainty_name(enum certainty certainty)
{
    switch (certainty) {
    case CERTAINTY_HOLDS:
        return "holds";
    case CERTAINTY_BREAKS:
        return "breaks";
    case CERTAINTY_UNDECIDED:
        break;
    }
    return "undecided";
}

static bool wants_less(const struct threshold *threshold)
{
    return threshold->comparison == THRESHOLD_LESS ||
           threshold->comparison == THRESHOLD_LESS_EQUAL;
}

static bool wants_more(const struct threshold *threshold)
{
    return threshold->comparison == THRESHOLD_GREATER ||
           threshold->comparison == THRESHOLD_GREATER_EQUAL;
}

/* How many observations lie on either side of a limit. */
struct split {
    double limit_ns;
    uint64_t above;
    uint64_t below;
};

static void split_bucket(void *ctx, uint64_t value_ns, uint64_t count)
{
    struct split *split = ctx;

    if ((double)value_ns > split->limit_ns)
        split->above += count;
    else
        split->below += count;
}

/* The histogram that a threshold is about, and its limit as a time; NULL: it is about none. */
static const struct histogram *histogram_of(const char *name,
                                            const struct series_view *series)
{
    enum metric metric = METRIC_TPOT;

    if (strcmp(name, "tps") != 0 && metric_find(name, &metric) < 0)
        return NULL;
    return series->histograms[metric];
}

static void count_percentile(const struct plan_threshold *what,
                             const struct threshold *threshold,
                             const struct series_view *series,
                             struct threshold_certainty *certainty)
{
    const struct histogram *histogram = histogram_of(what->metric, series);
    const bool is_speed = strcmp(what->metric, "tps") == 0;
    const bool slow_misses = is_speed ? wants_more(threshold) : wants_less(threshold);
    const double quantile =
        threshold->aggregate == THRESHOLD_MED ? 0.5 : threshold->percentile / 100;
    struct split split = {.limit_ns = is_speed ? (double)NS_PER_S / threshold->limit
                                               : threshold->limit * (double)NS_PER_MS};

    if (!histogram)
        return;
    histogram_each(histogram, split_bucket, &split);
    split.above += histogram_censored(histogram);
    certainty->is_count = true;
    certainty->missed = slow_misses ? split.above : split.below;
    certainty->of = split.above + split.below;
    certainty->may_miss = wants_less(threshold) ? 1 - quantile : quantile;
}

static void count_share(const struct threshold *threshold,
                        struct threshold_certainty *certainty)
{
    const struct threshold_judgement *judgement = &certainty->judgement;
    const double part = judgement->value * (double)judgement->samples;

    certainty->is_count = true;
    certainty->of = judgement->samples;
    certainty->missed =
        (uint64_t)(wants_less(threshold) ? part + 0.5
                                         : (double)judgement->samples - part + 0.5);
    certainty->may_miss = wants_less(threshold) ? threshold->limit : 1 - threshold->limit;
}

static void count(const struct plan_threshold *what, const struct threshold *threshold,
                  const struct series_view *series, struct threshold_certainty *certainty)
{
    const bool is_percentile = threshold->aggregate == THRESHOLD_PERCENTILE ||
                               threshold->aggregate == THRESHOLD_MED;

    if (threshold->drift || threshold->written == THRESHOLD_BASELINE ||
        (!wants_less(threshold) && !wants_more(threshold)))
        return;
    if (is_percentile)
        count_percentile(what, threshold, series, certainty);
    else if (certainty->judgement.known &&
             certainty->judgement.unit == THRESHOLD_UNIT_FRACTION)
        count_share(threshold, certainty);
}

static enum certainty test_count(const struct threshold_certainty *certainty,
                                 uint64_t pending, double error)
{
    const uint64_t of = certainty->of + pending;

    if (binomial_at_most(certainty->missed + pending, of, certainty->may_miss) <= error)
        return CERTAINTY_HOLDS;
    if (binomial_at_least(certainty->missed, of, certainty->may_miss) <= error)
        return CERTAINTY_BREAKS;
    return CERTAINTY_UNDECIDED;
}

/* Of what is no count: a mean has a standard error, and other values are what they are. */
static enum certainty test_value(const struct threshold *threshold,
                                 const struct threshold_judgement *judgement,
                                 const struct histogram *histogram, double error)
{
    const enum certainty seen = judgement->passed ? CERTAINTY_HOLDS : CERTAINTY_BREAKS;
    double margin;

    if (threshold->aggregate != THRESHOLD_AVG || !histogram ||
        judgement->unit != THRESHOLD_UNIT_MS)
        return seen;
    if (histogram_count(histogram) < MEAN_LEAST)
        return CERTAINTY_UNDECIDED;
    /* A mean of many is as good as normal. */
    margin = normal_deviations(error) * histogram_stddev_ns(histogram) /
             sqrt((double)histogram_count(histogram)) / (double)NS_PER_MS;
    return fabs(judgement->value - threshold->limit) > margin ? seen
                                                              : CERTAINTY_UNDECIDED;
}

struct threshold_certainty threshold_certainty_of(const struct plan_threshold *what,
                                                  const struct recorder *recorder,
                                                  uint64_t load_end_ns,
                                                  const struct trust *trust,
                                                  uint64_t pending, double error)
{
    struct threshold_certainty certainty = {
        .judgement = threshold_judge(what, recorder, load_end_ns, trust)};
    const struct threshold_judgement *judgement = &certainty.judgement;
    struct threshold threshold;
    struct series_view series;
    const char *hint;

    certainty.leans_to_holding = judgement->passed;
    if (judgement->ignored)
        certainty.certainty = CERTAINTY_HOLDS;
    if (judgement->ignored || (!judgement->known && !judgement->above) ||
        threshold_parse(what->expression, &threshold, &hint) < 0 ||
        !threshold_series(what, recorder, &series))
        return certainty;
    count(what, &threshold, &series, &certainty);
    if (!certainty.is_count) {
        certainty.certainty =
            test_value(&threshold, judgement, histogram_of(what->metric, &series), error);
        if (pending > 0 && certainty.certainty == CERTAINTY_HOLDS)
            certainty.certainty = CERTAINTY_UNDECIDED;
        return certainty;
    }
    certainty.certainty = test_count(&certainty, pending, error);
    certainty.leans_to_holding = (double)(certainty.missed + pending) <=
                                 (double)(certainty.of + pending) * certainty.may_miss;
    return certainty;
}
