/*
 * The blocks of one side of values, and the sum of those that were drawn, off which figures are read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct contrast_values;

/* Buckets in rising order. */
struct contrast_axis {
    size_t count;
    double *least_ns; /* owned */
    double *most_ns;  /* owned */
    double *counts;   /* owned: of each block, row by row */
    double *sum;      /* owned: of the blocks that were drawn last */
};

struct contrast_pool {
    size_t blocks;    /* 1 where there are too few stretches to draw from */
    double widening;  /* contrast_widening() of them */
    size_t busy;      /* stretches in which something was observed */
    uint64_t samples; /* of all, censored included */
    double *weights;  /* owned: room for a draw */
    double
        *total_ns; /* owned: of each block, the censored by the times that they waited */
    struct contrast_axis observed;
    struct contrast_axis censored;
    /* Of the blocks that were drawn last: */
    double sum_ns;
    double observed_count;
    double censored_count;
};

struct contrast_figure {
    double value;  /* ns */
    bool is_above; /* it lies among the censored: at least so much */
};

/* other: its pair, or NULL. Returns 0 or -ENOMEM; to be released in both cases. */
int contrast_pool_init(struct contrast_pool *pool, const struct contrast_values *values,
                       const struct contrast_values *other);
void contrast_pool_deinit(struct contrast_pool *pool);

/* Adds up blocks, each as often as its weight says; NULL: each once. */
void contrast_pool_sum(struct contrast_pool *pool, const double *weights);

/*
 * A quantile of that sum, or CONTRAST_MEAN; 0 where nothing was drawn. Within its bucket a quantile is read as if the
 * values lay there evenly, so that a difference smaller than a bucket is not lost.
 */
struct contrast_figure contrast_pool_figure(const struct contrast_pool *pool,
                                            double figure);
