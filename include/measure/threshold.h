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

/* How an aggregate changed from the first to the last quarter of a sustained phase. */
struct threshold_change {
    const char
        *phase; /* the plan's; NULL: the threshold is on no drift, or nothing is known */
    enum threshold_unit unit; /* of the next two */
    double first;             /* means of the values of equal parts of the quarters */
    double last;
    double
        low; /* the change lies between these in 95 of 100 cases; in the judgement's unit */
    double high;
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
    const char *lack;  /* not known, and why, in words (static); NULL: there is no data */
    struct threshold_change change;
    bool compared;   /* the limit is a factor of another run's value, which is known: */
    double baseline; /* in the same unit */
};

/*
 * Judges one. A drift is a fraction of the first quarter's value, but that of a share is in points; it
 * fails where it is beyond the limit and the two quarters surely differ. Rates are per second of the window up to load_end_ns: now, or the moment the load
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

/*
 * Appends how a drift came about, for people: " (410 ms to 550 ms in sustained; 95% interval 28% to 40%)";
 * nothing where there is none.
 */
void threshold_say_change(const struct threshold_judgement *judgement, struct buf *out);

/* Appends what a limit is a factor of: ", and the baseline is 300 ms"; nothing where it is of none. */
void threshold_say_baseline(const struct threshold_judgement *judgement, struct buf *out);

/* Appends a value that is known, for people: "412 ms", "more than 2.00 s", "3.1%", "B". */
void threshold_say_value(const struct threshold_judgement *judgement, struct buf *out);

/*
 * What a threshold can be set on: the latency metrics (measure/metric.h), rates and counts. Names
 * are static. Returns false from the end on.
 */
bool threshold_metric_at(size_t index, struct threshold_metric *ret_metric);
