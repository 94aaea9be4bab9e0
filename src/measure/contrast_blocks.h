/*
 * How stretches of time become the blocks that a contrast draws from. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A series of shares by stretches: over / under of each. */
struct contrast_series {
    const double *over;
    const double *under;
    size_t count;
};

/* In how many of them something happened. */
size_t contrast_busy_stretches(const struct contrast_series *series);

/*
 * How many blocks a series is cut into, of CONTRAST_STRETCHES_LEAST stretches at least. other: its pair, of as many
 * stretches: then their differences are looked at; or NULL.
 */
size_t contrast_block_count(const struct contrast_series *series,
                            const struct contrast_series *other);

/*
 * By how much an interval that takes so many blocks for independent is too narrow, at least 1: as if each stretch
 * remembered the one before (an autoregression of order 1), as much as is seen, corrected for how few were seen
 * (F. H. C. Marriott and J. A. Pope, "Bias in the Estimation of Autocorrelations", Biometrika 41, 1954). In ten
 * blocks alone a likeness of neighbours would not be noticed.
 */
double contrast_widening(const struct contrast_series *series,
                         const struct contrast_series *other, size_t blocks);

/* The block of a stretch: blocks are as equally long as can be. */
static inline size_t contrast_block_of(size_t stretch, size_t stretches, size_t blocks)
{
    return stretch * blocks / stretches;
}
