#include "result/comparison_contrast.h"

#include <assert.h>
#include <math.h>

#include "base/cleanup.h"

/* Of the resampling: the same runs always get the same answer. */
#define SEED 1
/* Where a file has no censored observations, so many of the rarer side may be missing from it. */
#define MISSING 0.1

/* What is known without any evidence. */
static const struct contrast bare = {
    .finding = CONTRAST_FEW_STRETCHES,
    .change = (double)NAN,
    .low = (double)NAN,
    .high = (double)NAN,
    .difference_low = (double)NAN,
    .difference_high = (double)NAN,
    .p = (double)NAN,
};

/* A time that became a rate: what was the longest is the lowest. */
static struct contrast invert(const struct contrast *from)
{
    struct contrast contrast = *from;

    contrast.base = 1 / from->base;
    contrast.new = 1 / from->new;
    contrast.change = 1 / (1 + from->change) - 1;
    contrast.low = 1 / (1 + from->high) - 1;
    contrast.high = 1 / (1 + from->low) - 1;
    contrast.difference = contrast.new - contrast.base;
    contrast.difference_low = contrast.base * contrast.low;
    contrast.difference_high = contrast.base * contrast.high;
    return contrast;
}

/* In the figure's unit. */
static void scale(struct contrast *contrast, double per)
{
    contrast->base *= per;
    contrast->new *= per;
    contrast->difference *= per;
    contrast->difference_low *= per;
    contrast->difference_high *= per;
}

/*
 * Takes the values of the summaries, which are finer than those of the evidence and know what was censored, and moves the
 * intervals by as much.
 */
static void settle(struct contrast *contrast, double base, double new)
{
    const double difference = new - base;
    const double change = base > 0 ? new / base - 1 : (double)NAN;
    const double factor = (1 + change) / (1 + contrast->change);
    const double by = difference - contrast->difference;

    if (isfinite(factor)) {
        contrast->low = (1 + contrast->low) * factor - 1;
        contrast->high = (1 + contrast->high) * factor - 1;
    }
    contrast->difference_low += by;
    contrast->difference_high += by;
    contrast->base = base;
    contrast->new = new;
    contrast->change = change;
    contrast->difference = difference;
}

/*
 * Nothing of so many: the share may be 3.7 in so many all the same (97.5% of the binomial distribution; J. A. Hanley and
 * A. Lippman-Hand, "If Nothing Goes Wrong, Is Everything All Right?", JAMA 249, 1983).
 */
static void bound_nothing(struct contrast *contrast, double base_trials,
                          double new_trials)
{
    static const double most = 3.688879454113936; /* −ln 0.025 */

    if (contrast->base > 0 || contrast->new > 0 || !(base_trials > 0) ||
        !(new_trials > 0))
        return;
    contrast->difference_low = -fmin(most / base_trials, 1);
    contrast->difference_high = fmin(most / new_trials, 1);
}

static double sum_of(const struct stretches *stretches, enum evidence_sum which)
{
    const struct contrast_sums sums = stretches_sums(stretches, which, which);
    double sum = 0;

    for (size_t i = 0; i < sums.count; i++)
        sum += sums.over[i];
    return sum;
}

static int contrast_sum(const struct comparison_sides *sides,
                        const struct comparison_figure *figure,
                        struct contrast *ret_contrast)
{
    const struct contrast_options options = {.seed = SEED, .is_paired = sides->is_paired};
    const bool per_second = figure->under == EVIDENCE_SUMS;
    const struct stretches *a = sides->base.stretches;
    const struct stretches *b = sides->new.stretches;
    const struct contrast_sums base =
        per_second ? stretches_per_second(a, figure->over)
                   : stretches_sums(a, figure->over, figure->under);
    const struct contrast_sums new = per_second
                                         ? stretches_per_second(b, figure->over)
                                         : stretches_sums(b, figure->over, figure->under);
    const int r = contrast_sums(&base, &new, &options, ret_contrast);

    if (r < 0)
        return r;
    if (!per_second) {
        ret_contrast->samples_base = (uint64_t)sum_of(a, figure->under);
        ret_contrast->samples_new = (uint64_t)sum_of(b, figure->under);
    }
    scale(ret_contrast, figure->per);
    if (figure->shown.is_share)
        bound_nothing(ret_contrast, (double)ret_contrast->samples_base,
                      (double)ret_contrast->samples_new);
    return 0;
}

/* The figures of a metric, from the one in hand on. */
static size_t quantiles_of(size_t index, double quantiles[CONTRAST_FIGURES])
{
    const struct comparison_figure *first = comparison_figure_at(index);
    size_t count = 0;

    while (count < CONTRAST_FIGURES) {
        const struct comparison_figure *figure = comparison_figure_at(index + count);

        if (!figure || !figure->is_latency || figure->latency != first->latency)
            break;
        quantiles[count++] = figure->quantile;
    }
    return count;
}

