#include "output/history_text.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/history_figure.h"
#include "output/summary_reader.h"
#include "output/terminal_table.h"
#include "output/terminal_text.h"
#include "result/verdict.h"

#define MAX_CELL_BYTES ((size_t)4096)
#define ID_COLUMNS 100

/* Cells of texts from outside that are not cut as names are. */
static void add_text(struct terminal_table *table, enum paint paint, const char *text)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    terminal_put_safe(&cell, text, ID_COLUMNS);
    table_cell(table, paint, "%s", buf_str(&cell));
}

static void add_moment(struct terminal_table *table, const char *moment)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    figure_say_moment(&cell, moment);
    table_cell(table, PAINT_FAINT, "%s", buf_str(&cell));
}

static void add_figure(struct terminal_table *table, double value, const char *unit)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    figure_say(&cell, value, unit);
    table_cell(table, PAINT_PLAIN, "%s", buf_str(&cell));
}

static void add_verdict(struct terminal_table *table, const json_t *run)
{
    const int code = (int)summary_count(run, "exit_code");
    const char *text = exit_code_text(code);

    if (code == EXIT_PASSED)
        table_cell(table, PAINT_GOOD, "✓ passed");
    else
        table_cell(table, PAINT_BAD, "✗ %d %s", code, text ? text : "");
}

static void add_trust(struct terminal_table *table, const char *grade)
{
    const bool is_bad = *grade == 'D' || *grade == 'F';

    add_text(table, is_bad ? PAINT_BAD : PAINT_PLAIN, grade);
}

/* "v1.2, default". */
static void add_names(struct terminal_table *table, const json_t *names)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    for (size_t i = 0; i < json_array_size(names); i++)
        buf_printf(&cell, "%s%s", i == 0 ? "" : ", ",
                   json_string_value(json_array_get(names, i)));
    add_text(table, PAINT_ACCENT, buf_str(&cell));
}

/* A latency of the row, by the name of its column. */
static void add_latency(struct terminal_table *table, const json_t *run,
                        const char *value, const char *bound)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);
    const double ms = summary_number(run, value);
    const double above_ms = summary_number(run, bound);
    const bool is_bound = !isfinite(ms) && isfinite(above_ms);

    if (is_bound)
        buf_append_str(&cell, "> ");
    figure_say(&cell, is_bound ? above_ms : ms, "ms");
    table_cell(table, is_bound ? PAINT_BAD : PAINT_PLAIN, "%s", buf_str(&cell));
}

static void add_run(struct terminal_table *table, const json_t *run)
{
    const double error_rate = summary_number(run, "error_rate");

    add_text(table, PAINT_STRONG, summary_text(run, "run_id"));
    add_verdict(table, run);
    add_trust(table, summary_text(run, "trust"));
    table_cell_count(table, PAINT_PLAIN, (uint64_t)summary_count(run, "requests"));
    add_figure(table, error_rate, "fraction");
    add_latency(table, run, "ttft_p95", "ttft_p95_above");
    add_latency(table, run, "e2e_p95", "e2e_p95_above");
    add_moment(table, summary_text(run, "started_at"));
    add_names(table, json_object_get(run, "baselines"));
}

int history_text_list(const json_t *history, struct terminal_style style, struct buf *out)
{
    static const struct table_column columns[] = {
        {.head = "run", .left = true},
        {.head = "verdict", .left = true},
        {.head = "trust", .left = true},
        {.head = "requests"},
        {.head = "errors"},
        {.head = "ttft p95"},
        {.head = "e2e p95"},
        {.head = "started (UTC)", .left = true, .optional = true},
        {.head = "baseline", .left = true},
    };
    const json_t *runs = json_object_get(history, "runs");
    struct terminal_table table;
    size_t shown = 0;

    if (json_array_size(runs) == 0) {
        buf_append_str(out, "No run in the history is such.\n");
        return buf_error(out);
    }
    table_init(&table, columns, COUNT_OF(columns));
    for (; shown < json_array_size(runs) && table_has_room(&table); shown++)
        add_run(&table, json_array_get(runs, shown));
    table_write(&table, style, 0, out);
    table_deinit(&table);
    if (shown < json_array_size(runs))
        buf_printf(out, "… and %zu older; --output json has all.\n",
                   json_array_size(runs) - shown);
    return buf_error(out);
}

int history_text_baselines(const json_t *document, struct terminal_style style,
                           struct buf *out)
{
    static const struct table_column columns[] = {
        {.head = "baseline", .left = true},
        {.head = "scenario", .left = true},
        {.head = "run", .left = true},
        {.head = "verdict", .left = true},
        {.head = "trust", .left = true},
        {.head = "set (UTC)", .left = true, .optional = true},
    };
    const json_t *baselines = json_object_get(document, "baselines");
    struct terminal_table table;

    if (json_array_size(baselines) == 0) {
        buf_append_str(out,
                       "There is no baseline; `throng history baseline set NAME RUN` "
                       "makes a run one.\n");
        return buf_error(out);
    }
    table_init(&table, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(baselines) && table_has_room(&table); i++) {
        const json_t *one = json_array_get(baselines, i);

        add_text(&table, PAINT_ACCENT, summary_text(one, "name"));
        add_text(&table, PAINT_PLAIN, summary_text(one, "scenario"));
        add_text(&table, PAINT_STRONG, summary_text(one, "run_id"));
        add_verdict(&table, one);
        add_trust(&table, summary_text(one, "trust"));
        add_moment(&table, summary_text(one, "set_at"));
    }
    table_write(&table, style, 0, out);
    table_deinit(&table);
    return buf_error(out);
}
