/*
 * A series: the counters and histograms of one total or one value of a dimension.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "measure/customs.h"
#include "measure/observe.h"
#include "measure/recorder.h"

struct series {
    enum histogram_digits digits;
    /* What is kept beside counters: a bit for each metric, and for each of the scenario's own. */
    uint64_t metrics;
    uint64_t own_metrics; /* those past the 64th are always kept */
    struct counters counters;
    struct histogram *histograms[METRIC_COUNT]; /* allocated at the first observation */
    struct customs customs;
};

static_assert(METRIC_COUNT <= 64, "a bit for each metric");

/* An empty series that keeps everything. */
void series_init(struct series *series, enum histogram_digits digits);

/* Releases the histograms. */
void series_deinit(struct series *series);

/* Forgets everything and keeps the memory. */
void series_reset(struct series *series);

/* Makes sure a metric has its histogram. Returns 0 or -ENOMEM. */
int series_grow(struct series *series, enum metric metric);

/* Records one value. Returns whether there was memory for it. On the hot path. */
static inline bool series_record(struct series *series, enum metric metric,
                                 uint64_t value_ns)
{
    if (!(series->metrics >> metric & 1))
        return true;
    if (!series->histograms[metric] && series_grow(series, metric) < 0)
        return false;
    histogram_record(series->histograms[metric], value_ns);
    return true;
}

/* Records what was observed of an attempt or operation. Returns how many memory was short for. */
size_t series_observe(struct series *series, const struct observation *observations,
                      size_t count);

/* The same with observe_parts(), of totals and selections. */
size_t series_observe_parts(struct series *series, const struct observation *parts,
                            size_t count);

/* Records a value of the scenario's own metric. Returns whether there was memory for it. */
bool series_custom(struct series *series, const struct plan *plan,
                   const struct custom_value *value);

/* Counts an attempt that is over, and an operation. */
void series_count_sample(struct series *series, const struct sample *sample);
void series_count_operation(struct series *series, const struct operation *operation);

/* For reading, until the next write. */
struct series_view series_view_of(const struct series *series);

/* Adds all of from, which is as fine. Returns whether there was memory for it. */
bool series_add(struct series *into, const struct series *from);

/* Adds all of from. */
void series_add_counters(struct counters *into, const struct counters *from);

/* Where two series of the same digits are added up for reading. */
struct series_sum {
    struct series scratch;
    const struct histogram *histograms[METRIC_COUNT];
    uint64_t
        lost; /* sums that memory was short for: the first series stands there alone */
};

/* Both series together, until the next sum. */
struct series_view series_sum(const struct series *a, const struct series *b,
                              struct series_sum *sum);
