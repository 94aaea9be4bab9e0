#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "plan/data.h"
#include "workload/feeder.h"
#include "workload/json_lines.h"

#define MAX_PROBLEM_BYTES ((size_t)512)

/* A value as it stands in the file. */
struct value {
    const char *bytes; /* NULL: there is none */
    size_t len;
};

static void values_free(struct value **values)
{
    free(*values);
}

/* Which of the columns a key is; the count of them when none. Returns 0 or -ENOMEM. */
static int find_column(struct feeder_reading *reading, struct json_piece key,
                       size_t *ret_column)
{
    const struct plan_feeder *feeder = reading->feeder;
    struct buf *scratch = &reading->file.scratch;
    size_t column = 0;

    if (key.escaped) {
        buf_clear(scratch);
        if (json_piece_append(key, scratch) < 0)
            return -ENOMEM;
        key = (struct json_piece){.bytes = buf_str(scratch), .len = scratch->len};
    }
    while (column < feeder->column_count && !json_piece_is(key, feeder->columns[column]))
        column++;
    *ret_column = column;
    return 0;
}

/* Finds the columns' values; of a key that stands there twice, the last. Returns 0 or -ENOMEM. */
static int find_values(struct feeder_reading *reading, struct json_scan scan,
                       struct value *values)
{
    memset(values, 0, reading->feeder->column_count * sizeof(*values));
    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const char *start;
        size_t column;

        if (find_column(reading, json_scan_any_key(&scan), &column) < 0)
            return -ENOMEM;
        json_scan_peek(&scan);
        start = scan.at;
        json_scan_value(&scan, JSON_LINES_DEPTH);
        if (column < reading->feeder->column_count)
            values[column] = (struct value){start, (size_t)(scan.at - start)};
    }
    return 0;
}

static int keep_value(struct feeder_reading *reading, struct value value)
{
    struct json_scan scan = json_scan_begin(value.bytes, value.len);
    const bool is_text = json_scan_peek(&scan) == '"';
    const int r = is_text ? row_file_append_string(
                                &reading->file, json_scan_string(&scan), &reading->texts)
                          : texts_append(&reading->texts, value.bytes, value.len);

    return r < 0 ? r : texts_close(&reading->texts, !is_text);
}

static int note_missing(struct feeder_reading *reading, uint64_t line, const char *name)
{
    struct buf problem = BUF_INIT(MAX_PROBLEM_BYTES);
    int r;

    (void)buf_printf(&problem, "no key '%s', which 'data.%s.%s' asks for", name,
                     reading->feeder->name, name);
    r = buf_error(&problem) == -ENOMEM
            ? -ENOMEM
            : row_file_bad_row(
                  &reading->file, line, buf_str(&problem),
                  "add it, or set 'on_bad_row: skip' to leave such lines out");
    buf_deinit(&problem);
    return r;
}

static int read_row(struct feeder_reading *reading, struct json_scan scan, uint64_t line,
                    struct value *values)
{
    const struct plan_feeder *feeder = reading->feeder;
    const char *problem;
    int r = 0;

    if (!json_lines_is_object(scan, &problem))
        return row_file_bad_row(
            &reading->file, line, problem,
            "write one object a line, or set 'on_bad_row: skip' to leave such lines out");
    if (find_values(reading, scan, values) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < feeder->column_count; i++)
        if (!values[i].bytes)
            return note_missing(reading, line, feeder->columns[i]);
    for (size_t i = 0; r == 0 && i < feeder->column_count; i++)
        r = keep_value(reading, values[i]);
    reading->rows++;
    return r;
}

int feeder_read_json_lines(struct feeder_reading *reading)
{
    CLEANUP(values_free)
    struct value *values = calloc(reading->feeder->column_count + 1, sizeof(*values));
    struct json_lines lines = {.at = reading->file.bytes,
                               .end = reading->file.bytes + reading->file.len};
    struct json_scan scan;
    int r = values ? 0 : -ENOMEM;

    while (r == 0 && json_lines_next(&lines, &scan))
        r = read_row(reading, scan, lines.line, values);
    return r;
}
