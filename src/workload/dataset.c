#include "workload/dataset.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "plan/data.h"
#include "workload/dataset_reading.h"
#include "workload/json_lines.h"
#include "workload/json_list.h"
#include "workload/uniqueness.h"

#define FIRST_ROWS 64

void dataset_deinit(struct dataset *dataset)
{
    texts_deinit(&dataset->texts);
    free(dataset->rows);
    *dataset = (struct dataset){0};
}

uint64_t dataset_hash(const struct dataset *dataset)
{
    uint64_t hash = dataset->row_count;

    for (uint32_t i = 0; i < dataset->row_count; i++)
        hash = rng_mix(hash ^ dataset->rows[i].first ^
                       (uint64_t)dataset->rows[i].output_tokens << 32);
    for (uint32_t i = 0; i < dataset->texts.count; i++) {
        size_t len;
        const char *bytes = texts_at(&dataset->texts, i, &len);

        hash = rng_mix(hash ^ uniqueness_hash(bytes, len));
    }
    return hash;
}

static uint32_t end_of(const struct dataset *dataset, uint64_t row)
{
    return row + 1 < dataset->row_count ? dataset->rows[row + 1].first
                                        : dataset->texts.count;
}

size_t dataset_messages(const struct dataset *dataset, uint64_t row)
{
    assert(row < dataset->row_count);
    return end_of(dataset, row) - dataset->rows[row].first;
}

struct message dataset_message(const struct dataset *dataset, uint64_t row, size_t index)
{
    const uint32_t text = dataset->rows[row].first + (uint32_t)index;
    size_t len;
    const char *bytes = texts_at(&dataset->texts, text, &len);

    assert(text < end_of(dataset, row));
    return (struct message){.role = (enum message_role)bytes[0],
                            .is_json = texts_is_json(&dataset->texts, text),
                            .content = bytes + 1,
                            .len = len - 1};
}

/* Closes the message whose content was appended. */
static int close_message(struct dataset_reading *reading, enum message_role role,
                         bool is_json)
{
    struct texts *texts = &reading->dataset->texts;
    const int r = texts_close(texts, is_json);

    if (r == 0 && role == MESSAGE_USER)
        reading->end = texts->count;
    return r;
}

int dataset_add_text(struct dataset_reading *reading, enum message_role role,
                     struct json_piece text)
{
    struct texts *texts = &reading->dataset->texts;
    int r = texts_append(texts, &(const char){(char)role}, 1);

    if (r == 0)
        r = row_file_append_string(&reading->file, text, texts);
    return r < 0 ? r : close_message(reading, role, false);
}

int dataset_add_json(struct dataset_reading *reading, enum message_role role,
                     const char *bytes, size_t len)
{
    struct texts *texts = &reading->dataset->texts;
    int r = texts_append(texts, &(const char){(char)role}, 1);

    if (r == 0)
        r = texts_append(texts, bytes, len);
    return r < 0 ? r : close_message(reading, role, true);
}

static int reserve_row(struct dataset *dataset)
{
    const uint32_t cap = dataset->row_cap ? 2 * dataset->row_cap : FIRST_ROWS;
    struct dataset_row *rows;

    if (dataset->row_count < dataset->row_cap)
        return 0;
    rows = reallocarray(dataset->rows, cap, sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    dataset->rows = rows;
    dataset->row_cap = cap;
    return 0;
}

int dataset_close_row(struct dataset_reading *reading, uint32_t output_tokens)
{
    struct dataset *dataset = reading->dataset;
    const int r = reserve_row(dataset);

    assert(reading->end > reading->first);
    if (r < 0)
        return r;
    texts_cut(&dataset->texts, reading->end);
    dataset->rows[dataset->row_count++] =
        (struct dataset_row){.first = reading->first, .output_tokens = output_tokens};
    reading->first = reading->end;
    return 0;
}

void dataset_drop_row(struct dataset_reading *reading)
{
    texts_cut(&reading->dataset->texts, reading->first);
    reading->end = reading->first;
}

static int read_lines(struct dataset_reading *reading, dataset_entry_fn *read_entry)
{
    struct json_lines lines = {.at = reading->file.bytes,
                               .end = reading->file.bytes + reading->file.len};
    struct json_scan scan;
    const char *problem;
    int r = 0;

    while (r == 0 && json_lines_next(&lines, &scan)) {
        if (json_lines_is_object(scan, &problem))
            r = read_entry(reading, scan, lines.line);
        else
            r = row_file_bad_row(&reading->file, lines.line, problem,
                                 "write one object a line, or set 'on_bad_row: skip' to "
                                 "leave such lines out");
    }
    return r;
}

/* One entry of a list at a time: nothing is kept of the file but what the rows are made of. */
static int read_list(struct dataset_reading *reading, dataset_entry_fn *read_entry)
{
    const struct row_file *file = &reading->file;
    struct json_list list =
        json_list_begin(json_scan_begin(file->bytes, file->len), file->bytes);
    struct json_scan scan;
    int r = 0;

    while (r == 0 && json_list_next(&list, &scan)) {
        const bool is_object = json_scan_peek(&scan) == '{';

        if (is_object && utf8_is_valid(scan.at, (size_t)(scan.end - scan.at)))
            r = read_entry(reading, scan, list.line);
        else
            r = row_file_bad_row(&reading->file, list.line,
                                 is_object ? "bytes that are not UTF-8"
                                           : "no JSON object",
                                 DATASET_SKIP_HINT);
    }
    if (r == 0 && !json_scan_is_over(&list.scan))
        r = row_file_refuse(
            &reading->file, list.line, "the whole file is one list: [{…}, {…}]",
            "not well-formed JSON in or behind the entry that begins here");
    return r;
}

static int read_rows(struct dataset_reading *reading, const struct plan_dataset *plan)
{
    dataset_entry_fn *read_entry = plan->format == PLAN_DATASET_SHAREGPT
                                       ? dataset_read_recorded
                                       : dataset_read_prompt;
    struct json_scan start;
    int r = row_file_open(&reading->file);

    if (r < 0)
        return r;
    start = json_scan_begin(reading->file.bytes, reading->file.len);
    r = plan->format == PLAN_DATASET_SHAREGPT && json_scan_peek(&start) == '['
            ? read_list(reading, read_entry)
            : read_lines(reading, read_entry);
    if (r < 0)
        return r;
    if (reading->file.failed)
        return -EINVAL;
    if (reading->dataset->row_count == 0)
        return row_file_refuse(
            &reading->file, 0,
            "a dataset needs one row at least that a person begins, none of it bad",
            "no rows");
    return texts_trim(&reading->dataset->texts);
}

int dataset_read(struct dataset *dataset, const struct plan_dataset *plan,
                 struct diag_list *diags)
{
    struct dataset_reading reading = {
        .file = {.path = plan->path,
                 .named = {.file = plan->file ? plan->file : plan->path,
                           .line = plan->line,
                           .column = plan->column},
                 .skip_bad_rows = plan->skip_bad_rows,
                 .diags = diags},
        .dataset = dataset,
    };
    const int r = read_rows(&reading, plan);

    dataset->is_whole = plan->format == PLAN_DATASET_JSONL;
    dataset->skipped = reading.file.skipped;
    row_file_close(&reading.file);
    return r;
}
