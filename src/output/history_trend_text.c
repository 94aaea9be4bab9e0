#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
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
#define ID_COLUMNS 100

struct trend {
    const json_t *points;
    const char *unit;
    const json_t *baseline; /* the newest point that is one; NULL: none is */
    double median;          /* NAN: nothing is known */
    struct terminal_style style;
    struct buf *out;
};

static int compare_numbers(const void *one, const void *other)
{
    const double a = *(const double *)one;
    const double b = *(const double *)other;

    return (a > b) - (a < b);
}

static double value_of(const json_t *point)
{
    return summary_number(point, "value");
}

/* Of those that are known; NAN where none is. */
static double median_of(const json_t *points)
{
    double *known = calloc(json_array_size(points) + 1, sizeof(*known));
    double median = (double)NAN;
    size_t count = 0;

    if (!known)
        return median;
    for (size_t i = 0; i < json_array_size(points); i++)
        if (isfinite(value_of(json_array_get(points, i))))
            known[count++] = value_of(json_array_get(points, i));
    qsort(known, count, sizeof(*known), compare_numbers);
    if (count > 0)
        median = (known[(count - 1) / 2] + known[count / 2]) / 2;
    free(known);
    return median;
}

/* The newest so many as bars between the least and the greatest of them; "·": not known. */
static void put_bars(const struct trend *trend)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const size_t count = json_array_size(trend->points);
    const size_t room = (size_t)trend->style.columns;
    const size_t first = count > room ? count - room : 0;
    double least = HUGE_VAL;
    double most = -HUGE_VAL;

    for (size_t i = first; i < count; i++) {
        const double value = value_of(json_array_get(trend->points, i));

        if (isfinite(value)) {
            least = fmin(least, value);
            most = fmax(most, value);
        }
    }
    for (size_t i = first; i < count; i++) {
        const double value = value_of(json_array_get(trend->points, i));
        const double share = most > least ? (value - least) / (most - least) : 0.5;
        const size_t bar = isfinite(value) ? (size_t)lround(share * 7) : 0;

        terminal_paint(trend->out, trend->style,
                       isfinite(value) ? PAINT_ACCENT : PAINT_FAINT,
                       isfinite(value) ? bars[bar] : "·");
    }
    buf_append_char(trend->out, '\n');
}

static void say_against(struct buf *line, double last, double than, const char *unit,
                        const char *what)
{
    buf_append_str(line, ", ");
    figure_say_change(line, last, than);
    buf_printf(line, " against %s ", what);
    figure_say(line, than, unit);
}

static void put_sentence(const struct trend *trend)
{
    CLEANUP(buf_deinit) struct buf line = BUF_INIT(MAX_CELL_BYTES);
    const size_t count = json_array_size(trend->points);
    const json_t *newest = json_array_get(trend->points, count - 1);

    buf_printf(&line, "%zu run%s; the newest: ", count, count == 1 ? "" : "s");
    figure_say_point(&line, newest, trend->unit);
    if (count > 1 && isfinite(trend->median))
        say_against(&line, value_of(newest), trend->median, trend->unit, "the median");
    if (trend->baseline && trend->baseline != newest)
        say_against(&line, value_of(newest), value_of(trend->baseline), trend->unit,
                    "the baseline");
    buf_append_str(&line, ".");
    terminal_wrap(trend->out, buf_str(&line), 0, (size_t)trend->style.columns);
    buf_append_char(trend->out, '\n');
}

/* What of a run makes its value another matter: it failed, is not trusted, or asked something else. */
static void add_remarks(struct terminal_table *table, const json_t *point,
                        const json_t *before)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);
    const int code = (int)summary_count(point, "exit_code");
    const char *grade = summary_text(point, "trust");
    const char *meaning = exit_code_text(code);
    const char *between = "";

    if (code != EXIT_PASSED) {
        buf_printf(&cell, "✗ %d %s", code, meaning ? meaning : "");
        between = "; ";
    }
    if (*grade == 'D' || *grade == 'F') {
        buf_printf(&cell, "%strust %c", between, *grade);
        between = "; ";
    }
    if (before && strcmp(summary_text(point, "fingerprint"),
                         summary_text(before, "fingerprint")) != 0)
        buf_printf(&cell, "%sanother workload from here on", between);
    table_cell(table, PAINT_BAD, "%s", buf_str(&cell));
}

