#include "output/dialect_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "output/terminal_table.h"
#include "output/terminal_text.h"
#include "result/dialect.h"

#define LABEL_COLUMNS 10
#define NUMBER_COLUMNS 11

/* The name of a statistic in a latency of the summary; NULL: it has none such. */
static const char *member_of(const struct dialect_statistic *statistic)
{
    static const struct {
        double quantile;
        const char *name;
    } quantiles[] = {{0.5, "p50"}, {0.9, "p90"}, {0.95, "p95"}, {0.99, "p99"}};

    switch (statistic->measure) {
    case DIALECT_MEAN:
        return "mean";
    case DIALECT_STD:
        return "stddev";
    case DIALECT_MIN:
        return "min";
    case DIALECT_MAX:
        return "max";
    case DIALECT_QUANTILE:
        for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
            if (fabs(quantiles[i].quantile - statistic->quantile) < 1e-9)
                return quantiles[i].name;
        return NULL;
    case DIALECT_COUNT:
    case DIALECT_SUM:
        break;
    }
    return NULL;
}

static void put_number(struct terminal_table *table, double value)
{
    if (isfinite(value))
        table_cell(table, PAINT_PLAIN, "%.*f",
                   fabs(value) < 10 && value != floor(value) ? 4 : 2, value);
    else
        table_cell(table, PAINT_FAINT, "–");
}

/* Throng's own, in the unit of the figure; "> x" where it is only known to be above. */
static void put_own(struct terminal_table *table, const json_t *metric, const char *name,
                    double scale)
{
    const json_t *value = name ? json_object_get(metric, name) : NULL;
    const json_t *above =
        name ? json_object_get(json_object_get(metric, "above"), name) : NULL;

    if (json_is_number(above))
        table_cell(table, PAINT_PLAIN, "> %.2f", json_number_value(above) * scale);
    else
        put_number(table, json_is_number(value) ? json_number_value(value) * scale
                                                : (double)NAN);
}

static void write_numbers(const struct dialect_story *story,
                          const struct dialect_figure *figure, const json_t *metric,
                          struct terminal_style style, struct buf *out)
{
    struct table_column columns[TABLE_COLUMNS] = {
        {.head = "", .left = true, .width = LABEL_COLUMNS}};
    struct terminal_table table;
    /* Throng's times are in ms. */
    const double scale = strcmp(figure->unit, "s") == 0 ? 1e-3 : 1;
    size_t count = 1;

    for (size_t i = 0; i < story->statistic_count && count < TABLE_COLUMNS; i++) {
        const char *name = story->statistics[i].name;
        const char *slash = strrchr(name, '/');

        if (story->statistics[i].told)
            columns[count++] = (struct table_column){.head = slash ? slash + 1 : name,
                                                     .width = NUMBER_COLUMNS};
    }
    table_init(&table, columns, count);
    table_cell(&table, PAINT_STRONG, "%s", dialect_name(story->dialect));
    for (size_t i = 0; i < story->statistic_count; i++)
        if (story->statistics[i].told)
            put_number(&table, figure->values[i]);
    if (metric) {
        table_cell(&table, PAINT_FAINT, "throng");
        for (size_t i = 0; i < story->statistic_count; i++)
            if (story->statistics[i].told)
                put_own(&table, metric, member_of(&story->statistics[i]), scale);
    }
    table_write(&table, style, 2, out);
    table_deinit(&table);
}

static void write_sentence(struct buf *out, struct terminal_style style,
                           const char *sentence)
{
    if (sentence && sentence[0]) {
        buf_append_str(out, "  ");
        terminal_wrap(out, sentence, 2, (size_t)style.columns);
        buf_append_char(out, '\n');
    }
}

static void write_figure(const struct dialect_story *story,
                         const struct dialect_figure *figure, const json_t *metrics,
                         struct terminal_style style, struct buf *out)
{
    const json_t *metric =
        figure->metric ? json_object_get(metrics, figure->metric) : NULL;
    struct buf head = BUF_INIT(512);

    buf_printf(&head, "%s", figure->title);
    if (strcmp(figure->title, figure->name) != 0)
        buf_printf(&head, " (%s)", figure->name);
    buf_append_char(out, '\n');
    terminal_paint(out, style, PAINT_STRONG, buf_str(&head));
    if (figure->is_one && isfinite(figure->values[0]))
        buf_printf(out, ": %.*f", figure->values[0] == floor(figure->values[0]) ? 0 : 3,
                   figure->values[0]);
    else if (figure->is_one)
        buf_append_str(out, ": –");
    buf_printf(out, "%s %s", figure->is_one ? "" : ",", figure->unit);
    if (metric && !figure->is_one)
        buf_printf(out, "; in throng: %s", figure->metric);
    buf_append_char(out, '\n');
    if (!figure->is_one)
        write_numbers(story, figure, metric, style, out);
    write_sentence(out, style, figure->lack);
    write_sentence(out, style, figure->meaning);
    write_sentence(out, style, figure->why);
    buf_deinit(&head);
}

int dialect_text_write(const struct dialect_story *story, const json_t *summary,
                       struct terminal_style style, struct buf *out)
{
    const json_t *run = json_object_get(summary, "run");
    const char *id = json_string_value(json_object_get(run, "id"));

    terminal_put_safe(out, id ? id : "", 128);
    buf_printf(out,
               " as %s would tell it: %" PRIu64 " requests succeeded, %" PRIu64
               " failed.\n",
               dialect_tool(story->dialect), story->succeeded, story->failed);
    for (size_t i = 0; i < story->note_count; i++) {
        terminal_wrap(out, story->notes[i], 0, (size_t)style.columns);
        buf_append_char(out, '\n');
    }
    for (size_t i = 0; i < story->figure_count; i++)
        write_figure(story, &story->figures[i], json_object_get(summary, "metrics"),
                     style, out);
    return buf_error(out);
}
