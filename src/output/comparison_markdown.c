#include <stdbool.h>

#include "base/buf.h"
#include "output/comparison.h"
#include "output/comparison_cells.h"
#include "output/markup.h"
#include "output/summary_reader.h"

#define HEADS                                                                            \
    "\n| of | figure | base | new | change | 95% interval | verdict |\n"                 \
    "|---|---|---:|---:|---:|---|---|\n"

static bool differs(const json_t *row)
{
    return comparison_is(row, "regression") || comparison_is(row, "improvement");
}

static void put_row(struct buf *out, const json_t *row)
{
    const bool strong = differs(row);

    buf_append_str(out, "| ");
    markup_append_markdown(out, comparison_is_total(row) ? "all"
                                                         : summary_text(row, "selector"));
    buf_append_str(out, " | ");
    comparison_say_figure(out, row);
    buf_append_str(out, " | ");
    comparison_say_value(out, row, "base");
    buf_append_str(out, " | ");
    comparison_say_value(out, row, "new");
    buf_append_str(out, strong ? " | **" : " | ");
    comparison_say_change(out, row);
    buf_append_str(out, strong ? "** | " : " | ");
    comparison_say_interval(out, row);
    buf_printf(out, " | %s%s |\n",
               comparison_is(row, "regression")    ? "🔴 "
               : comparison_is(row, "improvement") ? "🟢 "
                                                   : "",
               comparison_word(summary_text(row, "verdict")));
}

/* The rows that differ, or the others. Returns how many there were. */
static size_t put_rows(const json_t *comparison, bool different, struct buf *out)
{
    const json_t *rows = summary_at(comparison, "differences");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);

        if (differs(row) != different)
            continue;
        buf_append_str(out, count++ == 0 ? HEADS : "");
        put_row(out, row);
    }
    return count;
}

static void put_side(const json_t *comparison, const char *name, struct buf *out)
{
    const json_t *side = summary_at(comparison, name);

    buf_printf(out, "- %s: ", name);
    markup_append_markdown(out, summary_text(side, "scenario"));
    buf_append_str(out, ", ");
    markup_append_markdown(out, summary_text(side, "id"));
    buf_append_str(out, ", throng ");
    markup_append_markdown(out, summary_text(side, "version"));
    buf_append_char(out, '\n');
}

int comparison_markdown(const json_t *comparison, struct buf *out)
{
    const json_t *notes = summary_at(comparison, "notes");

    buf_printf(out, "## Load test: %s\n\n",
               comparison_word(summary_text(comparison, "verdict")));
    markup_append_markdown(out, summary_text(comparison, "sentence"));
    if (json_is_true(json_object_get(comparison, "failed")))
        buf_printf(out, " **Failed: something is worse by more than %.3g%%.**",
                   100 * summary_number(comparison, "fail_above"));
    buf_append_str(out, "\n\n");
    put_side(comparison, "base", out);
    put_side(comparison, "new", out);
    for (size_t i = 0; i < json_array_size(notes); i++) {
        buf_append_str(out, "- ⚠️ ");
        markup_append_markdown(out, json_string_value(json_array_get(notes, i)));
        buf_append_char(out, '\n');
    }
    (void)put_rows(comparison, true, out);
    buf_append_str(out, "\n<details><summary>All other figures</summary>\n");
    (void)put_rows(comparison, false, out);
    return buf_append_str(out, "\n</details>\n");
}
