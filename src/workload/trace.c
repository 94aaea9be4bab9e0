#include "workload/trace.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/rng.h"
#include "workload/trace_reading.h"
#include "workload/uniqueness.h"

/* Of a request: method, path and body stand before the headers. */
enum { TEXT_METHOD, TEXT_PATH, TEXT_BODY, TEXT_HEADERS };

struct trace *trace_free(struct trace *trace)
{
    if (!trace)
        return NULL;
    texts_deinit(&trace->texts);
    free(trace->rows);
    free(trace->blocks);
    free(trace->origin);
    free(trace);
    return NULL;
}

DEFINE_CLEANUP(struct trace, trace_free)

static uint64_t memory_of(const struct trace *trace)
{
    return trace->row_cap * sizeof(*trace->rows) +
           trace->block_cap * sizeof(*trace->blocks) + trace->texts.pages.cap +
           trace->texts.cap * sizeof(*trace->texts.marks);
}

struct trace_facts trace_facts(const struct trace *trace)
{
    struct trace_facts facts = trace->facts;

    facts.entries = trace->row_count;
    facts.origin = trace->origin;
    facts.memory_bytes = memory_of(trace);
    return facts;
}

static const struct trace_row *row_at(const struct trace *trace, uint64_t index)
{
    assert(index < trace->row_count);
    return &trace->rows[index];
}

struct trace_entry trace_entry_at(const struct trace *trace, uint64_t index)
{
    const struct trace_row *row = row_at(trace, index);

    return (struct trace_entry){.at_ns = row->at_ns,
                                .input_tokens = row->input_tokens,
                                .output_tokens = row->output_tokens,
                                .has_request = row->has_request};
}

static size_t headers_of(const struct trace_row *row)
{
    const size_t texts = row->count;

    return row->has_request ? (texts - TEXT_HEADERS) / 2 : 0;
}

/* A text of a row, without the NUL behind it. */
static const char *text_of(const struct trace *trace, const struct trace_row *row,
                           size_t number, size_t *ret_len)
{
    const char *bytes;

    assert(row->has_request && number < row->count);
    bytes = texts_at(&trace->texts, row->first + (uint32_t)number, ret_len);
    *ret_len -= 1;
    return bytes;
}

struct trace_request trace_request_at(const struct trace *trace, uint64_t index)
{
    const struct trace_row *row = row_at(trace, index);
    struct trace_request request = {.header_count = headers_of(row)};
    size_t len;

    request.method = text_of(trace, row, TEXT_METHOD, &len);
    request.path = text_of(trace, row, TEXT_PATH, &len);
    request.body = text_of(trace, row, TEXT_BODY, &request.body_len);
    return request;
}

struct trace_header trace_header_at(const struct trace *trace, uint64_t index,
                                    size_t header)
{
    const struct trace_row *row = row_at(trace, index);
    size_t len;

    return (struct trace_header){
        .name = text_of(trace, row, TEXT_HEADERS + 2 * header, &len),
        .value = text_of(trace, row, TEXT_HEADERS + 2 * header + 1, &len)};
}

uint64_t trace_hash(const struct trace *trace)
{
    uint64_t hash = trace->row_count;

    for (uint32_t i = 0; i < trace->row_count; i++) {
        const struct trace_row *row = &trace->rows[i];

        hash = rng_mix(hash ^ row->at_ns);
        hash = rng_mix(hash ^ row->input_tokens ^ (uint64_t)row->output_tokens << 32);
        for (uint32_t j = 0; j < row->count; j++) {
            size_t len = 0;
            const char *bytes = row->has_request ? text_of(trace, row, j, &len) : NULL;

            hash = rng_mix(hash ^ (bytes ? uniqueness_hash(bytes, len)
                                         : trace->blocks[row->first + j]));
        }
    }
    return hash;
}

/* Makes room for one more in an array that grows by half. Returns as trace_add. */
static int reserve(void **array, uint32_t *cap, uint32_t count, size_t size)
{
    const uint32_t wanted = *cap ? *cap + *cap / 2 : 1024;
    void *bigger;

    if (count < *cap)
        return 0;
    if (*cap > UINT32_MAX / 2)
        return -EMSGSIZE;
    bigger = reallocarray(*array, wanted, size);
    if (!bigger)
        return -ENOMEM;
    *array = bigger;
    *cap = wanted;
    return 0;
}

int trace_add_block(struct trace *trace, uint64_t id)
{
    void *blocks = trace->blocks;
    const int r =
        reserve(&blocks, &trace->block_cap, trace->block_count, sizeof(*trace->blocks));

    trace->blocks = blocks;
    if (r == 0)
        trace->blocks[trace->block_count++] = id;
    return r;
}

