#include "measure/contrast_pool.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/histogram.h"
#include "measure/contrast.h"
#include "measure/contrast_blocks.h"

/* Above this share of censored observations a mean is a bound. */
#define CENSORED_IN_MEAN 0.01

DEFINE_CLEANUP(struct histogram, histogram_free)

/* Of each stretch: the sum of its observations and their number, the censored by the times waited. */
struct totals {
    double *ns;
    double *count;
    size_t stretches;
};

static void totals_deinit(struct totals *totals)
{
    free(totals->ns);
    free(totals->count);
}

static double samples_of(const struct histogram *histogram)
{
    return (double)histogram_count(histogram) + (double)histogram_censored(histogram);
}

static int totals_init(struct totals *totals, const struct contrast_values *values)
{
    totals->stretches = values->count;
    totals->ns = calloc(values->count + 1, sizeof(*totals->ns));
    totals->count = calloc(values->count + 1, sizeof(*totals->count));
    if (!totals->ns || !totals->count)
        return -ENOMEM;
    for (size_t i = 0; i < values->count; i++) {
        const struct histogram *histogram = values->stretches[i];

        if (!histogram)
            continue;
        totals->count[i] = samples_of(histogram);
        totals->ns[i] = histogram_mean_least_ns(histogram) * totals->count[i];
    }
    return 0;
}

static struct contrast_series series_of(const struct totals *totals)
{
    return (struct contrast_series){totals->ns, totals->count, totals->stretches};
}

/* Fills an axis, and then finds in it. */
struct filling {
    struct contrast_axis *axis;
    double *row;
};

static void count_bucket(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    (void)least_ns;
    (void)most_ns;
    (void)count;
    ++*(size_t *)ctx;
}

static void name_bucket(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    struct filling *filling = ctx;
    struct contrast_axis *axis = filling->axis;

    (void)count;
    axis->least_ns[axis->count] = (double)least_ns;
    axis->most_ns[axis->count++] = (double)most_ns;
}

/* Every bucket of a part is one of the whole. */
static void add_bucket(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    const struct filling *filling = ctx;
    const struct contrast_axis *axis = filling->axis;
    size_t low = 0;
    size_t high = axis->count;

    (void)most_ns;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (axis->least_ns[middle] <= (double)least_ns)
            low = middle;
        else
            high = middle;
    }
    filling->row[low] += (double)count;
}

static int axis_init(struct contrast_axis *axis, const struct histogram *whole,
                     bool censored, size_t blocks)
{
    struct filling filling = {.axis = axis};
    size_t count = 0;

    histogram_each_span(whole, censored, count_bucket, &count);
    axis->least_ns = calloc(count + 1, sizeof(*axis->least_ns));
    axis->most_ns = calloc(count + 1, sizeof(*axis->most_ns));
    axis->sum = calloc(count + 1, sizeof(*axis->sum));
    axis->counts = calloc(count * blocks + 1, sizeof(*axis->counts));
    if (!axis->least_ns || !axis->most_ns || !axis->sum || !axis->counts)
        return -ENOMEM;
    histogram_each_span(whole, censored, name_bucket, &filling);
    return 0;
}

static void axis_deinit(struct contrast_axis *axis)
{
    free(axis->least_ns);
    free(axis->most_ns);
    free(axis->counts);
    free(axis->sum);
}

static void axis_add(struct contrast_axis *axis, const struct histogram *part,
                     bool censored, size_t block)
{
    struct filling filling = {.axis = axis, .row = axis->counts + block * axis->count};

    histogram_each_span(part, censored, add_bucket, &filling);
}

/* All stretches together. */
static int merge_all(const struct contrast_values *values, struct histogram *whole)
{
    int r = 0;

    for (size_t i = 0; i < values->count && r == 0; i++)
        if (values->stretches[i])
            r = histogram_merge(whole, values->stretches[i]);
    return r;
}

static int whole_of(const struct contrast_values *values, struct histogram **ret_whole)
{
    static const enum histogram_digits digits[] = {HISTOGRAM_COARSE, HISTOGRAM_FINE};
    int r = -EINVAL;

    /* They are all of the same digits, of which the first tells. */
    for (size_t i = 0; i < COUNT_OF(digits) && r == -EINVAL; i++) {
        CLEANUP(histogram_freep) struct histogram *whole = NULL;

        r = histogram_new(digits[i], &whole);
        if (r == 0)
            r = merge_all(values, whole);
        if (r == 0)
            *ret_whole = TAKE(whole);
    }
    return r;
}

/* Decides on the blocks. Returns 0 or -ENOMEM. */
static int choose_blocks(struct contrast_pool *pool, const struct totals *totals,
                         const struct contrast_values *other)
{
    CLEANUP(totals_deinit) struct totals others = {0};
    const struct contrast_series series = series_of(totals);
    const struct contrast_series *pair = NULL;
    struct contrast_series pair_series;

    if (totals->stretches < CONTRAST_STRETCHES_LEAST)
        return 0;
    if (other) {
        const int r = totals_init(&others, other);

        if (r < 0)
            return r;
        pair_series = series_of(&others);
        pair = &pair_series;
    }
    pool->blocks = contrast_block_count(&series, pair);
    pool->widening = contrast_widening(&series, pair, pool->blocks);
    return 0;
}

