#include "cli/load_chart.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "plan/load.h"
#include "plan/plan.h"

#define CHART_COLUMNS 64
#define CHART_ROWS 8
/* Looked at within each column, so that no short spike is lost. */
#define CHART_PARTS 16

/* Users wanted, or arrivals a second, at an offset into the load. */
static double level_at(const struct plan *plan, uint64_t offset_ns)
{
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];

        if (offset_ns < phase->duration_ns)
            return plan_is_open(plan) ? plan_phase_rate_at(phase, offset_ns)
                                      : (double)plan_phase_users_at(phase, offset_ns);
        offset_ns -= phase->duration_ns;
    }
    return 0;
}

static double peak_of(const struct plan *plan)
{
    return plan_is_open(plan) ? plan_peak_rate(plan) : (double)plan_peak_users(plan);
}

/* The highest level within one column of the chart. */
static double column_peak(const struct plan *plan, size_t column)
{
    const uint64_t whole_ns = plan_duration_ns(plan);
    double peak = 0;

    for (uint64_t part = 0; part < CHART_PARTS; part++) {
        const uint64_t at_ns =
            (uint64_t)((double)whole_ns * ((double)column + (double)part / CHART_PARTS) /
                       CHART_COLUMNS);

        peak = fmax(peak, level_at(plan, at_ns));
    }
    return peak;
}

/* Halves of users are no users. */
static bool can_be_halved(const struct plan *plan)
{
    return plan_is_open(plan) || plan_peak_users(plan) % 2 == 0;
}

static void put_row(const struct plan *plan, size_t row, struct buf *out)
{
    static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const double peak = peak_of(plan);
    size_t blanks = 0;

    if (row == CHART_ROWS)
        buf_printf(out, "%9.7g ┤", peak);
    else if (row == CHART_ROWS / 2 && can_be_halved(plan))
        buf_printf(out, "%9.7g ┤", peak / 2);
    else
        buf_printf(out, "%9s │",
                   row == CHART_ROWS - 1 && plan_is_open(plan) ? "per s" : "");
    for (size_t column = 0; column < CHART_COLUMNS; column++) {
        const double level = column_peak(plan, column) / peak * CHART_ROWS * 8;
        const double above = level - (double)(row - 1) * 8;
        const size_t fill = above <= 0 ? 0 : above >= 8 ? 8 : (size_t)(above + 0.5);

        if (fill == 0) {
            blanks++;
            continue;
        }
        for (; blanks > 0; blanks--)
            buf_append_char(out, ' ');
        buf_append_str(out, eighths[fill]);
    }
    buf_append_char(out, '\n');
}

/* The column in which a moment of the load lies. */
static size_t column_of(const struct plan *plan, uint64_t at_ns)
{
    const double share = (double)at_ns / (double)plan_duration_ns(plan);

    return (size_t)(share * CHART_COLUMNS + 0.5);
}

/* The axis of time, with a mark where each phase begins. */
static void put_axis(const struct plan *plan, struct buf *out)
{
    bool begins[CHART_COLUMNS + 1] = {false};
    uint64_t at_ns = 0;

    for (size_t i = 0; i < plan->phase_count; i++) {
        at_ns += plan->phases[i].duration_ns;
        begins[column_of(plan, at_ns)] = true;
    }
    buf_printf(out, "%9d ┼", 0);
    for (size_t column = 0; column < CHART_COLUMNS; column++)
        buf_append_str(out, begins[column + 1] ? "┬" : "─");
    buf_append_char(out, '\n');
}

/* When phases begin, as far as there is room, and when the last one ends. */
static void put_times(const struct plan *plan, struct buf *out)
{
    struct buf line = BUF_INIT(1024);
    struct buf end = BUF_INIT(64);
    struct buf time = BUF_INIT(64);
    uint64_t at_ns = 0;

    quantity_format_duration(&end, plan_duration_ns(plan));
    buf_append_str(&line, "0s");
    for (size_t i = 0; i + 1 < plan->phase_count; i++) {
        at_ns += plan->phases[i].duration_ns;
        buf_clear(&time);
        quantity_format_duration(&time, at_ns);
        const size_t right = column_of(plan, at_ns);

        if (right < line.len + 2 + time.len || right + 2 + end.len > CHART_COLUMNS)
            continue;
        buf_printf(&line, "%*s", (int)(right - line.len), buf_str(&time));
    }
    buf_printf(&line, "%*s", (int)(CHART_COLUMNS - line.len), buf_str(&end));
    buf_printf(out, "%11s%s\n", "", buf_str(&line));
    buf_deinit(&time);
    buf_deinit(&end);
    buf_deinit(&line);
}

void load_chart(const struct plan *plan, struct buf *out)
{
    if (peak_of(plan) <= 0 || plan_duration_ns(plan) == 0)
        return;
    for (size_t row = CHART_ROWS; row > 0; row--)
        put_row(plan, row, out);
    put_axis(plan, out);
    put_times(plan, out);
}
