#include "output/comparison_cells.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "output/summary_reader.h"

#define DASH "–"

static void say(struct buf *out, const char *unit, double value)
{
    if (strcmp(unit, "ms") == 0)
        quantity_format_latency(out, (uint64_t)(value * (double)NS_PER_MS));
    else if (strcmp(unit, "USD") == 0)
        quantity_format_money(out, (int64_t)(value * (double)PUSD_PER_USD));
    else if (strcmp(unit, "fraction") == 0)
        buf_printf(out, "%.2f%%", 100 * value);
    else
        buf_printf(out, "%.*f", fabs(value) < 100 ? 2 : 1, value);
}

/* Only known to be above. */
static bool is_above(const json_t *row, const char *side)
{
    return json_is_number(json_object_get(json_object_get(row, "above"), side));
}

void comparison_say_value(struct buf *out, const json_t *row, const char *side)
{
    const char *unit = summary_text(row, "unit");
    const bool above = is_above(row, side);
    const double value =
        summary_number(above ? json_object_get(row, "above") : row, side);

    if (isnan(value)) {
        buf_append_str(out, DASH);
        return;
    }
    buf_append_str(out, above ? "> " : "");
    say(out, unit, value);
}

/* Shares differ in points: nothing is a percentage of an error rate of 0. */
static bool in_points(const json_t *row)
{
    return strcmp(summary_text(row, "unit"), "fraction") == 0;
}

static void say_by(struct buf *out, const json_t *row, double by)
{
    if (in_points(row))
        buf_printf(out, "%+.2f pp", 100 * by);
    else
        buf_printf(out, fabs(by) < 10 ? "%+.1f%%" : "%+.0f%%", 100 * by);
}

void comparison_say_change(struct buf *out, const json_t *row)
{
    const double by = summary_number(row, in_points(row) ? "difference" : "change");

    if (isnan(by)) {
        buf_append_str(out, DASH);
        return;
    }
    if (is_above(row, "new"))
        buf_append_str(out, is_above(row, "base") ? "? " : "at least ");
    else if (is_above(row, "base"))
        buf_append_str(out, "at most ");
    say_by(out, row, by);
}

void comparison_say_interval(struct buf *out, const json_t *row)
{
    const double low = summary_number(row, in_points(row) ? "difference_low" : "low");
    const double high = summary_number(row, in_points(row) ? "difference_high" : "high");

    if (isnan(low) && isnan(high)) {
        buf_append_str(out, DASH);
        return;
    }
    if (isnan(high)) { /* open */
        buf_append_str(out, "from ");
        say_by(out, row, low);
        return;
    }
    if (is_above(row, "base") || isnan(low))
        buf_append_str(out, "up");
    else
        say_by(out, row, low);
    buf_append_str(out, " to ");
    say_by(out, row, high);
}

void comparison_say_figure(struct buf *out, const json_t *row)
{
    const char *aggregate = summary_text(row, "aggregate");

    buf_append_str(out, summary_text(row, "metric"));
    if (strcmp(aggregate, "rate") != 0)
        buf_printf(out, " %s", aggregate);
}

const char *comparison_word(const char *verdict)
{
    static const struct {
        const char *verdict;
        const char *word;
    } words[] = {{"regression", "worse"},
                 {"improvement", "better"},
                 {"no_change", "no change"},
                 {"not_enough_data", "too little data"}};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i].verdict, verdict) == 0)
            return words[i].word;
    return verdict;
}

bool comparison_is(const json_t *object, const char *verdict)
{
    return strcmp(summary_text(object, "verdict"), verdict) == 0;
}

bool comparison_is_total(const json_t *row)
{
    return *summary_text(row, "selector") == '\0';
}
