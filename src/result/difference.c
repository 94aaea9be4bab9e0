#include "result/difference.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "result/json_tree.h"

#define VALUE_DECIMALS 12 /* money, to the pico-dollar */
#define FRACTION_DECIMALS 6
#define P_DECIMALS 9

/* Above 0: the new side is worse. NAN where that cannot be said. */
static double worse_by(const struct difference *difference)
{
    const struct contrast *contrast = &difference->contrast;

    switch (difference->figure->better) {
    case BETTER_LOWER:
        return contrast->difference;
    case BETTER_HIGHER:
        return -contrast->difference;
    case BETTER_NEITHER:
        break;
    }
    return (double)NAN;
}

static bool is_large(const struct difference *difference, double limit)
{
    const struct contrast *contrast = &difference->contrast;

    if (difference->figure->is_share && fabs(contrast->difference) < DIFFERENCE_POINTS)
        return false;
    return isnan(contrast->change) ? contrast->difference != 0
                                   : fabs(contrast->change) > limit;
}

/* A bound that is below the other side may hide anything. */
static bool is_one_sided(const struct contrast *contrast)
{
    return (!contrast->new_above || contrast->difference > 0) &&
           (!contrast->base_above || contrast->difference < 0);
}

static bool is_sure(const struct difference *difference)
{
    const struct contrast *contrast = &difference->contrast;

    if (contrast->finding == CONTRAST_BOTH_ABOVE ||
        contrast->finding == CONTRAST_NOTHING || !is_one_sided(contrast))
        return false;
    return difference->by_size || difference->p_adjusted < DIFFERENCE_LEVEL;
}

/* Whether the interval rules out that the new side is worse, or better, by more than the limit. */
static bool is_ruled_out(const struct difference *difference, double limit)
{
    const struct contrast *contrast = &difference->contrast;

    if (difference->by_size)
        return !isnan(contrast->change);
    if (difference->figure->is_share)
        return contrast->difference_low >= -limit && contrast->difference_high <= limit;
    return contrast->low >= -limit && contrast->high <= limit;
}

enum difference_verdict difference_judge(const struct difference *difference,
                                         double limit)
{
    const double worse = worse_by(difference);

    if (is_sure(difference) && is_large(difference, limit) && worse > 0)
        return DIFFERENCE_REGRESSION;
    if (is_sure(difference) && is_large(difference, limit) && worse < 0)
        return DIFFERENCE_IMPROVEMENT;
    /* What is sure and small has been told; what is neither sure nor ruled out has not. */
    return is_sure(difference) || is_ruled_out(difference, limit) ? DIFFERENCE_NONE
                                                                  : DIFFERENCE_UNCLEAR;
}

bool difference_exceeds(const struct difference *difference, double limit)
{
    return difference_judge(difference, limit) == DIFFERENCE_REGRESSION;
}

const char *difference_verdict_name(enum difference_verdict verdict)
{
    static const char *const names[] = {
        [DIFFERENCE_NONE] = "no_change",
        [DIFFERENCE_UNCLEAR] = "not_enough_data",
        [DIFFERENCE_IMPROVEMENT] = "improvement",
        [DIFFERENCE_REGRESSION] = "regression",
    };

    return names[verdict];
}

static const char *better_name(enum difference_better better)
{
    static const char *const names[] = {
        [BETTER_LOWER] = "lower",
        [BETTER_HIGHER] = "higher",
        [BETTER_NEITHER] = "neither",
    };

    return names[better];
}

/* A bound stands in `above`, where no script takes it for the value. */
static void put_values(struct json_tree *tree, json_t *row,
                       const struct contrast *contrast)
{
    json_t *above = NULL;

    json_tree_put_number(tree, row, "base",
                         contrast->base_above ? (double)NAN : contrast->base,
                         VALUE_DECIMALS);
    json_tree_put_number(tree, row, "new",
                         contrast->new_above ? (double)NAN : contrast->new,
                         VALUE_DECIMALS);
    if (!contrast->base_above && !contrast->new_above)
        return;
    above = json_tree_put_object(tree, row, "above");
    if (contrast->base_above)
        json_tree_put_number(tree, above, "base", contrast->base, VALUE_DECIMALS);
    if (contrast->new_above)
        json_tree_put_number(tree, above, "new", contrast->new, VALUE_DECIMALS);
}

void difference_put(struct json_tree *tree, json_t *differences,
                    const struct difference *difference, double limit)
{
    const struct contrast *contrast = &difference->contrast;
    const struct difference_figure *figure = difference->figure;
    json_t *row = json_tree_object(tree);

    json_tree_put_text(tree, row, "metric", figure->metric);
    json_tree_put_text(tree, row, "aggregate", figure->aggregate);
    json_tree_put_text(tree, row, "selector", difference->selector);
    json_tree_put_text(tree, row, "unit", figure->unit);
    put_values(tree, row, contrast);
    json_tree_put_number(tree, row, "change", contrast->change, FRACTION_DECIMALS);
    json_tree_put_number(tree, row, "low", contrast->low, FRACTION_DECIMALS);
    json_tree_put_number(tree, row, "high", contrast->high, FRACTION_DECIMALS);
    json_tree_put_number(tree, row, "difference", contrast->difference, VALUE_DECIMALS);
    json_tree_put_number(tree, row, "difference_low", contrast->difference_low,
                         VALUE_DECIMALS);
    json_tree_put_number(tree, row, "difference_high", contrast->difference_high,
                         VALUE_DECIMALS);
    json_tree_put_number(tree, row, "p", contrast->p, P_DECIMALS);
    json_tree_put_number(tree, row, "p_adjusted", difference->p_adjusted, P_DECIMALS);
    json_tree_put_text(tree, row, "better", better_name(figure->better));
    json_tree_put_text(tree, row, "verdict",
                       difference_verdict_name(difference_judge(difference, limit)));
    json_tree_put_count(tree, row, "samples_base", contrast->samples_base);
    json_tree_put_count(tree, row, "samples_new", contrast->samples_new);
    json_tree_append(tree, differences, row);
}

int differences_adjust(struct difference *differences, size_t count)
{
    double *p = calloc(count + 1, sizeof(*p));
    int r = -ENOMEM;

    for (size_t i = 0; p && i < count; i++)
        p[i] = differences[i].contrast.p;
    if (p)
        r = contrast_holm(p, count, p);
    for (size_t i = 0; r == 0 && i < count; i++)
        differences[i].p_adjusted = p[i];
    free(p);
    return r;
}
