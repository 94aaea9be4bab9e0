#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "output/comparison.h"
#include "output/comparison_cells.h"
#include "output/summary_reader.h"
#include "output/terminal_table.h"
#include "output/terminal_text.h"

#define MAX_CELL_BYTES 256
#define INDENT 2
#define LABEL_COLUMNS 12
#define NAME_COLUMNS 60

struct display {
    const json_t *comparison;
    struct terminal_style style;
    struct buf *out;
};

static enum paint paint_of(const json_t *object)
{
    if (comparison_is(object, "regression"))
        return PAINT_BAD;
    if (comparison_is(object, "improvement"))
        return PAINT_GOOD;
    return comparison_is(object, "no_change") ? PAINT_PLAIN : PAINT_FAINT;
}

static void put_label(const struct display *display, const char *label)
{
    terminal_repeat(display->out, " ", INDENT);
    terminal_paint(display->out, display->style, PAINT_FAINT, label);
    terminal_repeat(display->out, " ", LABEL_COLUMNS - INDENT - terminal_width(label));
}

static void put_side(const struct display *display, const char *name)
{
    const json_t *side = summary_at(display->comparison, name);
    struct buf *out = display->out;

    put_label(display, name);
    terminal_put_safe(out, summary_text(side, "scenario"), NAME_COLUMNS);
    buf_append_str(out, "  ");
    terminal_put_safe(out, summary_text(side, "id"), NAME_COLUMNS);
    buf_append_str(out, "  ");
    quantity_format_count(out, (uint64_t)summary_count(side, "requests"));
    buf_append_str(out, " requests, trust ");
    terminal_put_safe(
        out, *summary_text(side, "trust") ? summary_text(side, "trust") : "?", 1);
    buf_append_char(out, '\n');
}

static void put_sentence(const struct display *display, const char *label,
                         enum paint paint, const char *word, const char *sentence)
{
    const size_t before = *word ? strlen(word) + 2 : 0;

    put_label(display, label);
    if (*word) {
        terminal_paint(display->out, display->style, paint, word);
        buf_append_str(display->out, "  ");
    }
    terminal_wrap(display->out, sentence, LABEL_COLUMNS + before,
                  (size_t)display->style.columns);
    buf_append_char(display->out, '\n');
}

static void put_cell(struct terminal_table *table, enum paint paint,
                     void (*say)(struct buf *out, const json_t *row), const json_t *row)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_CELL_BYTES);

    say(&text, row);
    table_cell(table, paint, "%s", buf_str(&text));
}

static void say_base(struct buf *out, const json_t *row)
{
    comparison_say_value(out, row, "base");
}

static void say_new(struct buf *out, const json_t *row)
{
    comparison_say_value(out, row, "new");
}

static void put_row(struct terminal_table *table, const json_t *row)
{
    const enum paint paint = paint_of(row);

    table_cell_safe(table, summary_text(row, "selector"));
    put_cell(table, PAINT_PLAIN, comparison_say_figure, row);
    put_cell(table, PAINT_PLAIN, say_base, row);
    put_cell(table, PAINT_PLAIN, say_new, row);
    put_cell(table, paint, comparison_say_change, row);
    put_cell(table, PAINT_FAINT, comparison_say_interval, row);
    table_cell(table, paint, "%s", comparison_word(summary_text(row, "verdict")));
}

/* Rows of all requests; or of parts, those that differ. Returns how many were left out. */
static size_t put_rows(const struct display *display, bool totals)
{
    static const struct table_column columns[] = {
        {.head = "of", .left = true},
        {.head = "figure", .left = true},
        {.head = "base"},
        {.head = "new"},
        {.head = "change"},
        {.head = "95% interval", .optional = true},
        {.head = "verdict", .left = true}};
    const json_t *rows = summary_at(display->comparison, "differences");
    struct terminal_table table;
    size_t left_out = 0;

    table_init(&table, columns, COUNT_OF(columns));
    if (totals)
        table_skip(&table, 0);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const bool differs =
            comparison_is(row, "regression") || comparison_is(row, "improvement");

        if (comparison_is_total(row) != totals)
            continue;
        if ((totals || differs) && table_has_room(&table))
            put_row(&table, row);
        else
            left_out++;
    }
    if (table.cell_count > 0) {
        buf_append_char(display->out, '\n');
        table_write(&table, display->style, INDENT, display->out);
    }
    table_deinit(&table);
    return left_out;
}

static void put_parts(const struct display *display)
{
    const size_t left_out = put_rows(display, false);

    if (left_out == 0)
        return;
    buf_append_char(display->out, '\n');
    terminal_repeat(display->out, " ", INDENT);
    buf_printf(display->out,
               "Of %zu more figures of models, steps, classes and organizations no "
               "difference is shown.\n",
               left_out);
}

int comparison_terminal(const json_t *comparison, struct terminal_style style,
                        struct buf *out)
{
    const struct display display = {comparison, style, out};
    const json_t *notes = summary_at(comparison, "notes");
    const char *verdict = comparison_word(summary_text(comparison, "verdict"));

    buf_append_char(out, '\n');
    put_side(&display, "base");
    put_side(&display, "new");
    buf_append_char(out, '\n');
    put_sentence(&display, "verdict", paint_of(comparison), verdict,
                 summary_text(comparison, "sentence"));
    for (size_t i = 0; i < json_array_size(notes); i++)
        put_sentence(&display, i == 0 ? "note" : "", PAINT_PLAIN, "",
                     json_string_value(json_array_get(notes, i)));
    (void)put_rows(&display, true);
    put_parts(&display);
    if (json_is_true(json_object_get(comparison, "failed")))
        buf_printf(
            out, "\n  Failed: something is worse by more than %.3g%% (exit code 112).\n",
            100 * summary_number(comparison, "fail_above"));
    return buf_append_char(out, '\n');
}
