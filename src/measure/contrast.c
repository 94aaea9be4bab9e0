#include "measure/contrast.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/rng.h"
#include "measure/contrast_blocks.h"
#include "measure/contrast_interval.h"
#include "measure/contrast_pool.h"

/* The streams of both sides. */
enum side { SIDE_BASE, SIDE_NEW };

static const struct contrast unknown = {
    .base = (double)NAN,
    .new = (double)NAN,
    .change = (double)NAN,
    .low = (double)NAN,
    .high = (double)NAN,
    .difference = (double)NAN,
    .difference_low = (double)NAN,
    .difference_high = (double)NAN,
    .p = (double)NAN,
};

static void free_doubles(double **values)
{
    free(*values);
}

static void free_draws(struct contrast_draws **draws)
{
    free(*draws);
}

/* How often each block is drawn, of as many draws as there are blocks. */
static void draw(struct rng *rng, size_t blocks, double *weights)
{
    for (size_t i = 0; i < blocks; i++)
        weights[i] = 0;
    for (size_t i = 0; i < blocks; i++)
        weights[rng_below(rng, blocks)]++;
}

static void tell_change(struct contrast *contrast)
{
    contrast->difference = contrast->new - contrast->base;
    if (contrast->base > 0)
        contrast->change = contrast->new / contrast->base - 1;
}

/* Both sides of values, ready to be drawn from. */
struct values {
    struct contrast_pool base;
    struct contrast_pool new;
};

static void values_deinit(struct values *values)
{
    contrast_pool_deinit(&values->base);
    contrast_pool_deinit(&values->new);
}

/* The figures of all that was observed, and whether they may be drawn. */
static void find_figure(const struct values *values, double figure,
                        struct contrast *contrast)
{
    const double rarer = fmin(figure, 1 - figure);
    struct contrast_figure base;
    struct contrast_figure new;
    double least;

    *contrast = unknown;
    contrast->samples_base = values->base.samples;
    contrast->samples_new = values->new.samples;
    contrast->finding = CONTRAST_NOTHING;
    if (contrast->samples_base == 0 || contrast->samples_new == 0)
        return;
    base = contrast_pool_figure(&values->base, figure);
    new = contrast_pool_figure(&values->new, figure);
    contrast->base = base.value;
    contrast->new = new.value;
    contrast->base_above = base.is_above;
    contrast->new_above = new.is_above;
    tell_change(contrast);
    least =
        (double)(contrast->samples_base < contrast->samples_new ? contrast->samples_base
                                                                : contrast->samples_new);
    contrast->finding = CONTRAST_FOUND;
    if (base.is_above && new.is_above)
        contrast->finding = CONTRAST_BOTH_ABOVE;
    else if (values->base.busy < CONTRAST_STRETCHES_LEAST ||
             values->new.busy < CONTRAST_STRETCHES_LEAST)
        contrast->finding = CONTRAST_FEW_STRETCHES;
    else if (figure != CONTRAST_MEAN && least * rarer < CONTRAST_TAIL_LEAST - 1e-9)
        contrast->finding = CONTRAST_FEW_VALUES;
}

static bool any_found(const struct contrast *contrasts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (contrasts[i].finding == CONTRAST_FOUND)
            return true;
    return false;
}

static void draw_values(struct values *values, const struct contrast_options *options,
                        bool is_paired, const double *figures, size_t count,
                        struct contrast_draws *draws)
{
    struct rng base;
    struct rng new;

    rng_init(&base, options->seed, SIDE_BASE, 0, RNG_RESAMPLE);
    rng_init(&new, options->seed, SIDE_NEW, 0, RNG_RESAMPLE);
    for (size_t i = 0; i < count; i++) {
        draws[i].base_blocks = values->base.blocks;
        draws[i].new_blocks = values->new.blocks;
        draws[i].base_widening = values->base.widening;
        draws[i].new_widening = values->new.widening;
        draws[i].is_paired = is_paired;
    }
    for (size_t n = 0; n < CONTRAST_DRAWS; n++) {
        draw(&base, values->base.blocks, values->base.weights);
        contrast_pool_sum(&values->base, values->base.weights);
        if (!is_paired)
            draw(&new, values->new.blocks, values->new.weights);
        contrast_pool_sum(&values->new,
                          is_paired ? values->base.weights : values->new.weights);
        for (size_t i = 0; i < count; i++) {
            draws[i].base[n] = contrast_pool_figure(&values->base, figures[i]).value;
            draws[i].new[n] = contrast_pool_figure(&values->new, figures[i]).value;
        }
    }
}

static bool may_pair(const struct contrast_options *options, size_t base, size_t new)
{
    return options->is_paired && base == new;
}

int contrast_values(const struct contrast_values *base, const struct contrast_values *new,
                    const struct contrast_options *options, const double *figures,
                    size_t count, struct contrast *ret_contrasts)
{
    const bool is_paired = may_pair(options, base->count, new->count);
    CLEANUP(values_deinit) struct values values = {0};
    CLEANUP(free_draws) struct contrast_draws *draws = NULL;
    int r;

    assert(count <= CONTRAST_FIGURES);
    r = contrast_pool_init(&values.base, base, is_paired ? new : NULL);
    if (r == 0)
        r = contrast_pool_init(&values.new, new, is_paired ? base : NULL);
    if (r < 0)
        return r;
    contrast_pool_sum(&values.base, NULL);
    contrast_pool_sum(&values.new, NULL);
    for (size_t i = 0; i < count; i++)
        find_figure(&values, figures[i], &ret_contrasts[i]);
    if (!any_found(ret_contrasts, count))
        return 0;
    draws = calloc(count, sizeof(*draws));
    if (!draws)
        return -ENOMEM;
    draw_values(&values, options, is_paired, figures, count, draws);
    for (size_t i = 0; i < count; i++)
        if (ret_contrasts[i].finding == CONTRAST_FOUND)
            contrast_judge(&draws[i], &ret_contrasts[i]);
    return 0;
}

