/*
 * What a comparison is about: one table of figures, where each stands in a summary and what its interval is drawn from.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "result/comparison_evidence.h"
#include "result/difference.h"

struct comparison_figure {
    struct difference_figure shown;
    /* A latency: */
    bool is_latency;
    enum evidence_latency latency;
    double quantile; /* or CONTRAST_MEAN */
    bool is_inverse; /* one over it is told: a rate of a time */
    /* Else a sum over another, or over seconds where `under` is EVIDENCE_SUMS. */
    enum evidence_sum over;
    enum evidence_sum under;
    double
        per; /* what one of these is in the figure's unit: 1e-12 for pico-dollars in dollars */
    bool of_parts; /* it is compared by value of a dimension too */
};

/* By index, latencies of one metric one behind the other; NULL from the end on. */
const struct comparison_figure *comparison_figure_at(size_t index);

/*
 * What a summary says of it: object is the summary, or a value in its `by`. ret_above: it is only known to be above.
 * NAN: it says nothing.
 */
double comparison_figure_value(const struct comparison_figure *figure,
                               const json_t *object, bool *ret_above);