static void add_change(struct terminal_table *table, const json_t *point,
                       const json_t *than)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    if (than && than != point)
        figure_say_change(&cell, value_of(point), value_of(than));
    table_cell(table, PAINT_FAINT, "%s", buf_str(&cell));
}

static void add_safe(struct terminal_table *table, enum paint paint, const char *text)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    terminal_put_safe(&cell, text, ID_COLUMNS);
    table_cell(table, paint, "%s", buf_str(&cell));
}

static void add_names(struct terminal_table *table, const json_t *names)
{
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    for (size_t i = 0; i < json_array_size(names); i++)
        buf_printf(&cell, "%s%s", i == 0 ? "" : ", ",
                   json_string_value(json_array_get(names, i)));
    add_safe(table, PAINT_ACCENT, buf_str(&cell));
}

static void add_point(const struct trend *trend, struct terminal_table *table, size_t i)
{
    const json_t *point = json_array_get(trend->points, i);
    const json_t *before = i > 0 ? json_array_get(trend->points, i - 1) : NULL;
    CLEANUP(buf_deinit) struct buf cell = BUF_INIT(MAX_CELL_BYTES);

    figure_say_moment(&cell, summary_text(point, "started_at"));
    table_cell(table, PAINT_FAINT, "%s", buf_str(&cell));
    buf_clear(&cell);
    figure_say_point(&cell, point, trend->unit);
    table_cell(table, PAINT_STRONG, "%s", buf_str(&cell));
    add_change(table, point, before);
    add_change(table, point, trend->baseline);
    add_names(table, json_object_get(point, "baselines"));
    add_safe(table, PAINT_PLAIN, summary_text(point, "run_id"));
    add_remarks(table, point, before);
}

static void put_points(const struct trend *trend)
{
    static const struct table_column columns[] = {
        {.head = "started (UTC)", .left = true},
        {.head = "value"},
        {.head = "against before"},
        {.head = "against baseline"},
        {.head = "baseline", .left = true},
        {.head = "run", .left = true},
        {.head = "", .left = true},
    };
    const size_t count = json_array_size(trend->points);
    struct terminal_table table;
    size_t first = 0;

    table_init(&table, columns, COUNT_OF(columns));
    if (!trend->baseline) {
        table_skip(&table, 3);
        table_skip(&table, 4);
    }
    if (count > TABLE_CELLS / COUNT_OF(columns))
        first = count - TABLE_CELLS / COUNT_OF(columns);
    for (size_t i = first; i < count; i++)
        add_point(trend, &table, i);
    if (first > 0)
        buf_printf(trend->out, "%zu older are not shown; --output json has all.\n",
                   first);
    table_write(&table, trend->style, 0, trend->out);
    table_deinit(&table);
}

int history_text_trend(const json_t *document, struct terminal_style style,
                       struct buf *out)
{
    struct trend trend = {.points = json_object_get(document, "points"),
                          .unit = summary_text(document, "unit"),
                          .style = style,
                          .out = out};
    CLEANUP(buf_deinit) struct buf title = BUF_INIT(MAX_CELL_BYTES);

    if (json_array_size(trend.points) == 0) {
        buf_append_str(out, "No run in the history is such.\n");
        return buf_error(out);
    }
    for (size_t i = 0; i < json_array_size(trend.points); i++)
        if (json_array_size(
                json_object_get(json_array_get(trend.points, i), "baselines")) > 0)
            trend.baseline = json_array_get(trend.points, i);
    trend.median = median_of(trend.points);
    terminal_put_safe(&title, summary_text(document, "title"), ID_COLUMNS);
    terminal_paint(out, style, PAINT_STRONG, buf_str(&title));
    buf_append_str(out, " of ");
    terminal_put_safe(out, summary_text(document, "scenario"), ID_COLUMNS);
    buf_append_char(out, '\n');
    put_bars(&trend);
    put_sentence(&trend);
    buf_append_char(out, '\n');
    put_points(&trend);
    return buf_error(out);
}
