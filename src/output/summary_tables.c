#include "output/summary_tables.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "measure/metric.h"
#include "measure/recorder.h"
#include "output/terminal_table.h"
#include "plan/plan.h"
#include "result/facts.h"

#define INDENT 2
#define MAX_VALUES 12 /* rows of one dimension; the rest stands in summary.json */

struct row {
    enum metric metric;
    const char *meaning;
};

static const struct row latency_rows[] = {
    {METRIC_TTFT, "to the first token"},
    {METRIC_TTFT_FROM_DUE, "… since it was due"},
    {METRIC_TTFO, "to the answer, after reasoning"},
    {METRIC_ICL, "between two chunks"},
    {METRIC_TPOT, "per output token"},
    {METRIC_E2E, "the whole answer"},
    {METRIC_E2E_FROM_DUE, "… since it was due"},
    {METRIC_TTFB, "to the first byte"},
    {METRIC_CONN_WAIT, "to a new connection"},
};

static const struct table_column latency_columns[] = {
    {.head = "Latency", .left = true},
    {.head = "", .left = true, .optional = true},
    {.head = "p50"},
    {.head = "p90", .optional = true},
    {.head = "p95"},
    {.head = "p99"},
    {.head = "max"},
    {.head = "count", .optional = true},
};

static struct histogram_quantile quantile_of(const struct series_view *series,
                                             enum metric metric, double q)
{
    const struct histogram *histogram = series->histograms[metric];

    return histogram ? histogram_quantile(histogram, q) : (struct histogram_quantile){0};
}

static void add_latency(struct terminal_table *table, const struct row *row,
                        const struct histogram *histogram)
{
    static const double quantiles[] = {0.50, 0.90, 0.95, 0.99};

    table_cell(table, PAINT_STRONG, "%s", metric_info(row->metric)->name);
    table_cell(table, PAINT_FAINT, "%s", row->meaning);
    for (size_t i = 0; i < COUNT_OF(quantiles); i++)
        table_cell_quantile(table, histogram_quantile(histogram, quantiles[i]));
    table_cell_quantile(table, histogram_greatest(histogram));
    table_cell_count(table, PAINT_PLAIN,
                     histogram_count(histogram) + histogram_censored(histogram));
}

void summary_latencies(const struct run_facts *facts, struct terminal_style style,
                       struct buf *out)
{
    const struct series_view window =
        recorder_total(facts->view->recorder, RECORDER_WINDOW);
    struct terminal_table table;

    table_init(&table, latency_columns, COUNT_OF(latency_columns));
    for (size_t i = 0; i < COUNT_OF(latency_rows); i++) {
        const struct histogram *histogram = window.histograms[latency_rows[i].metric];

        if (histogram && histogram_count(histogram) + histogram_censored(histogram) > 0)
            add_latency(&table, &latency_rows[i], histogram);
    }
    if (table.cell_count > 0) {
        buf_append_char(out, '\n');
        table_write(&table, style, INDENT, out);
    }
    table_deinit(&table);
}

/* The columns that all tables by something share, behind those that name it, in this order. */
enum figure {
    FIGURE_REQUESTS,
    FIGURE_RATE,
    FIGURE_ERRORS,
    FIGURE_TTFT_P50,
    FIGURE_TTFT_P95,
    FIGURE_E2E_P50,
    FIGURE_E2E_P95,
    FIGURE_TOKENS,
};

#define NAME_COLUMNS 20
#define FIGURE_COLUMNS                                                                   \
    {.head = "requests", .width = 8}, {.head = "req/s", .optional = true, .width = 6},   \
        {.head = "errors", .width = 6}, {.head = "ttft p50", .width = 8},                \
        {.head = "p95", .width = 8}, {.head = "e2e p50", .optional = true, .width = 8},  \
        {.head = "p95", .optional = true, .width = 8},                                   \
        {.head = "tok/s", .optional = true, .width = 6}

/* Where nothing streams there is no first token, and where nothing is generated no rate of it. */
static void begin_figures(struct terminal_table *table, const struct run_facts *facts,
                          const struct table_column *columns, size_t column_count,
                          size_t names)
{
    const struct counters all = recorder_counters(facts->view->recorder, RECORDER_ALL);

    table_init(table, columns, column_count);
    if (all.streamed == 0) {
        table_skip(table, names + FIGURE_TTFT_P50);
        table_skip(table, names + FIGURE_TTFT_P95);
    }
    if (all.completion_tokens == 0 && all.streamed == 0)
        table_skip(table, names + FIGURE_TOKENS);
}

static void add_figures(struct terminal_table *table, const struct series_view *series,
                        double seconds)
{
    const struct counters *counters = series->counters;

    table_cell_count(table, PAINT_PLAIN, counters->started);
    if (seconds > 0)
        table_cell(table, PAINT_PLAIN, "%.1f", (double)counters->started / seconds);
    else
        table_cell(table, PAINT_FAINT, "–");
    table_cell_count(table, counters->failed > 0 ? PAINT_BAD : PAINT_PLAIN,
                     counters->failed);
    table_cell_quantile(table, quantile_of(series, METRIC_TTFT, 0.50));
    table_cell_quantile(table, quantile_of(series, METRIC_TTFT, 0.95));
    table_cell_quantile(table, quantile_of(series, METRIC_E2E, 0.50));
    table_cell_quantile(table, quantile_of(series, METRIC_E2E, 0.95));
    if (seconds > 0)
        table_cell_count(
            table, PAINT_PLAIN,
            (uint64_t)llround((double)counters->completion_tokens / seconds));
    else
        table_cell(table, PAINT_FAINT, "–");
}

