#include "result/summary_metric.h"

#include <math.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* Milliseconds to the microsecond, which is the histogram's grain. */
#define LATENCY_DECIMALS 3
#define RATE_DECIMALS 3

struct percentile {
    const char *name;
    double q;
};

static const struct percentile percentiles[] = {
    {"p50", 0.50}, {"p90", 0.90}, {"p95", 0.95}, {"p99", 0.99}, {"p99_9", 0.999},
};

static const struct percentile short_percentiles[] = {
    {"p50", 0.50},
    {"p99", 0.99},
};

static double ms_of(double ns)
{
    return ns / (double)NS_PER_MS;
}

/* The object of bounds, made when the first is noted. */
static void put_above(struct json_tree *tree, json_t *metric, const char *name, double ms)
{
    json_t *above = json_object_get(metric, "above");

    if (!above)
        above = json_tree_put_object(tree, metric, "above");
    json_tree_put_number(tree, above, name, ms, LATENCY_DECIMALS);
}

void summary_put_quantile(struct json_tree *tree, json_t *metric, const char *name,
                          struct histogram_quantile quantile)
{
    const double ms = ms_of((double)quantile.value_ns);

    json_tree_put_number(tree, metric, name,
                         quantile.known && !quantile.above ? ms : (double)NAN,
                         LATENCY_DECIMALS);
    if (quantile.known && quantile.above)
        put_above(tree, metric, name, ms);
}

static void put_percentiles(struct json_tree *tree, json_t *metric,
                            const struct histogram *histogram,
                            const struct percentile *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        summary_put_quantile(tree, metric, list[i].name,
                             histogram_quantile(histogram, list[i].q));
}

json_t *summary_latency(struct json_tree *tree, const struct histogram *histogram,
                        const char *unit)
{
    const uint64_t count = histogram_count(histogram);
    json_t *metric = json_tree_object(tree);

    json_tree_put_text(tree, metric, "unit", unit);
    json_tree_put_count(tree, metric, "count", count);
    json_tree_put_count(tree, metric, "censored", histogram_censored(histogram));
    json_tree_put_number(tree, metric, "min",
                         count ? ms_of((double)histogram_min_ns(histogram)) : (double)NAN,
                         LATENCY_DECIMALS);
    json_tree_put_number(tree, metric, "mean",
                         count ? ms_of(histogram_mean_ns(histogram)) : (double)NAN,
                         LATENCY_DECIMALS);
    json_tree_put_number(tree, metric, "stddev",
                         count ? ms_of(histogram_stddev_ns(histogram)) : (double)NAN,
                         LATENCY_DECIMALS);
    put_percentiles(tree, metric, histogram, percentiles, COUNT_OF(percentiles));
    summary_put_quantile(tree, metric, "max", histogram_greatest(histogram));
    return metric;
}

json_t *summary_latency_short(struct json_tree *tree, const struct histogram *histogram)
{
    json_t *metric = json_tree_object(tree);

    json_tree_put_count(tree, metric, "count", histogram_count(histogram));
    put_percentiles(tree, metric, histogram, short_percentiles,
                    COUNT_OF(short_percentiles));
    summary_put_quantile(tree, metric, "max", histogram_greatest(histogram));
    return metric;
}

static double rate_of(uint64_t ns)
{
    return ns > 0 ? (double)NS_PER_S / (double)ns : (double)NAN;
}

/* The q-quantile of the rate is the (1−q)-quantile of the time, and needs as many observations. */
static double rate_quantile(const struct histogram *histogram, double q)
{
    const double count = (double)histogram_count(histogram);

    if (count * (1 - q) < 1 - 1e-9)
        return (double)NAN;
    return rate_of(histogram_quantile(histogram, 1 - q).value_ns);
}

json_t *summary_rate(struct json_tree *tree, const struct histogram *histogram,
                     const char *unit)
{
    const struct histogram_rate rate = histogram_rate(histogram);
    json_t *metric = json_tree_object(tree);

    json_tree_put_text(tree, metric, "unit", unit);
    json_tree_put_count(tree, metric, "count", histogram_count(histogram));
    json_tree_put_count(tree, metric, "censored", 0);
    json_tree_put_number(tree, metric, "min", rate_of(histogram_max_ns(histogram)),
                         RATE_DECIMALS);
    json_tree_put_number(tree, metric, "mean", rate.mean_per_s, RATE_DECIMALS);
    json_tree_put_number(tree, metric, "stddev", rate.stddev_per_s, RATE_DECIMALS);
    for (size_t i = 0; i < COUNT_OF(percentiles); i++)
        json_tree_put_number(tree, metric, percentiles[i].name,
                             rate_quantile(histogram, percentiles[i].q), RATE_DECIMALS);
    json_tree_put_number(tree, metric, "max", rate_of(histogram_min_ns(histogram)),
                         RATE_DECIMALS);
    return metric;
}
