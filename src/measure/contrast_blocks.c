#include "measure/contrast_blocks.h"

#include <assert.h>
#include <math.h>

#include "measure/contrast.h"

#define STRETCHES_PER_BLOCK 4
#define BLOCKS_MOST 32
#define BLOCKS_LEAST CONTRAST_STRETCHES_LEAST
/* Parts of a series that are looked at for how much each resembles the one before. */
#define VALUES_MOST 64
/* What resembles itself more than this is not told from a drift. */
#define MEMORY_MOST 0.9

/* One-sided 95%: the first autocorrelation of independent values is about normal with 1/√n. */
#define Z_ONE_SIDED 1.6448536269514722

size_t contrast_busy_stretches(const struct contrast_series *series)
{
    size_t busy = 0;

    for (size_t i = 0; i < series->count; i++)
        busy += series->under[i] > 0;
    return busy;
}

/* over / under of each block; NAN where nothing happened. */
static void block_values(const struct contrast_series *series, size_t blocks,
                         double ret_values[VALUES_MOST])
{
    double over[VALUES_MOST] = {0};
    double under[VALUES_MOST] = {0};

    for (size_t i = 0; i < series->count; i++) {
        const size_t block = contrast_block_of(i, series->count, blocks);

        over[block] += series->over[i];
        under[block] += series->under[i];
    }
    for (size_t i = 0; i < blocks; i++)
        ret_values[i] = under[i] > 0 ? over[i] / under[i] : (double)NAN;
}

/* The first autocorrelation; what is not known counts as the mean. */
static double autocorrelation(double *values, size_t count)
{
    double sum = 0;
    double known = 0;
    double square = 0;
    double product = 0;

    for (size_t i = 0; i < count; i++) {
        sum += isnan(values[i]) ? 0 : values[i];
        known += !isnan(values[i]);
    }
    for (size_t i = 0; i < count; i++)
        values[i] = isnan(values[i]) ? 0 : values[i] - sum / known;
    for (size_t i = 0; i < count; i++) {
        square += values[i] * values[i];
        product += i > 0 ? values[i] * values[i - 1] : 0;
    }
    return square > 0 ? product / square : 0;
}

/* How much each of so many parts of a series, or of its difference from another, resembles the one before. */
static double likeness_of(const struct contrast_series *series,
                          const struct contrast_series *other, size_t blocks)
{
    double values[VALUES_MOST];
    double others[VALUES_MOST];

    block_values(series, blocks, values);
    if (other) {
        block_values(other, blocks, others);
        for (size_t i = 0; i < blocks; i++)
            values[i] -= others[i];
    }
    return autocorrelation(values, blocks);
}

static bool neighbours_are_alike(const struct contrast_series *series,
                                 const struct contrast_series *other, size_t blocks)
{
    return likeness_of(series, other, blocks) > Z_ONE_SIDED / sqrt((double)blocks);
}

/* The variance of the mean of k values, in variances of one, where each has such a memory of the one before. */
static double variance_of_mean(double k, double memory)
{
    const double fading = 1 - memory;

    return ((1 + memory) / fading -
            2 * memory * (1 - pow(memory, k)) / (k * fading * fading)) /
           k;
}

double contrast_widening(const struct contrast_series *series,
                         const struct contrast_series *other, size_t blocks)
{
    const size_t count = series->count < VALUES_MOST ? series->count : VALUES_MOST;
    const double n = (double)count;
    const double seen = likeness_of(series, other, count);
    const double memory = fmin((n * seen + 1) / (n - 3), MEMORY_MOST);
    double whole;
    double block;

    if (!(memory > 0))
        return 1;
    whole = variance_of_mean(n, memory);
    block = variance_of_mean(n / (double)blocks, memory);
    return sqrt(fmax(whole * ((double)blocks - 1) / (block - whole), 1));
}

size_t contrast_block_count(const struct contrast_series *series,
                            const struct contrast_series *other)
{
    size_t blocks = series->count / STRETCHES_PER_BLOCK;

    assert(series->count >= BLOCKS_LEAST && (!other || other->count == series->count));
    if (blocks > BLOCKS_MOST)
        blocks = BLOCKS_MOST;
    if (blocks < BLOCKS_LEAST)
        blocks = BLOCKS_LEAST;
    while (blocks > BLOCKS_LEAST && neighbours_are_alike(series, other, blocks))
        blocks = blocks / 2 > BLOCKS_LEAST ? blocks / 2 : BLOCKS_LEAST;
    return blocks;
}
