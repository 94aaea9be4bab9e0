/*
 * Threshold expressions, k6's and a little more: "p(95)<500ms", "rate<=5%", "avg>40", "count>100",
 * "drift(p(95))<10%", "p(95)<baseline*1.10", and which of them fit what kind of metric. Parsed once, evaluated often. Pure: where the value
 * comes from is the caller's.
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

/* Grades as numbers: the best is the greatest, so that "at least B" is ">=B". */
#define THRESHOLD_GRADES "FDCBA"
#define THRESHOLD_BEST_GRADE 4

/* How a limit is written. */
enum threshold_written {
    THRESHOLD_BARE,     /* 500 */
    THRESHOLD_DURATION, /* 500ms */
    THRESHOLD_PERCENT,  /* 5% */
    THRESHOLD_PER_S,    /* 10/s */
    THRESHOLD_MONEY,    /* 1.50 USD */
    THRESHOLD_GRADE,    /* B */
    THRESHOLD_BASELINE, /* baseline, baseline*1.10 */
};

struct threshold {
    /* drift(p(95)): by how much the aggregate changed within a phase; the limit is a fraction. */
    bool drift;
    enum threshold_aggregate aggregate;
    double percentile; /* of THRESHOLD_PERCENTILE: above 0, below 100 */
    enum threshold_comparison comparison;
    enum threshold_written written;
    /*
     * In the metric's own unit: ms for times, a fraction for shares, US dollars for money; of
     * grades A is THRESHOLD_BEST_GRADE, B one less, and so on: F is 0. Of THRESHOLD_BASELINE: a factor of
     * the same value of another run, above 0.
     */
    double limit;
};

/* What a metric is: which aggregates it has, and what its limits are written in. */
enum threshold_kind {
    THRESHOLD_OF_TIME,           /* many times: ttft */
    THRESHOLD_OF_SPEED,          /* many speeds, per second: tps */
    THRESHOLD_OF_SHARE,          /* one fraction: error_rate */
    THRESHOLD_OF_COUNT,          /* one number: requests */
    THRESHOLD_OF_RATE,           /* one number per second: requests_per_second */
    THRESHOLD_OF_MONEY,          /* one sum: cost_usd */
    THRESHOLD_OF_GRADE,          /* one letter: trust */
    THRESHOLD_OF_NUMBERS,        /* many numbers: a trend of the scenario's own */
    THRESHOLD_OF_LEVEL,          /* a number that goes up and down: vus, and gauges */
    THRESHOLD_OF_TIME_LEVEL,     /* a time that does: gauges of times */
    THRESHOLD_OF_READINGS,       /* a level that was read many times: backend_waiting */
    THRESHOLD_OF_SHARE_READINGS, /* a share that was: gpu_utilization */
    THRESHOLD_OF_TIME_READINGS,  /* a time that was: backend_queue_time */
};

/* A metric that thresholds can be set on. */
struct threshold_metric {
    const char *name;
    enum threshold_kind kind;
    bool whole;    /* it is of the whole run: no selector takes a part of it */
    bool sizeless; /* it is counted when the prompt's size is not known: none by that */
    bool
        yields; /* a scenario may give the name to a metric of its own, which it then means */
    bool of_slos;    /* it is of what steps have SLOs on: without any it has no data */
    bool of_budgets; /* it is of budgets of a platform's organizations */
    bool
        of_theory; /* it is of models' theoretical_tps: of one model, unless all state the same */
    bool of_checks; /* it is of checks: `check` selects one, and nothing else's */
    bool
        of_backends; /* servers tell it: `backend` selects one of them, and nothing else does */
};

/*
 * Reads an expression. Returns 0; -EINVAL, with what would have been right where it went wrong (a
 * static text).
 */
int threshold_parse(const char *text, struct threshold *ret_threshold,
                    const char **reterr_hint);

/*
 * Whether an expression fits a kind of metric: NULL, or what to write instead (a static text).
 */
const char *threshold_misfit(const struct threshold *threshold, enum threshold_kind kind);

/*
 * The limit that a value is compared with, in the metric's unit; baseline: the value of the other run,
 * which only THRESHOLD_BASELINE takes into account.
 */
double threshold_limit(const struct threshold *threshold, double baseline);

/* Whether a value satisfies it; of THRESHOLD_BASELINE threshold->limit was replaced by threshold_limit(). */
bool threshold_holds(const struct threshold *threshold, double value);
