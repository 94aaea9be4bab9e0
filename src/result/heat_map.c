#include "result/heat_map.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "result/hlog.h"
#include "result/json_tree.h"

#define MAX_COLUMNS 300
#define ROWS_PER_DECADE 30
#define DECADES 10 /* from a microsecond up: past the greatest value of a histogram */
#define ROWS (DECADES * ROWS_PER_DECADE)
#define FROM_MS 0.001
#define SECONDS_DECIMALS 3

struct grid {
    const char *metric;
    double column_s;
    size_t columns; /* that have room */
    size_t column;  /* that the interval in hand begins in */
    size_t least_row;
    size_t most_row;
    uint64_t total;
    uint64_t counts[MAX_COLUMNS][ROWS];
};

static size_t row_of(uint64_t value_ns)
{
    const double ms = (double)value_ns / (double)NS_PER_MS;
    const double row = floor(log10(ms / FROM_MS) * ROWS_PER_DECADE);

    return row < 0 ? 0 : row < ROWS ? (size_t)row : ROWS - 1;
}

static void add_span(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    struct grid *grid = ctx;
    const size_t row = row_of(least_ns + (most_ns - least_ns) / 2);

    grid->counts[grid->column][row] += count;
    grid->total += count;
    grid->least_row = row < grid->least_row ? row : grid->least_row;
    grid->most_row = row > grid->most_row ? row : grid->most_row;
}

static int read_line(void *ctx, const struct hlog_line *line)
{
    struct grid *grid = ctx;

    if (line->kind != HLOG_INTERVAL || line->key ||
        strcmp(line->metric, grid->metric) != 0)
        return 0;
    grid->column = line->start_s > 0 ? (size_t)(line->start_s / grid->column_s) : 0;
    if (grid->column >= grid->columns)
        grid->column = grid->columns - 1;
    return histogram_decode_each(line->encoded, add_span, grid);
}

/* [start_s, length_s, first row, [counts]]; rows are counted from the least that has any. */
static json_t *column_of(struct json_tree *tree, const struct grid *grid, size_t column)
{
    const uint64_t *counts = grid->counts[column];
    size_t first = grid->least_row;
    size_t last = grid->most_row;
    json_t *made = NULL;
    json_t *list = NULL;

    while (first <= last && counts[first] == 0)
        first++;
    if (first > last)
        return NULL;
    while (counts[last] == 0)
        last--;
    made = json_tree_array(tree);
    list = json_tree_array(tree);
    for (size_t row = first; row <= last; row++)
        json_tree_append(tree, list, json_integer((json_int_t)counts[row]));
    json_tree_append(tree, made, json_real((double)column * grid->column_s));
    json_tree_append(tree, made, json_real(grid->column_s));
    json_tree_append(tree, made, json_integer((json_int_t)(first - grid->least_row)));
    json_tree_append(tree, made, list);
    return made;
}

static int document_of(const struct grid *grid, json_t **ret_heat)
{
    struct json_tree tree = {0};
    json_t *document = json_tree_object(&tree);
    json_t *columns = json_tree_array(&tree);
    const double step = pow(10, 1.0 / ROWS_PER_DECADE);

    json_tree_put_text(&tree, document, "metric", grid->metric);
    json_tree_put(&tree, document, "from_ms",
                  json_real(FROM_MS * pow(step, (double)grid->least_row)));
    json_tree_put(&tree, document, "ratio", json_real(step));
    json_tree_put_count(&tree, document, "rows", grid->most_row - grid->least_row + 1);
    for (size_t i = 0; i < grid->columns; i++) {
        json_t *column = column_of(&tree, grid, i);

        if (column)
            json_tree_append(&tree, columns, column);
    }
    json_tree_put(&tree, document, "columns", columns);
    return json_tree_finish(&tree, document, ret_heat);
}

/* Whole seconds, so many that the run fits. */
static void set_columns(struct grid *grid, const json_t *summary)
{
    const double duration_s =
        json_number_value(json_object_get(json_object_get(summary, "run"), "duration_s"));
    const double seconds = ceil(duration_s / MAX_COLUMNS);

    grid->column_s = seconds > 1 ? seconds : 1;
    grid->columns = (size_t)ceil(duration_s / grid->column_s);
    if (grid->columns < 1 || grid->columns > MAX_COLUMNS)
        grid->columns = grid->columns < 1 ? 1 : MAX_COLUMNS;
}

int heat_map_read(const char *path, const json_t *summary, json_t **ret_heat)
{
    struct grid *grid = calloc(1, sizeof(*grid));
    const json_t *metrics = json_object_get(summary, "metrics");
    int r = 0;

    if (!grid)
        return -ENOMEM;
    grid->metric = json_object_get(metrics, "ttft") ? "ttft" : "e2e";
    grid->least_row = ROWS - 1;
    set_columns(grid, summary);
    r = hlog_each(path, read_line, grid);
    if (r == 0)
        r = grid->total > 0 ? document_of(grid, ret_heat) : -ENODATA;
    free(grid);
    return r;
}
