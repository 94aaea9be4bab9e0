#include "output/markdown_ab.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "output/markup.h"
#include "output/summary_reader.h"

static void put_text(struct buf *out, const char *text)
{
    markup_append_markdown(out, text);
}

/* In whatever unit the figure has; "–" where it is not known. */
static void put_value(struct buf *out, const json_t *difference, const char *side)
{
    const json_t *bound = json_object_get(json_object_get(difference, "above"), side);
    const double value = json_is_number(bound) ? json_number_value(bound)
                                               : summary_number(difference, side);

    if (isnan(value)) {
        buf_append_str(out, "–");
        return;
    }
    buf_append_str(out, json_is_number(bound) ? "> " : "");
    buf_printf(out, "%.4g", value);
}

static void put_share(struct buf *out, double share)
{
    if (isnan(share))
        buf_append_str(out, "–");
    else
        buf_printf(out, "%+.3g%%", 100 * share);
}

static void put_difference(struct buf *out, const json_t *difference)
{
    const double p = summary_number(difference, "p_adjusted");

    buf_append_str(out, "| ");
    put_text(out, summary_text(difference, "selector") + strlen("arm="));
    buf_append_str(out, " | ");
    put_text(out, summary_text(difference, "metric"));
    buf_append_char(out, ' ');
    put_text(out, summary_text(difference, "aggregate"));
    buf_append_str(out, ", ");
    put_text(out, summary_text(difference, "unit"));
    buf_append_str(out, " | ");
    put_value(out, difference, "base");
    buf_append_str(out, " | ");
    put_value(out, difference, "new");
    buf_append_str(out, " | ");
    put_share(out, summary_number(difference, "change"));
    buf_append_str(out, " | ");
    put_share(out, summary_number(difference, "low"));
    buf_append_str(out, " to ");
    put_share(out, summary_number(difference, "high"));
    buf_append_str(out, " | ");
    if (isnan(p))
        buf_append_str(out, "–");
    else
        buf_printf(out, p < 0.001 ? "<0.001" : "%.2g", p);
    buf_append_str(out, " | ");
    put_text(out, summary_text(difference, "verdict"));
    buf_append_str(out, " |\n");
}

void markdown_ab(const json_t *summary, struct buf *out)
{
    const json_t *ab = summary_at(summary, "ab");
    const json_t *sentences = summary_at(summary, "ab/sentences");
    const json_t *differences = summary_at(summary, "ab/differences");

    if (!json_is_object(ab))
        return;
    buf_append_str(out, "\n## A/B\n\n");
    for (size_t i = 0; i < json_array_size(sentences); i++) {
        buf_append_str(out, "- ");
        put_text(out, json_string_value(json_array_get(sentences, i)));
        buf_append_char(out, '\n');
    }
    if (json_array_size(differences) == 0)
        return;
    buf_append_str(out, "\n| | figure | ");
    put_text(out, summary_text(ab, "base"));
    buf_append_str(out, " | arm | change | 95% interval | p | verdict |\n"
                        "|---|---|---:|---:|---:|---:|---:|---|\n");
    for (size_t i = 0; i < json_array_size(differences); i++)
        put_difference(out, json_array_get(differences, i));
}
