#include "output/capacity_chart.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "measure/capacity.h"
#include "output/terminal_text.h"

#define ROWS 10
#define MOST_COLUMNS 60
#define LABEL_COLUMNS 9
#define MAX_LABEL_BYTES 64

/* What stands in a cell; of several the last one of these. */
enum mark { MARK_NONE, MARK_HELD, MARK_BROKE, MARK_KNEE };

struct chart {
    const struct capacity_report *report;
    size_t columns;
    double most_x; /* requests/s */
    double most_y; /* ms */
    enum mark cells[ROWS][MOST_COLUMNS];
};

/* The latency that the SLOs are on as far as there is one: p95 of ttft, else of the whole answer. */
static bool shows_ttft(const struct capacity_report *report)
{
    for (size_t i = 0; i < report->level_count; i++)
        if (isfinite(report->levels[i].ttft_p95_ms))
            return true;
    return false;
}

static double latency_of(const struct chart *chart, const struct capacity_level *level)
{
    return shows_ttft(chart->report) ? level->ttft_p95_ms : level->e2e_p95_ms;
}

static bool is_shown(const struct chart *chart, const struct capacity_level *level)
{
    return capacity_is_trial(level) && isfinite(level->done_per_s) &&
           level->done_per_s > 0 && isfinite(latency_of(chart, level));
}

/* Returns how many levels it shows. */
static size_t measure(struct chart *chart)
{
    size_t count = 0;

    for (size_t i = 0; i < chart->report->level_count; i++) {
        const struct capacity_level *level = &chart->report->levels[i];

        if (!is_shown(chart, level))
            continue;
        count++;
        chart->most_x = fmax(chart->most_x, level->done_per_s);
        chart->most_y = fmax(chart->most_y, latency_of(chart, level));
    }
    return chart->most_y > 0 ? count : 0;
}

static void place(struct chart *chart, size_t index)
{
    const struct capacity_level *level = &chart->report->levels[index];
    const size_t column =
        (size_t)(level->done_per_s / chart->most_x * ((double)chart->columns - 1));
    const size_t row =
        (size_t)(latency_of(chart, level) / chart->most_y * (ROWS - 1) + 0.5);
    enum mark *cell = &chart->cells[row][column];
    const enum mark mark = index == chart->report->knee ? MARK_KNEE
                           : level->held                ? MARK_HELD
                                                        : MARK_BROKE;

    if (mark > *cell)
        *cell = mark;
}

static void put_label(const struct chart *chart, size_t row, struct buf *out)
{
    struct buf label = BUF_INIT(MAX_LABEL_BYTES);

    if (row == ROWS - 1 || row == 0)
        quantity_format_latency(
            &label, row == 0 ? 0 : (uint64_t)(chart->most_y * (double)NS_PER_MS));
    terminal_repeat(out, " ", LABEL_COLUMNS - terminal_width(buf_str(&label)));
    buf_append_str(out, buf_str(&label));
    buf_append_str(out, row == ROWS - 1 || row == 0 ? " ┤" : " │");
    buf_deinit(&label);
}

static void put_mark(enum mark mark, struct terminal_style style, struct buf *out)
{
    switch (mark) {
    case MARK_NONE:
        buf_append_char(out, ' ');
        break;
    case MARK_HELD:
        terminal_paint(out, style, PAINT_GOOD, "●");
        break;
    case MARK_BROKE:
        terminal_paint(out, style, PAINT_BAD, "×");
        break;
    case MARK_KNEE:
        terminal_paint(out, style, PAINT_ACCENT, "◆");
        break;
    }
}

static void put_row(const struct chart *chart, size_t row, struct terminal_style style,
                    size_t indent, struct buf *out)
{
    size_t end = chart->columns;

    while (end > 0 && chart->cells[row][end - 1] == MARK_NONE)
        end--;
    terminal_repeat(out, " ", indent);
    put_label(chart, row, out);
    for (size_t column = 0; column < end; column++)
        put_mark(chart->cells[row][column], style, out);
    buf_append_char(out, '\n');
}

static void put_axis(const struct chart *chart, size_t indent, struct buf *out)
{
    struct buf most = BUF_INIT(MAX_LABEL_BYTES);

    terminal_repeat(out, " ", indent + LABEL_COLUMNS + 1);
    buf_append_str(out, "└");
    terminal_repeat(out, "─", chart->columns);
    buf_append_char(out, '\n');
    buf_printf(&most, "%.3g", chart->most_x);
    terminal_repeat(out, " ", indent + LABEL_COLUMNS + 2);
    buf_append_char(out, '0');
    terminal_repeat(out, " ", chart->columns - 1 - most.len);
    buf_printf(out, "%s requests/s\n", buf_str(&most));
    buf_deinit(&most);
}

void capacity_chart(const struct capacity_report *report, struct terminal_style style,
                    size_t indent, struct buf *out)
{
    const int room = style.columns - (int)indent - LABEL_COLUMNS - 14;
    struct chart chart = {.report = report,
                          .columns = room > MOST_COLUMNS ? MOST_COLUMNS
                                     : room < 20         ? 20
                                                         : (size_t)room};

    if (measure(&chart) < 3)
        return;
    for (size_t i = 0; i < report->level_count; i++)
        if (is_shown(&chart, &report->levels[i]))
            place(&chart, i);
    buf_append_char(out, '\n');
    terminal_repeat(out, " ", indent);
    terminal_paint(out, style, PAINT_STRONG,
                   shows_ttft(report) ? "ttft p95 against throughput"
                                      : "e2e p95 against throughput");
    buf_append_str(out, "  ● held  × broke  ◆ the knee\n");
    for (size_t row = ROWS; row-- > 0;)
        put_row(&chart, row, style, indent, out);
    put_axis(&chart, indent, out);
}
