/*
 * Traces of CSV files whose first line names the columns. Azure's LLM inference traces of 2023 and 2024
 * (github.com/Azure/AzurePublicDataset: TIMESTAMP as a date, ContextTokens, GeneratedTokens) and BurstGPT
 * (github.com/HPMLL/BurstGPT: Timestamp in seconds, Request tokens, Response tokens).
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/iso_date.h"
#include "base/utf8.h"
#include "workload/csv.h"
#include "workload/trace_reading.h"

/* So many columns are looked at: the files have up to 8. */
#define MAX_COLUMNS 64

enum column { COLUMN_TIME, COLUMN_INPUT, COLUMN_OUTPUT, COLUMNS };

struct csv_format {
    const char *columns[COLUMNS];
    bool is_date; /* else seconds */
    const char *bad_time;
    const char *bad_input;
    const char *bad_output;
};

static const struct csv_format azure = {
    .columns = {"TIMESTAMP", "ContextTokens", "GeneratedTokens"},
    .is_date = true,
    .bad_time = "a 'TIMESTAMP' that is no date and time: 2023-11-16 18:15:46.6805900",
    .bad_input = "'ContextTokens' that are no whole number from 1 to 1,000,000",
    .bad_output = "'GeneratedTokens' that are no whole number up to 1,000,000",
};

static const struct csv_format burstgpt = {
    .columns = {"Timestamp", "Request tokens", "Response tokens"},
    .bad_time = "a 'Timestamp' that is no number of seconds",
    .bad_input = "'Request tokens' that are no whole number from 1 to 1,000,000",
    .bad_output = "'Response tokens' that are no whole number up to 1,000,000",
};

/* Where the columns stand. */
struct columns {
    size_t place[COLUMNS];
    size_t count; /* of the first line */
};

static bool take_digits(const char **at, const char *end, size_t most, uint64_t *value)
{
    size_t digits = 0;

    for (; *at < end && isdigit((unsigned char)**at) && digits < most; digits++)
        *value = *value * 10 + (uint64_t)(*(*at)++ - '0');
    return digits > 0;
}

/* "472", and "472.0" as some writers of tables have it. */
static bool read_tokens(const struct csv_field *field, uint64_t *ret_tokens)
{
    const char *at = field->bytes;
    const char *end = at + field->len;
    uint64_t tokens = 0;

    if (!take_digits(&at, end, 9, &tokens))
        return false;
    if (end - at >= 2 && *at == '.')
        for (at++; at < end && *at == '0';)
            at++;
    if (at != end || tokens > TRACE_MAX_TOKENS)
        return false;
    *ret_tokens = tokens;
    return true;
}

/* "4573.25" */
static bool read_seconds(const struct csv_field *field, uint64_t *ret_ns)
{
    const char *at = field->bytes;
    const char *end = at + field->len;
    uint64_t unit_ns = NS_PER_S / 10;
    uint64_t sum_ns = 0;

    if (!take_digits(&at, end, 9, &sum_ns))
        return false;
    sum_ns *= NS_PER_S;
    if (end - at >= 2 && *at == '.')
        for (at++; at < end && isdigit((unsigned char)*at); at++, unit_ns /= 10)
            sum_ns += unit_ns * (uint64_t)(*at - '0');
    if (at != end)
        return false;
    *ret_ns = sum_ns;
    return true;
}

/* Reads the record at hand; of more columns than there is room for the first ones. */
static const char *read_record(struct csv *csv, struct csv_field *fields,
                               size_t *ret_count)
{
    struct csv_field field = {0};
    size_t count = 0;

    while (!field.is_last) {
        const char *problem = csv_read(csv, &field);

        if (problem) {
            csv_skip(csv);
            return problem;
        }
        if (count < MAX_COLUMNS)
            fields[count] = field;
        count++;
    }
    *ret_count = count;
    return utf8_is_valid(csv->record, (size_t)(csv->at - csv->record))
               ? NULL
               : "bytes that are not UTF-8";
}

static bool is_named(const struct csv_field *field, const char *name)
{
    return field->len == strlen(name) && strncasecmp(field->bytes, name, field->len) == 0;
}

/* Reads the first line. Returns 0; -EINVAL with the mistake added; -ENOMEM. */
static int find_columns(struct trace_reading *reading, const struct csv_format *format,
                        struct csv *csv, struct columns *ret_columns)
{
    struct csv_field fields[MAX_COLUMNS];
    const char *problem = "an empty file";

    if (csv_next(csv))
        problem = read_record(csv, fields, &ret_columns->count);
    for (size_t i = 0; !problem && i < COLUMNS; i++) {
        size_t at = 0;

        while (at < ret_columns->count && at < MAX_COLUMNS &&
               !is_named(&fields[at], format->columns[i]))
            at++;
        if (at == ret_columns->count || at == MAX_COLUMNS)
            return row_file_refuse(
                &reading->file, csv->line,
                "name another 'format', or the column in the first line",
                "no column '%s'", format->columns[i]);
        ret_columns->place[i] = at;
    }
    return problem ? row_file_refuse(&reading->file, csv->line,
                                     "its first line names the columns", "%s", problem)
                   : 0;
}

static const char *read_row(const struct csv_format *format,
                            const struct columns *columns, const struct csv_field *fields,
                            struct trace_draft *draft)
{
    const struct csv_field *time = &fields[columns->place[COLUMN_TIME]];

    if (format->is_date ? !iso_date_parse(time->bytes, time->len, &draft->at_ns)
                        : !read_seconds(time, &draft->at_ns))
        return format->bad_time;
    if (!read_tokens(&fields[columns->place[COLUMN_INPUT]], &draft->input_tokens) ||
        draft->input_tokens == 0)
        return format->bad_input;
    if (!read_tokens(&fields[columns->place[COLUMN_OUTPUT]], &draft->output_tokens))
        return format->bad_output;
    return NULL;
}

int trace_read_csv(struct trace_reading *reading)
{
    const struct csv_format *format =
        reading->trace->facts.format == PLAN_TRACE_AZURE ? &azure : &burstgpt;
    struct csv csv = csv_begin(reading->file.bytes, reading->file.len);
    struct columns columns = {0};
    int r = find_columns(reading, format, &csv, &columns);

    while (r == 0 && csv_next(&csv)) {
        struct csv_field fields[MAX_COLUMNS];
        struct trace_draft draft = {.line = csv.line};
        size_t count;
        const char *problem = read_record(&csv, fields, &count);

        if (!problem && count != columns.count)
            problem = count < columns.count ? "fewer fields than the first line names"
                                            : "more fields than the first line names";
        if (!problem)
            problem = read_row(format, &columns, fields, &draft);
        if (problem)
            r = trace_bad_row(reading, &draft, problem);
        else if (draft.output_tokens == 0)
            reading->trace->facts.failed++; /* there was no answer: BurstGPT's failures */
        else
            r = trace_add(reading, &draft);
    }
    return r;
}
