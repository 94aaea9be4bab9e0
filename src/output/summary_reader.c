#include "output/summary_reader.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/threshold.h"

static void say_ms(struct buf *out, double ms)
{
    quantity_format_latency(out, ms > 0 ? (uint64_t)llround(ms * (double)NS_PER_MS) : 0);
}

void summary_say_percentile(const json_t *latency, const char *name, struct buf *out)
{
    const double ms = summary_number(latency, name);
    const double above_ms = summary_number(summary_at(latency, "above"), name);

    if (isfinite(ms)) {
        say_ms(out, ms);
    } else if (isfinite(above_ms)) {
        buf_append_str(out, "> ");
        say_ms(out, above_ms);
    } else {
        buf_append_str(out, "–");
    }
}

void summary_say_threshold(const json_t *threshold, struct buf *out)
{
    const char *selector = summary_text(threshold, "selector");

    buf_append_str(out, summary_text(threshold, "metric"));
    if (*selector)
        buf_printf(out, "{%s}", selector);
    buf_printf(out, " %s", summary_text(threshold, "expression"));
}

/* The unit of a name; what is not known counts. */
static enum threshold_unit unit_of(const char *name)
{
    for (int unit = THRESHOLD_UNIT_MS; unit <= THRESHOLD_UNIT_GRADE; unit++)
        if (strcmp(threshold_unit_name((enum threshold_unit)unit), name) == 0)
            return (enum threshold_unit)unit;
    return THRESHOLD_UNIT_COUNT;
}

/* Whether a value is one of the grades, where it should be: the document may be anybody's. */
static bool is_grade(const struct threshold_judgement *judgement)
{
    return judgement->unit != THRESHOLD_UNIT_GRADE ||
           (judgement->value >= 0 && judgement->value <= TRUST_F);
}

/* How a drift came about; the texts are the document's. */
static struct threshold_change change_of(const json_t *threshold)
{
    const json_t *change = summary_at(threshold, "change");

    if (!json_is_object(change))
        return (struct threshold_change){.phase = NULL};
    return (struct threshold_change){.phase = summary_text(change, "phase"),
                                     .unit = unit_of(summary_text(change, "unit")),
                                     .first = summary_number(change, "first"),
                                     .last = summary_number(change, "last"),
                                     .low = summary_number(change, "low"),
                                     .high = summary_number(change, "high")};
}

/* Why there is no value. */
static void say_lack(const json_t *threshold, struct buf *out)
{
    const char *lack = summary_text(threshold, "lack");

    if (*lack)
        buf_append_str(out, lack);
    else if (json_is_true(summary_at(threshold, "ignored")))
        buf_append_str(out, "nothing streamed");
    else
        buf_append_str(out, "no data");
}

void summary_say_value(const json_t *threshold, struct buf *out)
{
    const double above = summary_number(threshold, "above");
    const struct threshold_judgement judgement = {
        .above = isfinite(above),
        .value = isfinite(above) ? above : summary_number(threshold, "value"),
        .unit = unit_of(summary_text(threshold, "unit")),
        .change = change_of(threshold),
    };

    if (json_is_true(summary_at(threshold, "ignored")) || !isfinite(judgement.value) ||
        !is_grade(&judgement)) {
        say_lack(threshold, out);
        return;
    }
    threshold_say_value(&judgement, out);
    threshold_say_change(&judgement, out);
}
