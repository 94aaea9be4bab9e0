/*
 * One distribution as JSON: {unit, count, censored, min, mean, stddev, p50, …, max}.
 *
 * A percentile that cannot be told is null. Two reasons are kept apart: there were too few
 * observations; or its rank falls among those that only lasted longer than was waited. The latter
 * stands in `above` with the wait: {"p99": null, "above": {"p99": 30000.0}} reads "p99 is more than
 * 30 s". A bound so never stands where a value is read.
 */
#pragma once

#include "base/histogram.h"
#include "result/json_tree.h"

/* A latency, in "ms"; or numbers that are kept as if they were (measure/custom.h), in their unit. */
json_t *summary_latency(struct json_tree *tree, const struct histogram *histogram,
                        const char *unit);

/* The rate that a time per piece amounts to: 1/t, in `unit`. Slow pieces are low percentiles. */
json_t *summary_rate(struct json_tree *tree, const struct histogram *histogram,
                     const char *unit);

/* A latency in short: {count, p50, p99, max, above}. */
json_t *summary_latency_short(struct json_tree *tree, const struct histogram *histogram);

/* One percentile of a latency, in milliseconds, as a member of `metric`, with its bound. */
void summary_put_quantile(struct json_tree *tree, json_t *metric, const char *name,
                          struct histogram_quantile quantile);
