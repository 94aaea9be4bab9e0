/*
 * Threshold expressions, k6's and a little more: "p(95)<500ms", "rate<=5%", "avg>40", "count>100".
 * Parsed once, evaluated often. Pure: where the value comes from is the caller's.
 */
#pragma once

#include <stdbool.h>

enum threshold_aggregate {
    THRESHOLD_AVG,
    THRESHOLD_MIN,
    THRESHOLD_MED,
    THRESHOLD_MAX,
    THRESHOLD_PERCENTILE, /* p(N) */
    THRESHOLD_RATE,       /* of a rate: the fraction; of a counter: per second */
    THRESHOLD_COUNT,
    THRESHOLD_VALUE,
};

enum threshold_comparison {
    THRESHOLD_LESS,
    THRESHOLD_LESS_EQUAL,
    THRESHOLD_GREATER,
    THRESHOLD_GREATER_EQUAL,
    THRESHOLD_EQUAL,
    THRESHOLD_NOT_EQUAL,
};

struct threshold {
    enum threshold_aggregate aggregate;
    double percentile; /* of THRESHOLD_PERCENTILE: above 0, below 100 */
    enum threshold_comparison comparison;
    /* In the metric's own unit: ms for times, a fraction for rates, US dollars for money. */
    double limit;
};

/*
 * Reads an expression. The limit may be a bare number, a duration ("500ms"), a percentage ("5%")
 * or money ("10 USD"). Returns 0 or -EINVAL.
 */
int threshold_parse(const char *text, struct threshold *ret_threshold);

/* Whether a value satisfies it. */
bool threshold_holds(const struct threshold *threshold, double value);
