#include "output/terminal_capacity.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "measure/capacity.h"
#include "measure/capacity_text.h"
#include "output/capacity_chart.h"
#include "output/terminal_page.h"
#include "output/terminal_table.h"
#include "result/facts.h"

#define INDENT 2

static bool is_answered(const struct capacity_report *report)
{
    return report->end == CAPACITY_FOUND || report->end == CAPACITY_TOP_HELD;
}

void terminal_capacity(struct page *page)
{
    const struct capacity_report *report = page->facts->capacity;

    if (!report)
        return;
    /* Without an answer the verdict has said it already. */
    if (is_answered(report)) {
        capacity_say_answer(report, &page->line);
        page_put_row(page, "Capacity", PAINT_STRONG);
    }
    if (capacity_say_saturation(report, &page->line))
        page_put_row(page, "Saturated", PAINT_PLAIN);
    if (capacity_say_knee(report, &page->line))
        page_put_row(page, "Knee", PAINT_PLAIN);
    if (capacity_say_recovery(report, &page->line))
        page_put_row(page, "Recovery", report->is_hysteretic ? PAINT_BAD : PAINT_PLAIN);
}

static const struct table_column columns[] = {
    {.head = "Level", .left = true, .width = 11},
    {.head = "load"},
    {.head = "verdict", .left = true},
    {.head = "req/s"},
    {.head = "failed", .optional = true},
    {.head = "ttft p50"},
    {.head = "p95"},
    {.head = "tpot p50", .optional = true},
    {.head = "e2e p95", .optional = true},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void put_latency(struct terminal_table *table, double ms)
{
    table_cell_quantile(
        table, (struct histogram_quantile){
                   .known = isfinite(ms),
                   .value_ns = isfinite(ms) ? (uint64_t)(ms * (double)NS_PER_MS) : 0,
               });
}

static const char *verdict_of(const struct capacity_level *level)
{
    if (level->certainty == CERTAINTY_UNDECIDED)
        return level->held ? "held?" : "broke?";
    return level->held ? "held" : "broke";
}

static void put_level(struct terminal_table *table, const struct capacity_level *level)
{
    table_cell(table, PAINT_PLAIN, "%s", level->phase);
    table_cell(table, PAINT_PLAIN, "%.6g", level->load);
    table_cell(table, level->held ? PAINT_GOOD : PAINT_BAD, "%s", verdict_of(level));
    table_cell(table, PAINT_PLAIN, "%.1f", level->done_per_s);
    table_cell_count(table, level->failed > 0 ? PAINT_BAD : PAINT_PLAIN, level->failed);
    put_latency(table, level->ttft_p50_ms);
    put_latency(table, level->ttft_p95_ms);
    put_latency(table, level->tpot_p50_ms);
    put_latency(table, level->e2e_p95_ms);
}

static int by_load(const void *a, const void *b)
{
    const struct capacity_level *const *one = (const struct capacity_level *const *)a;
    const struct capacity_level *const *other = (const struct capacity_level *const *)b;

    if ((*one)->load < (*other)->load || (*one)->load > (*other)->load)
        return (*one)->load < (*other)->load ? -1 : 1;
    return *one < *other ? -1 : *one > *other;
}

/* Recoveries, and what counts for nothing, are in summary.json alone. */
static void put_table(struct page *page, const struct capacity_report *report)
{
    const struct capacity_level *trials[CAPACITY_LEVELS];
    struct terminal_table table;
    size_t count = 0;

    for (size_t i = 0; i < report->level_count; i++)
        if (capacity_is_trial(&report->levels[i]))
            trials[count++] = &report->levels[i];
    if (count == 0)
        return;
    qsort((void *)trials, count, sizeof(trials[0]), by_load);
    table_init(&table, columns, COLUMNS);
    for (size_t i = 0; i < count && table_has_room(&table); i++)
        put_level(&table, trials[i]);
    buf_append_char(page->out, '\n');
    table_write(&table, page->style, INDENT, page->out);
    table_deinit(&table);
}

void terminal_capacity_levels(struct page *page)
{
    const struct capacity_report *report = page->facts->capacity;

    if (!report)
        return;
    put_table(page, report);
    capacity_chart(report, page->style, INDENT, page->out);
}
