/*
 * Traces of JSON lines. Mooncake (FAST'25 release, "timestamp" in ms, "input_length", "output_length",
 * "hash_ids" of blocks of 512 tokens) and throng.trace/1, which has the same members, `request` beside
 * them, and a line before all that says what it is. What is beside those is not looked at.
 */

#include "workload/json_lines.h"
#include "workload/trace_reading.h"
#include "workload/trace_request.h"

/* A line while its members are gone through. */
struct line {
    struct trace_draft draft;
    const char *problem;      /* NULL: none so far */
    struct json_scan blocks;  /* `at` NULL: there are none */
    struct json_scan request; /* likewise */
    bool has_time;
    bool has_input;
};

static bool is_known_length(uint64_t tokens)
{
    return tokens <= TRACE_MAX_TOKENS;
}

static void read_length(struct json_scan *number, uint64_t *tokens, struct line *line,
                        const char *problem)
{
    *tokens = json_scan_count(number);
    if (number->failed || !is_known_length(*tokens))
        line->problem = problem;
}

static void read_member(struct json_scan *scan, struct line *line)
{
    const struct json_piece key = json_scan_any_key(scan);
    const bool is_null = json_scan_peek(scan) == 'n';
    struct json_scan value = *scan;

    json_scan_value(scan, JSON_LINES_DEPTH);
    if (is_null)
        return;
    if (json_piece_is(key, "timestamp")) {
        line->has_time = true;
        line->draft.at_ns = json_scan_millionths(&value); /* of a millisecond */
        if (value.failed)
            line->problem = "a 'timestamp' that is no number of milliseconds, at most 13 "
                            "digits and decimals";
    } else if (json_piece_is(key, "input_length")) {
        line->has_input = true;
        read_length(&value, &line->draft.input_tokens, line,
                    "an 'input_length' that is no whole number up to 1,000,000");
    } else if (json_piece_is(key, "output_length")) {
        read_length(&value, &line->draft.output_tokens, line,
                    "an 'output_length' that is no whole number up to 1,000,000");
    } else if (json_piece_is(key, "hash_ids")) {
        line->blocks = value;
    } else if (json_piece_is(key, "request")) {
        line->request = value;
        line->draft.has_request = true;
    }
}

/* As many as the prompt is long. */
static int read_blocks(struct trace *trace, struct line *line)
{
    struct json_scan *scan = &line->blocks;
    uint64_t wanted =
        (line->draft.input_tokens + TRACE_BLOCK_TOKENS - 1) / TRACE_BLOCK_TOKENS;
    int r = 0;

    if (!scan->at || line->draft.has_request)
        return 0;
    if (json_scan_peek(scan) != '[') {
        line->problem = "'hash_ids' that are no list";
        return 0;
    }
    for (bool more = json_scan_enter(scan, '['); r == 0 && more;
         more = json_scan_next(scan, ']')) {
        const uint64_t id = json_scan_count(scan);

        if (!scan->failed && wanted > 0) {
            r = trace_add_block(trace, id);
            wanted--;
        }
    }
    if (scan->failed)
        line->problem = "'hash_ids' that are no whole numbers";
    return r;
}

static const char *missing(const struct line *line)
{
    if (!line->has_time)
        return "no 'timestamp'";
    if (line->draft.has_request)
        return NULL;
    return line->has_input && line->draft.input_tokens > 0
               ? NULL
               : "no 'input_length' above 0, and no 'request'";
}

static int read_line(struct trace_reading *reading, struct json_scan scan,
                     uint64_t number)
{
    struct line line = {
        .draft = {.line = number, .first_block = reading->trace->block_count}};
    int r = 0;

    for (bool more = json_scan_enter(&scan, '{'); more; more = json_scan_next(&scan, '}'))
        read_member(&scan, &line);
    if (!line.problem)
        line.problem = missing(&line);
    if (!line.problem && line.draft.has_request)
        r = trace_read_request(reading, line.request, &line.problem);
    if (r == 0 && !line.problem)
        r = read_blocks(reading->trace, &line);
    if (r < 0)
        return r;
    return line.problem ? trace_bad_row(reading, &line.draft, line.problem)
                        : trace_add(reading, &line.draft);
}

/* The line that says what the file is. */
static bool is_head(struct json_scan scan)
{
    static const char *const keys[] = {"schema"};
    struct json_scan schema;

    json_scan_members(&scan, keys, 1, &schema);
    return schema.at && json_piece_is(json_lines_text(&schema), "throng.trace/1");
}

static int refuse_head(struct trace_reading *reading, uint64_t line)
{
    return row_file_refuse(&reading->file, line,
                           "it begins with {\"schema\": \"throng.trace/1\"}; a file "
                           "without that line may be 'format: mooncake'",
                           "not a trace of schema throng.trace/1");
}

int trace_read_lines(struct trace_reading *reading)
{
    struct row_file *file = &reading->file;
    struct json_lines lines = {.at = file->bytes, .end = file->bytes + file->len};
    bool wants_head = reading->trace->facts.format == PLAN_TRACE_THRONG;
    struct json_scan scan;
    const char *problem;
    int r = 0;

    while (r == 0 && json_lines_next(&lines, &scan)) {
        const bool is_object = json_lines_is_object(scan, &problem);

        if (wants_head && !(is_object && is_head(scan)))
            return refuse_head(reading, lines.line);
        if (wants_head)
            wants_head = false;
        else if (is_object)
            r = read_line(reading, scan, lines.line);
        else
            r = trace_bad_row(
                reading,
                &(struct trace_draft){.line = lines.line,
                                      .first_block = reading->trace->block_count},
                problem);
    }
    return r;
}
