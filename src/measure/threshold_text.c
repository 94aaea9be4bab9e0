#include <math.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "expr/threshold.h"
#include "measure/threshold.h"

const char *threshold_unit_name(enum threshold_unit unit)
{
    switch (unit) {
    case THRESHOLD_UNIT_MS:
        return "ms";
    case THRESHOLD_UNIT_FRACTION:
        return "fraction";
    case THRESHOLD_UNIT_COUNT:
        return "count";
    case THRESHOLD_UNIT_PER_S:
        return "per_second";
    case THRESHOLD_UNIT_USD:
        return "usd";
    case THRESHOLD_UNIT_NUMBER:
        return "number";
    case THRESHOLD_UNIT_GRADE:
        break;
    }
    return "grade";
}

/* What a file or a server claimed may be more than there is room for. */
static double within(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

static void say(enum threshold_unit unit, double value, struct buf *out)
{
    switch (unit) {
    case THRESHOLD_UNIT_MS:
        quantity_format_latency(out,
                                (uint64_t)within(value * (double)NS_PER_MS, 0, 1e19));
        break;
    case THRESHOLD_UNIT_FRACTION:
        buf_printf(out, "%.4g%%", value * 100);
        break;
    case THRESHOLD_UNIT_COUNT:
        buf_printf(out, "%.0f", value);
        break;
    case THRESHOLD_UNIT_NUMBER:
        quantity_format_number(out, value);
        break;
    case THRESHOLD_UNIT_PER_S:
        buf_printf(out, "%.3g/s", value);
        break;
    case THRESHOLD_UNIT_USD:
        quantity_format_money(out,
                              (int64_t)within(value * (double)PUSD_PER_USD, -9e18, 9e18));
        break;
    case THRESHOLD_UNIT_GRADE:
        buf_append_char(
            out, trust_letter((enum trust_grade)(THRESHOLD_BEST_GRADE - (int)value)));
        break;
    }
}

void threshold_say_value(const struct threshold_judgement *judgement, struct buf *out)
{
    if (judgement->above)
        buf_append_str(out, "more than ");
    say(judgement->unit, judgement->value, out);
}

void threshold_say_change(const struct threshold_judgement *judgement, struct buf *out)
{
    const struct threshold_change *change = &judgement->change;

    if (!change->phase)
        return;
    buf_append_str(out, " (");
    say(change->unit, change->first, out);
    buf_append_str(out, " to ");
    say(change->unit, change->last, out);
    buf_printf(out, " in %s; 95%% interval ", change->phase);
    say(judgement->unit, change->low, out);
    buf_append_str(out, " to ");
    say(judgement->unit, change->high, out);
    buf_append_char(out, ')');
}

void threshold_say_baseline(const struct threshold_judgement *judgement, struct buf *out)
{
    if (!judgement->compared || !judgement->known)
        return;
    buf_append_str(out, ", and the baseline is ");
    say(judgement->unit, judgement->baseline, out);
}
