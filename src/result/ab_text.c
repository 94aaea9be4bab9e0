/*
 * What arms differ in, told in words.
 */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "result/ab_figure.h"
#include "result/ab_report.h"

static const struct ab_figure *figure_of(const struct ab_difference *of)
{
    const struct ab_figure *figure = NULL;

    for (size_t i = 0; (figure = ab_figure_at(i)) != NULL; i++)
        if (&figure->shown == of->difference.figure)
            break;
    return figure;
}

/* Two significant digits, but whole percents from 10 on. */
static void put_percent(struct buf *out, double share)
{
    const double percent = 100 * fabs(share);

    buf_printf(out, percent < 10 ? "%.2g%%" : "%.0f%%", percent);
}

static void put_signed(struct buf *out, double share)
{
    if (isinf(share)) {
        buf_append_str(out, share > 0 ? "no bound" : "−100%");
        return;
    }
    buf_append_str(out, share < 0 ? "−" : "+");
    put_percent(out, share);
}

static void put_p(struct buf *out, double p)
{
    if (p < 0.001)
        buf_append_str(out, "p<0.001");
    else
        buf_printf(out, "p=%.2g", p);
}

/* "ttft p95", "completion_tokens". */
static void put_name(struct buf *out, const struct difference_figure *figure)
{
    buf_append_str(out, figure->metric);
    if (!figure->is_share && strcmp(figure->aggregate, "mean") != 0)
        buf_printf(out, " %s", figure->aggregate);
}

/* The interval of the change, of a share in points; nothing where it is not known. */
static void put_interval(struct buf *out, const struct ab_difference *of)
{
    const struct contrast *contrast = &of->difference.contrast;
    const bool in_points = of->difference.figure->is_share;
    const double low = in_points ? contrast->difference_low : contrast->low;
    const double high = in_points ? contrast->difference_high : contrast->high;

    if (isnan(low) || isnan(high))
        return;
    put_signed(out, low);
    buf_append_str(out, " to ");
    put_signed(out, high);
    buf_append_str(out, in_points ? " of requests" : "");
}

/* By how much, as far as it is known: the slower one's figure may only be known to be above something. */
static void put_change(struct buf *out, const struct ab_difference *of)
{
    const struct contrast *contrast = &of->difference.contrast;

    if (of->difference.figure->is_share) {
        put_percent(out, contrast->difference);
        buf_append_str(out, " of requests");
        return;
    }
    if (contrast->new_above || contrast->base_above)
        buf_append_str(out, "at least ");
    put_percent(out, contrast->change);
}

static void say_found(const struct ab_report *report, const struct ab_difference *of,
                      struct buf *out)
{
    const struct ab_figure *figure = figure_of(of);
    const struct contrast *contrast = &of->difference.contrast;

    buf_printf(out, "%s is ", of->arm);
    put_change(out, of);
    buf_printf(out, " %s than %s at ",
               contrast->difference > 0 ? figure->more : figure->less,
               ab_report_base(report));
    put_name(out, &figure->shown);
    buf_append_str(out, " (");
    put_interval(out, of);
    buf_append_str(out, ", ");
    put_p(out, of->difference.p_adjusted);
    buf_append_char(out, ')');
}

/* Whether chance does not explain it, whatever is better. */
static bool is_sure(const struct ab_difference *of)
{
    return of->difference.p_adjusted < DIFFERENCE_LEVEL &&
           (of->verdict == DIFFERENCE_REGRESSION ||
            of->verdict == DIFFERENCE_IMPROVEMENT ||
            (of->difference.figure->better == BETTER_NEITHER &&
             fabs(of->difference.contrast.change) > of->limit));
}

void ab_report_say(const struct ab_report *report, const struct ab_difference *of,
                   struct buf *out)
{
    if (is_sure(of)) {
        say_found(report, of, out);
        return;
    }
    buf_printf(out, "%s and %s: ", of->arm, ab_report_base(report));
    buf_append_str(out, of->verdict == DIFFERENCE_NONE
                            ? "no difference that matters at "
                            : "too little data to tell a difference at ");
    put_name(out, of->difference.figure);
    if (isnan(of->difference.contrast.low) || isnan(of->difference.contrast.high))
        return;
    buf_append_str(out, " (");
    put_interval(out, of);
    buf_append_char(out, ')');
}

void ab_report_say_arm(const struct ab_report *report, const char *arm, struct buf *out)
{
    const struct ab_difference *of = NULL;
    size_t compared = 0;
    size_t found = 0;

    for (size_t i = 0; (of = ab_report_at(report, i)) != NULL; i++) {
        if (strcmp(of->arm, arm) != 0)
            continue;
        compared++;
        if (!is_sure(of))
            continue;
        buf_append_str(out, found++ > 0 ? "; " : "");
        say_found(report, of, out);
    }
    if (found == 0)
        buf_printf(out, "%s and %s: no difference is shown in %zu figures", arm,
                   ab_report_base(report), compared);
    else if (found < compared)
        buf_printf(out, "; no difference is shown in the other %zu", compared - found);
}