/* One table while its rows are gathered. */
struct gathering {
    const struct run_facts *facts;
    const char *key;
    struct terminal_table table;
    size_t values; /* seen, those past MAX_VALUES included */
};

static const struct table_column phase_columns[] = {
    {.head = "Phase", .left = true, .width = 11},
    {.head = "users", .width = NAME_COLUMNS - 13},
    FIGURE_COLUMNS,
};

static const struct table_column open_phase_columns[] = {
    {.head = "Phase", .left = true, .width = 11},
    {.head = "arrivals", .width = NAME_COLUMNS - 11},
    FIGURE_COLUMNS,
};

static void add_rate(struct terminal_table *table, const struct plan_phase *phase)
{
    if (!plan_phase_is_ramp(phase) || phase->from_rate_per_s == phase->rate_per_s)
        table_cell(table, PAINT_PLAIN, "%.4g/s", phase->rate_per_s);
    else
        table_cell(table, PAINT_PLAIN, "%.3g→%.3g/s", phase->from_rate_per_s,
                   phase->rate_per_s);
}

static void add_phase(struct gathering *gathering, const struct series_view *series,
                      size_t index)
{
    const struct plan_phase *phase = &gathering->facts->view->plan->phases[index];
    struct terminal_table *table = &gathering->table;

    table_cell_safe(table, phase->name);
    if (gathering->facts->view->is_open)
        add_rate(table, phase);
    else if (!plan_phase_is_ramp(phase) || phase->from_users == phase->users)
        table_cell(table, PAINT_PLAIN, "%" PRIu64, phase->users);
    else
        table_cell(table, PAINT_PLAIN, "%" PRIu64 "→%" PRIu64, phase->from_users,
                   phase->users);
    add_figures(table, series, run_span_s(run_facts_phase(gathering->facts, index)));
}

static void on_phase(void *ctx, const struct series_view *series)
{
    struct gathering *gathering = ctx;
    const struct plan *plan = gathering->facts->view->plan;

    if (strcmp(series->key, "phase") != 0 || !table_has_room(&gathering->table))
        return;
    for (size_t i = 0; i < plan->phase_count; i++)
        if (strcmp(plan->phases[i].name, series->value) == 0)
            add_phase(gathering, series, i);
}

void summary_phases(const struct run_facts *facts, struct terminal_style style,
                    struct buf *out)
{
    struct gathering gathering = {.facts = facts};

    begin_figures(&gathering.table, facts,
                  facts->view->is_open ? open_phase_columns : phase_columns,
                  COUNT_OF(phase_columns), 2);
    recorder_each(facts->view->recorder, RECORDER_ALL, on_phase, &gathering);
    if (gathering.table.cell_count > COUNT_OF(phase_columns)) {
        buf_append_char(out, '\n');
        table_write(&gathering.table, style, INDENT, out);
    }
    table_deinit(&gathering.table);
}

static void on_value(void *ctx, const struct series_view *series)
{
    struct gathering *gathering = ctx;

    if (strcmp(series->key, gathering->key) != 0)
        return;
    gathering->values++;
    if (gathering->values > MAX_VALUES)
        return;
    table_cell_safe(&gathering->table, series->value);
    add_figures(&gathering->table, series,
                run_span_s(run_facts_window(gathering->facts)));
}

static void write_dimension(const struct run_facts *facts, const char *key,
                            const struct table_column *columns, size_t column_count,
                            struct terminal_style style, struct buf *out)
{
    struct gathering gathering = {.facts = facts, .key = key};

    begin_figures(&gathering.table, facts, columns, column_count, 1);
    recorder_each(facts->view->recorder, RECORDER_WINDOW, on_value, &gathering);
    if (gathering.values > 1) {
        buf_append_char(out, '\n');
        table_write(&gathering.table, style, INDENT, out);
    }
    if (gathering.values > MAX_VALUES)
        buf_printf(out, "  … and %zu more in summary.json\n",
                   gathering.values - MAX_VALUES);
    table_deinit(&gathering.table);
}

#define NAMED(heading) {.head = (heading), .left = true, .width = NAME_COLUMNS}

struct dimension_heading {
    const char *key;
    struct table_column columns[9];
};

static const struct dimension_heading headings[] = {
    {"model", {NAMED("Model"), FIGURE_COLUMNS}},
    {"step", {NAMED("Step"), FIGURE_COLUMNS}},
    {"class", {NAMED("Class of users"), FIGURE_COLUMNS}},
    {"org_id", {NAMED("Organization"), FIGURE_COLUMNS}},
    {"target", {NAMED("Target"), FIGURE_COLUMNS}},
    {"backend", {NAMED("Backend"), FIGURE_COLUMNS}},
    {"region", {NAMED("Region"), FIGURE_COLUMNS}},
    {"arm", {NAMED("Arm"), FIGURE_COLUMNS}},
};

void summary_dimensions(const struct run_facts *facts, struct terminal_style style,
                        struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(headings); i++)
        write_dimension(facts, headings[i].key, headings[i].columns,
                        COUNT_OF(headings[i].columns), style, out);
}
