#include "result/ab_report.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "measure/arm_view.h"
#include "measure/recorder.h"
#include "measure/stretches.h"
#include "plan/plan.h"
#include "result/ab_figure.h"

/* Of the resampling: the same run always gets the same answer. */
#define SEED 1

struct ab_report {
    const struct plan *plan;
    struct ab_difference *differences; /* owned */
    size_t count;
    char (*selectors)[AB_SELECTOR_BYTES]; /* owned: of each arm */
};

DEFINE_CLEANUP(struct ab_report, ab_report_free)

struct ab_report *ab_report_free(struct ab_report *report)
{
    if (report) {
        free(report->differences);
        free(report->selectors);
    }
    free(report);
    return NULL;
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

static double sum_of(const struct stretches *arm, enum arm_sum which)
{
    const struct contrast_sums sums = stretches_sums(arm, which, which);
    double sum = 0;

    for (size_t i = 0; i < sums.count; i++)
        sum += sums.over[i];
    return sum;
}

static int contrast_latency(size_t first, size_t count, const struct stretches *base,
                            const struct stretches *arm, struct contrast *ret_contrasts)
{
    const struct contrast_options options = {.seed = SEED, .is_paired = true};
    const enum arm_latency latency = ab_figure_at(first)->latency;
    const struct contrast_values a = stretches_values(base, latency);
    const struct contrast_values b = stretches_values(arm, latency);
    double quantiles[CONTRAST_FIGURES];

    for (size_t i = 0; i < count; i++)
        quantiles[i] = ab_figure_at(first + i)->quantile;
    return contrast_values(&a, &b, &options, quantiles, count, ret_contrasts);
}

static int contrast_sum(const struct ab_figure *figure, const struct stretches *base,
                        const struct stretches *arm, struct contrast *ret_contrast)
{
    const struct contrast_options options = {.seed = SEED, .is_paired = true};
    const struct contrast_sums a = stretches_sums(base, figure->over, ARM_ENDED);
    const struct contrast_sums b = stretches_sums(arm, figure->over, ARM_ENDED);
    const int r = contrast_sums(&a, &b, &options, ret_contrast);

    ret_contrast->samples_base = (uint64_t)sum_of(base, ARM_ENDED);
    ret_contrast->samples_new = (uint64_t)sum_of(arm, ARM_ENDED);
    return r;
}

/* Figures of one latency, which are drawn together, from an index on; of a sum one. */
static size_t figures_from(size_t index)
{
    const struct ab_figure *first = ab_figure_at(index);
    size_t count = 1;

    while (first->is_latency && count < CONTRAST_FIGURES) {
        const struct ab_figure *next = ab_figure_at(index + count);

        if (!next || !next->is_latency || next->latency != first->latency)
            break;
        count++;
    }
    return count;
}

/* What was never observed of either side is no figure of this run: nothing streams, no model has a price. */
static bool is_missing(const struct ab_figure *figure, const struct contrast *contrast)
{
    if (figure->is_latency)
        return contrast->samples_base == 0 && contrast->samples_new == 0;
    if (figure->over == ARM_PUSD) /* one side's price tells nothing beside none */
        return !(contrast->base > 0) || !(contrast->new > 0);
    return figure->over == ARM_TOKENS && !(contrast->base > 0);
}

static void add(struct ab_report *report, size_t arm, const struct ab_figure *figure,
                struct contrast *contrast)
{
    scale(contrast, figure->per);
    if (is_missing(figure, contrast))
        return;
    report->differences[report->count++] =
        (struct ab_difference){.difference = {.figure = &figure->shown,
                                              .selector = report->selectors[arm],
                                              .contrast = *contrast},
                               .arm = report->plan->ab.arms[arm].name};
}

static int compare_arm(struct ab_report *report, const struct recorder *recorder,
                       size_t index)
{
    const struct plan_ab *ab = &report->plan->ab;
    const struct stretches *base = recorder_arm(recorder, ab->base);
    const struct stretches *arm = recorder_arm(recorder, index);
    struct contrast contrasts[CONTRAST_FIGURES];
    size_t count = 0;

    ab_figure_selector(ab->arms[index].name, report->selectors[index]);
    for (size_t i = 0; base && arm && ab_figure_at(i); i += count) {
        int r;

        count = figures_from(i);
        r = ab_figure_at(i)->is_latency
                ? contrast_latency(i, count, base, arm, contrasts)
                : contrast_sum(ab_figure_at(i), base, arm, contrasts);
        if (r < 0)
            return r;
        for (size_t j = 0; j < count; j++)
            add(report, index, ab_figure_at(i + j), &contrasts[j]);
    }
    return 0;
}

static int adjust(struct ab_report *report)
{
    double *p = calloc(report->count + 1, sizeof(*p));
    int r = -ENOMEM;

    for (size_t i = 0; p && i < report->count; i++)
        p[i] = report->differences[i].difference.contrast.p;
    if (p)
        r = contrast_holm(p, report->count, p);
    for (size_t i = 0; r == 0 && i < report->count; i++)
        report->differences[i].difference.p_adjusted = p[i];
    free(p);
    return r;
}

static void judge(struct ab_difference *of)
{
    of->limit = AB_LIMIT;
    of->verdict = difference_judge(&of->difference, AB_LIMIT);
    if (of->verdict == DIFFERENCE_REGRESSION || of->verdict == DIFFERENCE_IMPROVEMENT)
        return;
    of->limit = DIFFERENCE_LIMIT;
    of->verdict = difference_judge(&of->difference, DIFFERENCE_LIMIT);
}

int ab_report_new(const struct recorder *recorder, const struct plan *plan,
                  struct ab_report **ret_report)
{
    CLEANUP(ab_report_freep) struct ab_report *report = NULL;
    int r = 0;

    *ret_report = NULL;
    if (plan->ab.arm_count == 0)
        return 0;
    report = calloc(1, sizeof(*report));
    if (!report)
        return -ENOMEM;
    report->plan = plan;
    report->selectors = calloc(plan->ab.arm_count, sizeof(*report->selectors));
    report->differences =
        calloc(plan->ab.arm_count * AB_FIGURES, sizeof(*report->differences));
    if (!report->selectors || !report->differences)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < plan->ab.arm_count; i++)
        if (i != plan->ab.base)
            r = compare_arm(report, recorder, i);
    if (r == 0)
        r = adjust(report);
    if (r < 0)
        return r;
    for (size_t i = 0; i < report->count; i++)
        judge(&report->differences[i]);
    *ret_report = TAKE(report);
    return 0;
}

const struct ab_difference *ab_report_at(const struct ab_report *report, size_t index)
{
    return report && index < report->count ? &report->differences[index] : NULL;
}

const char *ab_report_base(const struct ab_report *report)
{
    return report->plan->ab.arms[report->plan->ab.base].name;
}
