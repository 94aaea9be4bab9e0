/*
 * The figures that arms are compared by: one table of what each is, how it is told and what is better.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "measure/arm_view.h"
#include "result/difference.h"

#define AB_SELECTOR_BYTES 128

struct ab_figure {
    struct difference_figure shown;
    const char *more; /* what an arm is that has more of it: "slower" */
    const char *less;
    bool is_latency;
    enum arm_latency latency;
    double quantile;
    enum arm_sum over; /* over ARM_ENDED, where it is no latency */
    double per; /* what one of these is in the figure's unit: 1e-12 for pico-dollars */
};

/* As many as the table has. */
#define AB_FIGURES 9

/* NULL from the end on. */
const struct ab_figure *ab_figure_at(size_t index);

/* "arm=candidate"; a longer name is cut. */
void ab_figure_selector(const char *arm, char text[static AB_SELECTOR_BYTES]);
