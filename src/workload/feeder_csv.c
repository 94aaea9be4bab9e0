#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "plan/data.h"
#include "workload/csv.h"
#include "workload/feeder.h"

#define SKIP_HINT "mend the row, or set 'on_bad_row: skip' to leave such rows out"
#define MAX_NAMED_BYTES ((size_t)256)

/* The fields of one record. */
struct record {
    struct csv_field *fields; /* owned */
    size_t count;
    size_t cap;
    const char *problem; /* what is wrong with it, or NULL */
};

static void record_deinit(struct record *record)
{
    free(record->fields);
}

static void index_free(size_t **index)
{
    free(*index);
}

static int reserve_field(struct record *record)
{
    const size_t cap = record->cap ? 2 * record->cap : 16;
    struct csv_field *fields;

    if (record->count < record->cap)
        return 0;
    fields = reallocarray(record->fields, cap, sizeof(*fields));
    if (!fields)
        return -ENOMEM;
    record->fields = fields;
    record->cap = cap;
    return 0;
}

/* Reads all fields of the record. Returns 0 or -ENOMEM. */
static int read_record(struct csv *csv, struct record *record)
{
    *record = (struct record){.fields = record->fields, .cap = record->cap};
    do {
        if (reserve_field(record) < 0)
            return -ENOMEM;
        record->problem = csv_read(csv, &record->fields[record->count]);
        if (record->problem) {
            csv_skip(csv);
            return 0;
        }
    } while (!record->fields[record->count++].is_last);
    if (!utf8_is_valid(csv->record, (size_t)(csv->at - csv->record)))
        record->problem = "bytes that are not UTF-8";
    return 0;
}

static bool is_named(const struct csv_field *field, const char *name)
{
    return field->len == strlen(name) && memcmp(field->bytes, name, field->len) == 0;
}

/* The columns there are, for people to choose from. */
static void list_names(const struct record *header, struct buf *out)
{
    (void)buf_append_str(out, "the first line names: ");
    for (size_t i = 0; i < header->count; i++) {
        (void)buf_append_str(out, i > 0 ? ", " : "");
        (void)buf_append_printable(out, header->fields[i].bytes, header->fields[i].len);
    }
}

static int refuse_column(struct feeder_reading *reading, const struct record *header,
                         uint64_t line, const char *name)
{
    struct buf names = BUF_INIT(MAX_NAMED_BYTES);
    int r;

    list_names(header, &names);
    r = buf_error(&names) == -ENOMEM
            ? -ENOMEM
            : row_file_refuse(&reading->file, line, buf_str(&names),
                              "no column '%s', which 'data.%s.%s' asks for", name,
                              reading->feeder->name, name);
    buf_deinit(&names);
    return r;
}

/* Where each column that is used stands in the file. */
static int find_columns(struct feeder_reading *reading, const struct record *header,
                        uint64_t line, size_t *columns)
{
    const struct plan_feeder *feeder = reading->feeder;
    int r = 0;

    for (size_t i = 0; i < feeder->column_count && r != -ENOMEM; i++) {
        size_t found = 0;

        while (found < header->count &&
               !is_named(&header->fields[found], feeder->columns[i]))
            found++;
        columns[i] = found;
        if (found == header->count)
            r = refuse_column(reading, header, line, feeder->columns[i]);
    }
    return r;
}

static int keep_field(const struct csv_field *field, struct texts *texts)
{
    const char *at = field->bytes;
    const char *end = field->bytes + field->len;
    int r = 0;

    /* Of two quotes the first one is kept, with what stands before it. */
    while (r == 0 && field->doubled && at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));

        if (!quote)
            break;
        r = texts_append(texts, at, (size_t)(quote + 1 - at));
        at = quote + 2;
    }
    if (r == 0)
        r = texts_append(texts, at, (size_t)(end - at));
    return r < 0 ? r : texts_close(texts, false);
}

static int keep_row(struct feeder_reading *reading, const struct record *record,
                    const size_t *columns)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < reading->feeder->column_count; i++)
        r = keep_field(&record->fields[columns[i]], &reading->texts);
    reading->rows++;
    return r;
}

static int read_rows(struct feeder_reading *reading, struct csv *csv,
                     struct record *record, const size_t *columns)
{
    const size_t width = record->count;
    int r = 0;

    while (r == 0 && csv_next(csv)) {
        r = read_record(csv, record);
        if (r == 0 && !record->problem && record->count != width)
            record->problem = record->count < width
                                  ? "fewer fields than the first line names"
                                  : "more fields than the first line names";
        if (r == 0 && record->problem)
            r = row_file_bad_row(&reading->file, csv->line, record->problem, SKIP_HINT);
        else if (r == 0)
            r = keep_row(reading, record, columns);
    }
    return r;
}

int feeder_read_csv(struct feeder_reading *reading)
{
    CLEANUP(record_deinit) struct record record = {0};
    CLEANUP(index_free)
    size_t *columns = calloc(reading->feeder->column_count + 1, sizeof(*columns));
    struct csv csv = csv_begin(reading->file.bytes, reading->file.len);
    int r;

    if (!columns)
        return -ENOMEM;
    if (!csv_next(&csv))
        return row_file_refuse(&reading->file, 0, "its first line names the columns",
                               "an empty file");
    r = read_record(&csv, &record);
    if (r == 0 && record.problem)
        return row_file_refuse(&reading->file, csv.line,
                               "the first line names the columns", "%s", record.problem);
    if (r == 0)
        r = find_columns(reading, &record, csv.line, columns);
    return r < 0 ? r : read_rows(reading, &csv, &record, columns);
}
