/*
 * One figure of two runs → a difference: the values are those of the summaries, the interval is drawn from the evidence.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "result/comparison_evidence.h"
#include "result/comparison_figures.h"
#include "result/difference.h"

/* One run, or a value of a dimension of it. */
struct comparison_side {
    const json_t *object; /* the summary, or what its `by` has of the value */
    const struct stretches *stretches; /* NULL: there is no evidence */
};

struct comparison_sides {
    struct comparison_side base;
    struct comparison_side new;
    bool is_paired;
    bool has_censoring; /* the evidence has what was censored */
};

/* Figures of one table that are compared, at most. */
#define COMPARISON_FIGURES 40

/*
 * Writes a difference for each figure that both sides have, of_parts alone where only those are asked for; selector is
 * borrowed. Returns 0 or -ENOMEM.
 */
int comparison_contrast(const struct comparison_sides *sides, bool of_parts,
                        const char *selector,
                        struct difference ret_differences[COMPARISON_FIGURES],
                        size_t *ret_count);
