/*
 * Thresholds judged: a metric's name, a selector and an expression → the value of the measured
 * window, and whether it is good enough. No data is a failure; so is a percentile that is only
 * known to lie above some value, wherever less was asked for. A metric of streams is ignored where
 * requests ended and none of them streamed: it cannot exist.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/trust.h"

struct buf;
struct plan_threshold;
struct recorder;
struct threshold_metric;

/* What a value counts: how it is printed. */
enum threshold_unit {
    THRESHOLD_UNIT_MS,
    THRESHOLD_UNIT_FRACTION,
    THRESHOLD_UNIT_COUNT,
    THRESHOLD_UNIT_PER_S,
    THRESHOLD_UNIT_USD,
    THRESHOLD_UNIT_NUMBER, /* in a unit of the scenario's own, or none */
    THRESHOLD_UNIT_GRADE,  /* expr/threshold.h says which number is which */
};

struct threshold_judgement {
    bool passed;
    bool ignored; /* the metric cannot exist: passed, and not known */
    bool
        known; /* false: there was no data, or the aggregate does not exist for the metric */
    bool few;   /* there was data, less than min_samples: not known */
    bool above; /* the value is only known to be more than this */
    uint64_t
        samples; /* observations that it is of; of rates and counts: requests that ended */
    double value;
    enum threshold_unit unit;
    uint64_t since_ns; /* what it selects is measured since a reload then; 0: all along */
};

/*
 * Judges one. Rates are per second of the window up to load_end_ns: now, or the moment the load
 * ended; the wait for what was in flight then is no time in which anything could be asked. trust:
 * of the same moment; NULL: not known.
 */
struct threshold_judgement threshold_judge(const struct plan_threshold *threshold,
                                           const struct recorder *recorder,
                                           uint64_t load_end_ns,
                                           const struct trust *trust);

/* The grade that a value in THRESHOLD_UNIT_GRADE stands for. */
enum trust_grade threshold_grade(const struct threshold_judgement *judgement);

/* The unit as results name it: "ms", "fraction", "count", "per_second", "usd", "number", "grade". */
const char *threshold_unit_name(enum threshold_unit unit);

/* Appends a value that is known, for people: "412 ms", "more than 2.00 s", "3.1%", "B". */
void threshold_say_value(const struct threshold_judgement *judgement, struct buf *out);

/*
 * What a threshold can be set on: the latency metrics (measure/metric.h), rates and counts. Names
 * are static. Returns false from the end on.
 */
bool threshold_metric_at(size_t index, struct threshold_metric *ret_metric);
