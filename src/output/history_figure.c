#include "output/history_figure.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "output/summary_reader.h"

#define NOTHING "–"

/* To four digits; whole numbers stay whole. */
static double rounded(double value)
{
    const double scale = pow(10, 3 - floor(log10(fabs(value))));

    return value == 0 || fabs(value) >= 1000 ? round(value)
                                             : round(value * scale) / scale;
}

void figure_say(struct buf *out, double value, const char *unit)
{
    if (!isfinite(value)) {
        buf_append_str(out, NOTHING);
    } else if (strcmp(unit, "ms") == 0) {
        quantity_format_latency(
            out, value > 0 ? (uint64_t)llround(value * (double)NS_PER_MS) : 0);
    } else if (strcmp(unit, "fraction") == 0) {
        buf_printf(out, "%.*f%%",
                   value == 0          ? 0
                   : fabs(value) < 0.1 ? 2
                                       : 1,
                   value * 100);
    } else if (strcmp(unit, "USD") == 0) {
        quantity_format_money(out, (int64_t)llround(value * (double)PUSD_PER_USD));
    } else {
        quantity_format_number(out, rounded(value));
        if (*unit)
            buf_printf(out, "%s%s", *unit == '/' ? "" : " ", unit);
    }
}

void figure_say_point(struct buf *out, const json_t *point, const char *unit)
{
    const double above = summary_number(point, "above");

    if (!isfinite(summary_number(point, "value")) && isfinite(above)) {
        buf_append_str(out, "> ");
        figure_say(out, above, unit);
        return;
    }
    figure_say(out, summary_number(point, "value"), unit);
}

void figure_say_change(struct buf *out, double value, double than)
{
    const double change = value == than ? 0 : value / than - 1;

    if (!isfinite(change) || fabs(change) > 99)
        buf_append_str(out, NOTHING);
    else
        buf_printf(out, "%+.1f%%", fabs(change) < 0.0005 ? 0.0 : change * 100);
}

void figure_say_moment(struct buf *out, const char *moment)
{
    if (strlen(moment) < strlen("2026-11-28T14:40")) {
        buf_append_printable(out, moment, strlen(moment));
        return;
    }
    buf_append_printable(out, moment, 10);
    buf_append_char(out, ' ');
    buf_append_printable(out, moment + 11, 5);
}