/* A share by blocks. */
struct shares {
    size_t blocks;
    double widening;
    double *over; /* owned, with the next two in one piece */
    double *under;
    double *weights;
};

static int shares_init(struct shares *shares, const struct contrast_series *series,
                       const struct contrast_series *other)
{
    shares->blocks = contrast_block_count(series, other);
    shares->widening = contrast_widening(series, other, shares->blocks);
    shares->over = calloc(3 * shares->blocks, sizeof(*shares->over));
    if (!shares->over)
        return -ENOMEM;
    shares->under = shares->over + shares->blocks;
    shares->weights = shares->under + shares->blocks;
    for (size_t i = 0; i < series->count; i++) {
        const size_t block = contrast_block_of(i, series->count, shares->blocks);

        shares->over[block] += series->over[i];
        shares->under[block] += series->under[i];
    }
    return 0;
}

/* The share of the blocks as often as they were drawn; 0 where all were idle. */
static double share_of(const struct shares *shares, const double *weights)
{
    double over = 0;
    double under = 0;

    for (size_t i = 0; i < shares->blocks; i++) {
        over += weights[i] * shares->over[i];
        under += weights[i] * shares->under[i];
    }
    return under > 0 ? over / under : 0;
}

static double share_of_all(const struct contrast_series *series)
{
    double over = 0;
    double under = 0;

    for (size_t i = 0; i < series->count; i++) {
        over += series->over[i];
        under += series->under[i];
    }
    return under > 0 ? over / under : (double)NAN;
}

static int draw_sums(const struct contrast_series *base,
                     const struct contrast_series *new,
                     const struct contrast_options *options, struct contrast *contrast)
{
    CLEANUP(free_draws) struct contrast_draws *draws = calloc(1, sizeof(*draws));
    struct shares a = {0};
    struct shares b = {0};
    struct rng base_rng;
    struct rng new_rng;
    const bool is_paired = may_pair(options, base->count, new->count);
    int r = draws ? shares_init(&a, base, is_paired ? new : NULL) : -ENOMEM;
    CLEANUP(free_doubles) double *first = a.over;

    if (r == 0)
        r = shares_init(&b, new, is_paired ? base : NULL);
    CLEANUP(free_doubles) double *second = b.over;

    if (r < 0)
        return r;
    (void)first;
    (void)second;
    *draws = (struct contrast_draws){.base_blocks = a.blocks,
                                     .new_blocks = b.blocks,
                                     .base_widening = a.widening,
                                     .new_widening = b.widening,
                                     .is_paired = is_paired};
    rng_init(&base_rng, options->seed, SIDE_BASE, 0, RNG_RESAMPLE);
    rng_init(&new_rng, options->seed, SIDE_NEW, 0, RNG_RESAMPLE);
    for (size_t n = 0; n < CONTRAST_DRAWS; n++) {
        draw(&base_rng, a.blocks, a.weights);
        if (!is_paired)
            draw(&new_rng, b.blocks, b.weights);
        draws->base[n] = share_of(&a, a.weights);
        draws->new[n] = share_of(&b, is_paired ? a.weights : b.weights);
    }
    contrast_judge(draws, contrast);
    return 0;
}

int contrast_sums(const struct contrast_sums *base, const struct contrast_sums *new,
                  const struct contrast_options *options, struct contrast *ret_contrast)
{
    const struct contrast_series a = {base->over, base->under, base->count};
    const struct contrast_series b = {new->over, new->under, new->count};

    *ret_contrast = unknown;
    ret_contrast->base = share_of_all(&a);
    ret_contrast->new = share_of_all(&b);
    ret_contrast->finding = CONTRAST_NOTHING;
    if (isnan(ret_contrast->base) || isnan(ret_contrast->new))
        return 0;
    tell_change(ret_contrast);
    ret_contrast->finding = CONTRAST_FEW_STRETCHES;
    if (contrast_busy_stretches(&a) < CONTRAST_STRETCHES_LEAST ||
        contrast_busy_stretches(&b) < CONTRAST_STRETCHES_LEAST)
        return 0;
    ret_contrast->finding = CONTRAST_FOUND;
    return draw_sums(&a, &b, options, ret_contrast);
}

/* A p with where it stands. */
struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *one = a;
    const struct ranked *two = b;

    return (one->p > two->p) - (one->p < two->p);
}

int contrast_holm(const double *p, size_t count, double *ret_adjusted)
{
    struct ranked *ranked = calloc(count + 1, sizeof(*ranked));
    size_t known = 0;
    double most = 0;

    if (!ranked)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(p[i]))
            ranked[known++] = (struct ranked){.p = p[i], .at = i};
        else
            ret_adjusted[i] = (double)NAN;
    }
    qsort(ranked, known, sizeof(*ranked), by_p);
    for (size_t i = 0; i < known; i++) {
        most = fmax(most, fmin(1, (double)(known - i) * ranked[i].p));
        ret_adjusted[ranked[i].at] = most;
    }
    free(ranked);
    return 0;
}
