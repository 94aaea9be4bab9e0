#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/history_figure.h"
#include "output/history_text.h"
#include "output/summary_reader.h"
#include "output/terminal_table.h"
#include "output/terminal_text.h"
#include "result/verdict.h"

#define MAX_CELL_BYTES ((size_t)4096)
#define LABEL_COLUMNS 14

struct run_page {
    const json_t *summary;
    struct terminal_style style;
    struct buf *out;
};

/* A row of text from outside behind a label; none where there is no text. */
static void put_row(const struct run_page *page, const char *label, const char *text)
{
    CLEANUP(buf_deinit) struct buf head = BUF_INIT(MAX_CELL_BYTES);

    if (!*text)
        return;
    buf_printf(&head, "%-*s", LABEL_COLUMNS, label);
    terminal_paint(page->out, page->style, PAINT_FAINT, buf_str(&head));
    terminal_wrap(page->out, text, LABEL_COLUMNS, (size_t)page->style.columns);
    buf_append_char(page->out, '\n');
}

static void put_facts(const struct run_page *page, const json_t *baselines)
{
    const json_t *summary = page->summary;
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_CELL_BYTES);

    put_row(page, "scenario", summary_text(summary, "run/scenario"));
    figure_say_moment(&text, summary_text(summary, "run/started_at"));
    buf_printf(&text, " UTC, for %.1f s", summary_number(summary, "run/duration_s"));
    put_row(page, "started", buf_str(&text));
    put_row(page, "target",
            summary_text(json_array_get(json_object_get(summary, "targets"), 0), "url"));
    put_row(page, "trust", summary_text(summary, "client/trust"));
    put_row(page, "workload", summary_text(summary, "run/fingerprint"));
    buf_clear(&text);
    for (size_t i = 0; i < json_array_size(baselines); i++)
        buf_printf(&text, "%s%s", i == 0 ? "" : ", ",
                   json_string_value(json_array_get(baselines, i)));
    put_row(page, "baseline", buf_str(&text));
}

static void put_tags(const struct run_page *page)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_CELL_BYTES);
    json_t *run = json_object_get(page->summary, "run");
    const char *key;
    json_t *value;

    json_object_foreach(json_object_get(run, "tags"), key, value) buf_printf(
        &text, "%s%s=%s", text.len > 0 ? ", " : "", key, json_string_value(value));
    put_row(page, "tags", buf_str(&text));
}

static void put_verdicts(const struct run_page *page)
{
    const json_t *verdicts = json_object_get(page->summary, "verdicts");

    for (size_t i = 0; i < json_array_size(verdicts); i++)
        put_row(page, i == 0 ? "against it" : "",
                summary_text(json_array_get(verdicts, i), "sentence"));
}

static void put_counts(const struct run_page *page)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_CELL_BYTES);
    const json_t *totals = json_object_get(page->summary, "totals");

    figure_say(&text, summary_number(totals, "requests"), "in all");
    buf_append_str(&text, ", ");
    figure_say(&text, summary_number(totals, "requests_per_second"), "/s");
    buf_append_str(&text, ", ");
    figure_say(&text, summary_number(totals, "error_rate"), "fraction");
    buf_append_str(&text, " failed");
    put_row(page, "requests", buf_str(&text));
    buf_clear(&text);
    figure_say(&text, summary_number(totals, "output_tokens_per_second"), "tokens/s");
    put_row(page, "output", buf_str(&text));
}

static void add_percentile(struct terminal_table *table, const json_t *latency,
                           const char *name)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    summary_say_percentile(latency, name, &cell);
    table_cell(table, PAINT_PLAIN, "%s", buf_str(&cell));
}

static void put_latencies(const struct run_page *page)
{
    static const struct table_column columns[] = {
        {.head = "", .left = true}, {.head = "p50"}, {.head = "p95"}, {.head = "p99"}};
    static const char *const names[] = {"ttft", "icl", "tpot", "e2e",
                                        "operation_duration"};
    const json_t *metrics = json_object_get(page->summary, "metrics");
    struct terminal_table table;

    table_init(&table, columns, COUNT_OF(columns));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const json_t *latency = json_object_get(metrics, names[i]);

        if (!latency)
            continue;
        table_cell(&table, PAINT_PLAIN, "%s", names[i]);
        add_percentile(&table, latency, "p50");
        add_percentile(&table, latency, "p95");
        add_percentile(&table, latency, "p99");
    }
    if (table.cell_count > 0) {
        buf_append_char(page->out, '\n');
        table_write(&table, page->style, 0, page->out);
    }
    table_deinit(&table);
}

static void put_thresholds(const struct run_page *page)
{
    static const struct table_column columns[] = {{.head = "", .left = true},
                                                  {.head = "threshold", .left = true},
                                                  {.head = "value"}};
    const json_t *thresholds = json_object_get(page->summary, "thresholds");
    struct terminal_table table;

    table_init(&table, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(thresholds) && table_has_room(&table); i++) {
        const json_t *one = json_array_get(thresholds, i);
        const bool holds = json_is_true(json_object_get(one, "passed"));
        CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

        table_cell(&table, holds ? PAINT_GOOD : PAINT_BAD, holds ? "✓" : "✗");
        summary_say_threshold(one, &cell);
        table_cell_safe(&table, buf_str(&cell));
        buf_clear(&cell);
        summary_say_value(one, &cell);
        table_cell_safe(&table, buf_str(&cell));
    }
    if (table.cell_count > 0) {
        buf_append_char(page->out, '\n');
        table_write(&table, page->style, 0, page->out);
    }
    table_deinit(&table);
}

static void put_title(const struct run_page *page)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_CELL_BYTES);
    const int code = (int)summary_count(page->summary, "run/exit_code");
    const char *meaning = exit_code_text(code);

    terminal_put_safe(&text, summary_text(page->summary, "run/id"), 120);
    terminal_paint(page->out, page->style, PAINT_STRONG, buf_str(&text));
    buf_append_str(page->out, "  ");
    buf_clear(&text);
    if (code == EXIT_PASSED)
        buf_append_str(&text, "✓ passed");
    else
        buf_printf(&text, "✗ %d %s", code, meaning ? meaning : "");
    terminal_paint(page->out, page->style, code == EXIT_PASSED ? PAINT_GOOD : PAINT_BAD,
                   buf_str(&text));
    buf_append_char(page->out, '\n');
}

int history_text_run(const json_t *summary, const json_t *baselines,
                     struct terminal_style style, struct buf *out)
{
    const struct run_page page = {.summary = summary, .style = style, .out = out};

    put_title(&page);
    put_facts(&page, baselines);
    put_tags(&page);
    put_verdicts(&page);
    put_counts(&page);
    put_latencies(&page);
    put_thresholds(&page);
    return buf_error(out);
}
