/*
 * A difference: one figure of two sides, with what a contrast (measure/contrast.h) found of it, as a row of a
 * comparison ("throng.comparison/1", doc/compare.md). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "measure/contrast.h"

struct json_tree;

/* A smaller one is no regression and no improvement, however sure it is. */
#define DIFFERENCE_LIMIT 0.05
/* Nor is a smaller one in a share such as the error rate, in points: 0.1%. */
#define DIFFERENCE_POINTS 0.001
/* A difference is sure where its p, adjusted for how many are compared, is below. */
#define DIFFERENCE_LEVEL 0.05

enum difference_better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };

enum difference_verdict {
    DIFFERENCE_NONE,        /* none is shown, and one above the limit is ruled out */
    DIFFERENCE_UNCLEAR,     /* none is shown, and none is ruled out: too little data */
    DIFFERENCE_IMPROVEMENT, /* sure, and larger than the limit */
    DIFFERENCE_REGRESSION,
};

/* What is compared. Texts are borrowed. */
struct difference_figure {
    const char *metric;    /* "ttft" */
    const char *aggregate; /* "p95", "mean", "rate", "value" */
    const char *unit;      /* "ms" */
    enum difference_better better;
    bool is_share; /* from 0 to 1: its interval is in points */
};

/* Values are in the figure's unit. */
struct difference {
    const struct difference_figure *figure;
    const char *selector; /* "" or "model=gpt-4o" */
    struct contrast contrast;
    double p_adjusted; /* NAN: not known */
    /* Neither side has more than its figures: what there is of a difference is judged by its size alone. */
    bool by_size;
};

/* limit: fraction of the base, as DIFFERENCE_LIMIT. */
enum difference_verdict difference_judge(const struct difference *difference,
                                         double limit);

/*
 * Whether it is a regression by more than a limit. One in a share that was 0 is by more than any.
 */
bool difference_exceeds(const struct difference *difference, double limit);

/* "no_change", "not_enough_data", "improvement", "regression". */
const char *difference_verdict_name(enum difference_verdict verdict);
/* Appends it to the member "differences" of a comparison. */
void difference_put(struct json_tree *tree, json_t *differences,
                    const struct difference *difference, double limit);
/* Fills in p_adjusted of many, which are judged together. Returns 0 or -ENOMEM. */
int differences_adjust(struct difference *differences, size_t count);
