/*
 * A contrast: by how much a figure differs between two sides, and whether chance explains it. Each side is what
 * was observed in stretches of time, in order. Pure: the same input and seed give the same answer.
 *
 * Requests that waited in one queue are not independent of each other, so no single request is drawn anew but
 * blocks of consecutive stretches (block bootstrap: H. R. Künsch, "The Jackknife and the Bootstrap for General
 * Stationary Observations", Annals of Statistics 17, 1989; the blocks do not overlap: E. Carlstein, Annals of
 * Statistics 14, 1986). A side becomes 10 to 32 blocks of four stretches or more; while neighbours among them
 * still resemble each other, blocks are joined, two to one, as far as 10 remain (G. S. Fishman and L. S. Yarberry,
 * "An Implementation of the Batch Means Method", INFORMS Journal on Computing 9, 1997). Ten blocks of a short run may
 * still resemble each other: by as much as its stretches do, the draws are spread wider.
 * The histograms of the blocks that were drawn are added up exactly, and the figure is read off the sum, 2,000
 * times. Its interval is the expanded percentile interval, whose tails are those of Student's t for so many
 * blocks (T. C. Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69, 2015),
 * with the degrees of freedom of Welch's test; p is the level at which that interval would touch "no difference",
 * and beyond what 2,000 draws can tell it follows from their standard deviation.
 *
 * What it cannot know: how much two runs of one system differ that a single run does not show, such as caches or
 * neighbours that were others a day later. Who decides on a difference also asks whether it is large.
 *
 * It takes time in proportion to blocks and buckets and none to the length of the run: some 50 ms for the latencies
 * of a run of 24 hours as of a minute.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

/* A side needs so many stretches in which something happened. */
#define CONTRAST_STRETCHES_LEAST 10
/* A quantile needs so many observations on the rarer side of it: 1,000 for p99, 200 for p95. */
#define CONTRAST_TAIL_LEAST 10

/* The figures of one contrast of values, at most. */
#define CONTRAST_FIGURES 8

/* What stands for the mean in a list of quantiles. */
#define CONTRAST_MEAN 0.0

/* One side of what has values: of each stretch its histogram, all of the same digits; NULL: nothing was observed. */
struct contrast_values {
    const struct histogram *const *stretches; /* borrowed */
    size_t count;
};

/* One side of a share or rate: of each stretch what stands over the line, and under it. None is negative. */
struct contrast_sums {
    const double *over;  /* borrowed: failed requests, tokens, pico-dollars, … */
    const double *under; /* borrowed: requests, seconds, … */
    size_t count;
};

struct contrast_options {
    uint64_t seed;
    /*
     * Stretch i of one side belongs with stretch i of the other: both were at the same time, or under the same
     * load after the same time. They are drawn together, so that what moved both is no difference. Ignored where
     * the sides have different numbers of stretches.
     */
    bool is_paired;
};

enum contrast_finding {
    CONTRAST_FOUND,         /* all of it is known */
    CONTRAST_FEW_STRETCHES, /* fewer than CONTRAST_STRETCHES_LEAST: no interval and no p */
    CONTRAST_FEW_VALUES,    /* too few observations for this quantile: likewise */
    CONTRAST_BOTH_ABOVE, /* both are only known to be above a bound: nothing can be said */
    CONTRAST_NOTHING,    /* a side has no observation at all */
};

/* NAN wherever it is not known. */
struct contrast {
    enum contrast_finding finding;
    double base; /* ns of values; else over / under */
    double new;
    /* The figure lies among the censored: at least so much. */
    bool base_above;
    bool new_above;
    double change; /* new / base − 1; a bound where either is above */
    double low;    /* 95% interval of the change; open ends are infinite */
    double high;
    double difference; /* new − base, with its interval */
    double difference_low;
    double difference_high;
    double p;              /* two-sided, of no difference */
    uint64_t samples_base; /* observations, censored included; of sums 0 */
    uint64_t samples_new;
};

/*
 * Contrasts several figures of the same values: quantiles (0 < q < 1) and CONTRAST_MEAN, CONTRAST_FIGURES at
 * most. Censored observations count in quantiles as histogram_quantile() has it, and in the mean with the time that
 * they waited: above 1 in 100 of them it is `above` as well. Returns 0 or -ENOMEM.
 */
int contrast_values(const struct contrast_values *base, const struct contrast_values *new,
                    const struct contrast_options *options, const double *figures,
                    size_t count, struct contrast *ret_contrasts);

/* Contrasts sum(over) / sum(under). Returns 0 or -ENOMEM. */
int contrast_sums(const struct contrast_sums *base, const struct contrast_sums *new,
                  const struct contrast_options *options, struct contrast *ret_contrast);

/*
 * The p of many contrasts, adjusted so that all together are wrong in 5 of 100 cases where each alone would be
 * (S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6,
 * 1979). NAN stays NAN, and counts for none. In place is allowed. Returns 0 or -ENOMEM.
 */
int contrast_holm(const double *p, size_t count, double *ret_adjusted);