/* What a file without censored observations cannot tell. */
static bool is_blind(const struct comparison_sides *sides,
                     const struct comparison_figure *figure)
{
    const json_t *objects[] = {sides->base.object, sides->new.object};
    const double rarer = figure->quantile == CONTRAST_MEAN ? 0.1 : 1 - figure->quantile;

    for (size_t i = 0; i < COUNT_OF(objects) && !sides->has_censoring; i++) {
        const json_t *metric =
            json_object_get(json_object_get(objects[i], "metrics"), figure->shown.metric);
        const double count = json_number_value(json_object_get(metric, "count"));
        const double censored = json_number_value(json_object_get(metric, "censored"));

        if (censored > MISSING * rarer * (count + censored))
            return true;
    }
    return false;
}

static int contrast_latencies(const struct comparison_sides *sides, size_t index,
                              struct contrast *ret_contrasts, size_t count)
{
    const struct contrast_options options = {.seed = SEED, .is_paired = sides->is_paired};
    const enum evidence_latency latency = comparison_figure_at(index)->latency;
    const struct contrast_values base = stretches_values(sides->base.stretches, latency);
    const struct contrast_values new = stretches_values(sides->new.stretches, latency);
    double quantiles[CONTRAST_FIGURES];
    int r;

    (void)quantiles_of(index, quantiles);
    r = contrast_values(&base, &new, &options, quantiles, count, ret_contrasts);
    for (size_t i = 0; i < count && r == 0; i++) {
        const struct comparison_figure *figure = comparison_figure_at(index + i);

        if (is_blind(sides, figure))
            ret_contrasts[i] = bare;
        if (figure->is_inverse)
            ret_contrasts[i] = invert(&ret_contrasts[i]);
        scale(&ret_contrasts[i], figure->per);
    }
    return r;
}

/* The figures of a metric from an index on, or the one sum that stands there. */
static size_t figures_from(size_t index)
{
    double quantiles[CONTRAST_FIGURES];

    return comparison_figure_at(index)->is_latency ? quantiles_of(index, quantiles) : 1;
}

/* Whether any of them is asked for, and known of both sides. */
static bool any_wanted(const struct comparison_sides *sides, bool of_parts, size_t index,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct comparison_figure *figure = comparison_figure_at(index + i);
        bool above;

        if ((!of_parts || figure->of_parts) &&
            !isnan(comparison_figure_value(figure, sides->base.object, &above)) &&
            !isnan(comparison_figure_value(figure, sides->new.object, &above)))
            return true;
    }
    return false;
}

/* So many figures from an index on. */
static int contrast_next(const struct comparison_sides *sides, size_t index,
                         struct contrast contrasts[CONTRAST_FIGURES], size_t count)
{
    const struct comparison_figure *figure = comparison_figure_at(index);

    if (!sides->base.stretches || !sides->new.stretches) {
        for (size_t i = 0; i < count; i++)
            contrasts[i] = bare;
        return 0;
    }
    return figure->is_latency ? contrast_latencies(sides, index, contrasts, count)
                              : contrast_sum(sides, figure, &contrasts[0]);
}

/* False where a side has no such figure. */
static bool take_values(const struct comparison_sides *sides,
                        const struct comparison_figure *figure, struct contrast *contrast)
{
    bool base_above = false;
    bool new_above = false;
    const double base = comparison_figure_value(figure, sides->base.object, &base_above);
    const double new = comparison_figure_value(figure, sides->new.object, &new_above);

    if (isnan(base) || isnan(new))
        return false;
    if (base_above && new_above)
        contrast->finding = CONTRAST_BOTH_ABOVE;
    contrast->base_above = base_above;
    contrast->new_above = new_above;
    settle(contrast, base, new);
    return true;
}

int comparison_contrast(const struct comparison_sides *sides, bool of_parts,
                        const char *selector,
                        struct difference ret_differences[COMPARISON_FIGURES],
                        size_t *ret_count)
{
    struct contrast contrasts[CONTRAST_FIGURES];
    size_t taken = 0;
    size_t count = 0;

    for (size_t index = 0; comparison_figure_at(index); index += count) {
        int r;

        count = figures_from(index);
        if (!any_wanted(sides, of_parts, index, count))
            continue;
        r = contrast_next(sides, index, contrasts, count);
        if (r < 0)
            return r;
        for (size_t i = 0; i < count; i++) {
            const struct comparison_figure *figure = comparison_figure_at(index + i);

            if ((of_parts && !figure->of_parts) ||
                !take_values(sides, figure, &contrasts[i]))
                continue;
            assert(taken < COMPARISON_FIGURES);
            ret_differences[taken++] = (struct difference){
                .figure = &figure->shown,
                .selector = selector,
                .contrast = contrasts[i],
                .p_adjusted = (double)NAN,
                .by_size = !sides->base.stretches || !sides->new.stretches,
            };
        }
    }
    *ret_count = taken;
    return 0;
}