int contrast_pool_init(struct contrast_pool *pool, const struct contrast_values *values,
                       const struct contrast_values *other)
{
    CLEANUP(histogram_freep) struct histogram *whole = NULL;
    CLEANUP(totals_deinit) struct totals totals = {0};
    struct contrast_series series;
    int r = totals_init(&totals, values);

    *pool = (struct contrast_pool){.blocks = 1, .widening = 1};
    if (r == 0)
        r = whole_of(values, &whole);
    if (r == 0)
        r = choose_blocks(pool, &totals, other);
    if (r < 0)
        return r;
    series = series_of(&totals);
    pool->busy = contrast_busy_stretches(&series);
    pool->samples = (uint64_t)samples_of(whole);
    pool->weights = calloc(pool->blocks, sizeof(*pool->weights));
    pool->total_ns = calloc(pool->blocks, sizeof(*pool->total_ns));
    if (!pool->weights || !pool->total_ns ||
        axis_init(&pool->observed, whole, false, pool->blocks) < 0 ||
        axis_init(&pool->censored, whole, true, pool->blocks) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < values->count; i++) {
        const size_t block = contrast_block_of(i, values->count, pool->blocks);

        if (!values->stretches[i])
            continue;
        pool->total_ns[block] += totals.ns[i];
        axis_add(&pool->observed, values->stretches[i], false, block);
        axis_add(&pool->censored, values->stretches[i], true, block);
    }
    return 0;
}

void contrast_pool_deinit(struct contrast_pool *pool)
{
    free(pool->weights);
    free(pool->total_ns);
    axis_deinit(&pool->observed);
    axis_deinit(&pool->censored);
}

/* Returns how many observations were drawn. */
static double axis_sum(struct contrast_axis *axis, size_t blocks, const double *weights)
{
    double all = 0;

    for (size_t i = 0; i < axis->count; i++)
        axis->sum[i] = 0;
    for (size_t block = 0; block < blocks; block++) {
        const double weight = weights ? weights[block] : 1;
        const double *row = axis->counts + block * axis->count;

        if (weight == 0)
            continue;
        for (size_t i = 0; i < axis->count; i++)
            axis->sum[i] += weight * row[i];
    }
    for (size_t i = 0; i < axis->count; i++)
        all += axis->sum[i];
    return all;
}

void contrast_pool_sum(struct contrast_pool *pool, const double *weights)
{
    pool->observed_count = axis_sum(&pool->observed, pool->blocks, weights);
    pool->censored_count = axis_sum(&pool->censored, pool->blocks, weights);
    pool->sum_ns = 0;
    for (size_t block = 0; block < pool->blocks; block++)
        pool->sum_ns += (weights ? weights[block] : 1) * pool->total_ns[block];
}

/* Among those observed. */
static double observed_at(const struct contrast_axis *axis, double rank)
{
    double before = 0;

    for (size_t i = 0; i < axis->count; i++) {
        if (axis->sum[i] > 0 && before + axis->sum[i] >= rank)
            return axis->least_ns[i] + (axis->most_ns[i] - axis->least_ns[i]) *
                                           (rank - 0.5 - before) / axis->sum[i];
        before += axis->sum[i];
    }
    return 0;
}

/* Among all, the censored placed at the times that they waited. */
static double least_at(const struct contrast_pool *pool, double rank)
{
    const struct contrast_axis *a = &pool->observed;
    const struct contrast_axis *b = &pool->censored;
    size_t i = 0;
    size_t j = 0;
    double seen = 0;
    double value = 0;

    while (seen < rank && (i < a->count || j < b->count)) {
        const bool is_observed =
            j == b->count || (i < a->count && a->least_ns[i] <= b->least_ns[j]);

        value = is_observed ? a->least_ns[i] : b->least_ns[j];
        seen += is_observed ? a->sum[i++] : b->sum[j++];
    }
    return value;
}

static struct contrast_figure mean_of(const struct contrast_pool *pool, double all)
{
    return (struct contrast_figure){
        .value = pool->sum_ns / all,
        .is_above = pool->censored_count > CENSORED_IN_MEAN * all,
    };
}

struct contrast_figure contrast_pool_figure(const struct contrast_pool *pool,
                                            double figure)
{
    const double all = pool->observed_count + pool->censored_count;
    struct contrast_figure found = {0};
    double rank;

    if (all == 0)
        return found;
    if (figure == CONTRAST_MEAN)
        return mean_of(pool, all);
    /* 0.07 × 100 is a little more than 7 in binary: that must not become rank 8. */
    rank = fmax(ceil(figure * all * (1 - 1e-12)), 1);
    found.is_above = rank > pool->observed_count;
    found.value =
        found.is_above ? least_at(pool, rank) : observed_at(&pool->observed, rank);
    return found;
}