int trace_add(struct trace_reading *reading, const struct trace_draft *draft)
{
    struct trace *trace = reading->trace;
    const uint32_t first = draft->has_request ? reading->first_text : draft->first_block;
    const uint32_t end = draft->has_request ? trace->texts.count : trace->block_count;
    void *rows = trace->rows;
    const int r = reserve(&rows, &trace->row_cap, trace->row_count, sizeof(*trace->rows));

    assert(draft->input_tokens <= TRACE_MAX_TOKENS);
    assert(draft->output_tokens <= TRACE_MAX_TOKENS);
    trace->rows = rows;
    if (r < 0)
        return r;
    trace->rows[trace->row_count++] =
        (struct trace_row){.at_ns = draft->at_ns,
                           .input_tokens = (uint32_t)draft->input_tokens,
                           .output_tokens = (uint32_t)draft->output_tokens,
                           .first = first,
                           .line = (uint32_t)draft->line,
                           .count = (end - first) & INT32_MAX,
                           .has_request = draft->has_request};
    reading->first_text = trace->texts.count;
    return 0;
}

int trace_bad_row(struct trace_reading *reading, const struct trace_draft *draft,
                  const char *problem)
{
    struct trace *trace = reading->trace;

    texts_cut(&trace->texts, reading->first_text);
    trace->block_count = draft->first_block;
    return row_file_bad_row(&reading->file, draft->line, problem, TRACE_SKIP_HINT);
}

static int read_format(struct trace_reading *reading)
{
    switch (reading->trace->facts.format) {
    case PLAN_TRACE_THRONG:
    case PLAN_TRACE_MOONCAKE:
        return trace_read_lines(reading);
    case PLAN_TRACE_AZURE:
    case PLAN_TRACE_BURSTGPT:
        return trace_read_csv(reading);
    case PLAN_TRACE_HAR:
        return trace_read_har(reading);
    case PLAN_TRACE_AUTO:
        break;
    }
    return row_file_refuse(&reading->file, 0,
                           "write 'format: mooncake', azure, burstgpt, har or throng",
                           "not a trace of a format that is known");
}

/* Gives back what was reserved for more. */
static int trim(struct trace *trace)
{
    void *rows = reallocarray(trace->rows, trace->row_count, sizeof(*trace->rows));
    void *blocks =
        reallocarray(trace->blocks, trace->block_count + 1, sizeof(*trace->blocks));

    trace->rows = rows ? rows : trace->rows;
    trace->row_cap = rows ? trace->row_count : trace->row_cap;
    trace->blocks = blocks ? blocks : trace->blocks;
    trace->block_cap = blocks ? trace->block_count + 1 : trace->block_cap;
    return rows && blocks ? texts_trim(&trace->texts) : -ENOMEM;
}

static void note_requests(struct trace *trace)
{
    for (uint32_t i = 0; i < trace->row_count; i++) {
        const struct trace_row *row = &trace->rows[i];
        const size_t headers = headers_of(row);

        trace->facts.requests += row->has_request;
        if (headers > trace->facts.most_headers)
            trace->facts.most_headers = headers;
    }
}

static int read_file(struct trace_reading *reading)
{
    int r = row_file_open(&reading->file);

    if (r < 0)
        return r;
    if (reading->trace->facts.format == PLAN_TRACE_AUTO)
        reading->trace->facts.format = trace_format_of(&reading->file);
    r = read_format(reading);
    if (r == -EMSGSIZE)
        r = row_file_refuse(&reading->file, 0, "split it",
                            "more than a trace can hold in memory");
    reading->trace->facts.bad = reading->file.skipped;
    if (r == 0 && reading->file.failed)
        r = -EINVAL;
    if (r == 0)
        r = trace_arrange(reading);
    if (r < 0)
        return r;
    note_requests(reading->trace);
    return trim(reading->trace);
}

int trace_read(struct trace **ret_trace, const struct plan_replay *plan,
               struct diag_list *diags)
{
    CLEANUP(trace_freep) struct trace *trace = calloc(1, sizeof(*trace));
    struct trace_reading reading = {
        .file = {.path = plan->path,
                 .named = {.file = plan->file ? plan->file : plan->path,
                           .line = plan->line,
                           .column = plan->column},
                 .skip_bad_rows = plan->skip_bad_rows,
                 .diags = diags},
        .plan = plan,
        .trace = trace,
    };
    int r;

    if (!trace)
        return -ENOMEM;
    trace->facts.format = plan->format;
    r = read_file(&reading);
    row_file_close(&reading.file);
    if (r == 0)
        *ret_trace = TAKE(trace);
    return r;
}
