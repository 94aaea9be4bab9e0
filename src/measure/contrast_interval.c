#include "measure/contrast_interval.h"

#include <math.h>
#include <stdlib.h>

#include "measure/contrast.h"
#include "measure/normal.h"
#include "measure/welch.h"

/* The 97.5% quantile of the normal distribution. */
#define Z 1.959963984540054
/* Fewer draws than these in a tail do not tell how thick it is. */
#define TAIL_DRAWS 10
/* Beyond so many standard deviations nothing is told apart. */
#define Z_MOST 8

static double normal_upper_tail(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

double contrast_student_p(double t, double degrees)
{
    double low = 0;
    double high = Z_MOST;

    if (isnan(t))
        return (double)NAN;
    if (t >= welch_t(Z_MOST, degrees))
        return 2 * normal_upper_tail(Z_MOST);
    for (int i = 0; i < 50; i++) {
        const double middle = (low + high) / 2;

        if (welch_t(middle, degrees) < t)
            low = middle;
        else
            high = middle;
    }
    return 2 * normal_upper_tail(high);
}

static double variance_of(const double *values)
{
    double sum = 0;
    double squares = 0;

    for (size_t i = 0; i < CONTRAST_DRAWS; i++)
        sum += values[i];
    for (size_t i = 0; i < CONTRAST_DRAWS; i++)
        squares +=
            (values[i] - sum / CONTRAST_DRAWS) * (values[i] - sum / CONTRAST_DRAWS);
    return squares / (CONTRAST_DRAWS - 1);
}

/* Of Welch's test, from what each side varies by. */
static double degrees_of(const struct contrast_draws *draws, const double *base,
                         const double *new)
{
    const double base_degrees = (double)draws->base_blocks - 1;
    const double new_degrees = (double)draws->new_blocks - 1;
    const double a = variance_of(base);
    const double b = variance_of(new);
    const double squares = a * a / base_degrees + b * b / new_degrees;

    if (draws->is_paired || !(squares > 0))
        return fmin(base_degrees, new_degrees);
    return (a + b) * (a + b) / squares;
}

/* Of the difference of both, as much as each side has part in it. */
static double widening_of(const struct contrast_draws *draws, const double *base,
                          const double *new)
{
    const double a = variance_of(base);
    const double b = variance_of(new);
    const double wide_a = draws->base_widening * draws->base_widening * a;
    const double wide_b = draws->new_widening * draws->new_widening * b;

    if (draws->is_paired || !(a + b > 0))
        return draws->base_widening;
    return sqrt((wide_a + wide_b) / (a + b));
}

static int by_value(const void *a, const void *b)
{
    const double *one = a;
    const double *two = b;

    return (*one > *two) - (*one < *two);
}

/* What is known of a difference. */
struct estimate {
    double low;
    double high;
    double p;
};

/* How many standard deviations "no difference" is away, by the draws on its other side. */
static double deviations(double point, const double *drawn)
{
    double beyond = 0;

    for (size_t i = 0; i < CONTRAST_DRAWS; i++) {
        beyond += point > 0 ? drawn[i] < 0 : drawn[i] > 0;
        beyond += drawn[i] == 0 ? 0.5 : 0;
    }
    if (beyond >= CONTRAST_DRAWS / 2.0)
        return 0;
    if (beyond >= TAIL_DRAWS)
        return normal_deviations(beyond / CONTRAST_DRAWS);
    return fmax(normal_deviations((double)TAIL_DRAWS / CONTRAST_DRAWS),
                fabs(point) / sqrt(variance_of(drawn)));
}

/* Of a difference of which `point` was seen, and these were drawn, which it widens and sorts. */
static struct estimate estimate_of(double point, double blocks_degrees, double widening,
                                   double *drawn)
{
    /* What remembers tells less of how much it varies, too. */
    const double degrees = fmax(blocks_degrees / widening, 2);
    /* What a percentile interval of so few blocks is too narrow by: Hesterberg, section 3.3. */
    const double expansion = sqrt((degrees + 1) / degrees);
    const double share = normal_upper_tail(welch_t(Z, degrees) * expansion);
    const size_t rank = (size_t)(share * CONTRAST_DRAWS);
    double z;

    for (size_t i = 0; i < CONTRAST_DRAWS; i++)
        drawn[i] = point + widening * (drawn[i] - point);
    z = point == 0 ? 0 : deviations(point, drawn);
    qsort(drawn, CONTRAST_DRAWS, sizeof(*drawn), by_value);
    return (struct estimate){
        .low = drawn[rank],
        .high = drawn[CONTRAST_DRAWS - 1 - rank],
        .p = z == 0 ? 1 : contrast_student_p(z / expansion, degrees),
    };
}

static bool all_positive(const double *values)
{
    for (size_t i = 0; i < CONTRAST_DRAWS; i++)
        if (!(values[i] > 0))
            return false;
    return true;
}

static void judge_difference(const struct contrast_draws *draws,
                             struct contrast *contrast)
{
    double drawn[CONTRAST_DRAWS];
    struct estimate estimate;

    for (size_t i = 0; i < CONTRAST_DRAWS; i++)
        drawn[i] = draws->new[i] - draws->base[i];
    estimate =
        estimate_of(contrast->difference, degrees_of(draws, draws->base, draws->new),
                    widening_of(draws, draws->base, draws->new), drawn);
    contrast->difference_low = estimate.low;
    contrast->difference_high = estimate.high;
    contrast->p = estimate.p;
}

/* On logarithms, where twice as long and half as long are as far from "no change". */
static void judge_change(const struct contrast_draws *draws, struct contrast *contrast)
{
    double base[CONTRAST_DRAWS];
    double new[CONTRAST_DRAWS];
    double drawn[CONTRAST_DRAWS];
    struct estimate estimate;

    for (size_t i = 0; i < CONTRAST_DRAWS; i++) {
        base[i] = log(draws->base[i]);
        new[i] = log(draws->new[i]);
        drawn[i] = new[i] - base[i];
    }
    estimate =
        estimate_of(log(contrast->new / contrast->base), degrees_of(draws, base, new),
                    widening_of(draws, base, new), drawn);
    contrast->low = expm1(estimate.low);
    contrast->high = expm1(estimate.high);
    contrast->p = estimate.p;
}

/* A bound on a side leaves the interval open on the side on which the truth may lie. */
static void open_interval(struct contrast *contrast)
{
    if (contrast->new_above) {
        contrast->high = contrast->difference_high = (double)INFINITY;
    } else if (contrast->base_above) {
        contrast->low = -1;
        contrast->difference_low = -(double)INFINITY;
    }
    /* What is at least so great may be any greater, and only a bound that is above proves anything. */
    if ((contrast->new_above && contrast->difference <= 0) ||
        (contrast->base_above && contrast->difference >= 0))
        contrast->p = (double)NAN;
}

void contrast_judge(const struct contrast_draws *draws, struct contrast *contrast)
{
    judge_difference(draws, contrast);
    if (contrast->base > 0 && contrast->new > 0 && all_positive(draws->base) &&
        all_positive(draws->new))
        judge_change(draws, contrast);
    open_interval(contrast);
}
