#include "record/record.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "record/exchange.h"
#include "record/recording.h"

/* A connection of libcurl's costs more the more of them one multi has. */
#define SHARDS 8

/* A client that reads slower than its upstream sends is waited for from here on. */
#define UNSENT_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* Entries that the disk has not taken; beyond, they are given up before memory is. */
#define WAITING_BYTES_MAX ((size_t)256 * 1024 * 1024)

static void on_request(void *ctx, struct serve_request *request)
{
    exchange_begin(ctx, request);
}

static int explain(struct buf *reterr, int r, const char *what, const char *name)
{
    buf_printf(reterr, "%s '%s': %s", what, name, strerror(-r));
    return r;
}

static int open_transport(struct record *record)
{
    struct curl_transport_options options = {.targets = &record->policy,
                                             .target_count = 1,
                                             .shards = SHARDS,
                                             .kernel_stamps = true};

    record->policy = (struct connection_policy){.reuse = CONNECTION_REUSE_POOL,
                                                .insecure = record->options.insecure,
                                                .ca_file = record->options.ca_file};
    return curl_transport_new(record->loop, &options, &record->transport);
}

static int open_server(struct record *record, struct buf *reterr)
{
    struct serve_options options = SERVE_OPTIONS_DEFAULT;
    const char *listen = record->options.listen;
    int r = serve_address_parse(listen, &options.address);

    if (r < 0) {
        buf_printf(reterr,
                   "'%s' is no address to listen on; write one such as 127.0.0.1:8080",
                   listen);
        return r;
    }
    options.max_body_bytes = (size_t)record->options.max_body_bytes;
    options.max_unsent_bytes = UNSENT_BYTES_MAX;
    r = serve_new(record->loop, &options, on_request, record, &record->serve);
    return r < 0 ? explain(reterr, r, "cannot listen on", listen) : 0;
}

static int open_writer(struct record *record, struct buf *reterr)
{
    const struct trace_writer_options options = {.path = record->options.path,
                                                 .origin = record->upstream.origin,
                                                 .is_insecure = record->options.insecure,
                                                 .rules = &record->rules,
                                                 .max_waiting_bytes = WAITING_BYTES_MAX,
                                                 .trouble = record->options.trouble,
                                                 .ctx = record->options.ctx};
    const int r = trace_writer_new(record->loop, &options, &record->writer);

    if (r == -EEXIST)
        buf_printf(reterr, "'%s' is there already: move it away, or name another file",
                   options.path);
    else if (r < 0)
        (void)explain(reterr, r, "cannot write", options.path);
    return r;
}

static int open_all(struct record *record, struct buf *reterr, enum record_step *step)
{
    const char *problem = upstream_parse(record->options.upstream, &record->upstream);
    int r;

    *step = RECORD_STEP_OPTIONS;
    if (problem) {
        buf_printf(reterr, "the upstream %s", problem);
        return -EINVAL;
    }
    r = open_transport(record);
    if (r < 0)
        return explain(reterr, r, "cannot set up", "libcurl");
    *step = RECORD_STEP_LISTEN;
    r = open_server(record, reterr);
    if (r < 0)
        return r;
    *step = RECORD_STEP_FILE;
    return open_writer(record, reterr);
}

int record_new(uv_loop_t *loop, const struct record_options *options, struct buf *reterr,
               enum record_step *ret_step, struct record **ret_record)
{
    struct record *record = calloc(1, sizeof(*record));
    int r;

    if (!record)
        return -ENOMEM;
    record->loop = loop;
    record->options = *options;
    record->rules = (struct redaction){.names = options->redacted_names,
                                       .name_count = options->redacted_count,
                                       .kept_headers = options->kept_headers,
                                       .kept_count = options->kept_count};
    list_init(&record->exchanges);
    r = open_all(record, reterr, ret_step);
    if (r < 0) {
        /* What was opened closes from the loop. */
        record_stop(record, 0, NULL, NULL);
        while (!record->is_closed)
            (void)uv_run(loop, UV_RUN_ONCE);
        record_free(record);
        return r;
    }
    *ret_record = record;
    return 0;
}

void record_url(const struct record *record, char text[static 64])
{
    serve_url(record->serve, text);
}

const char *record_upstream(const struct record *record)
{
    return record->upstream.url;
}

static void on_written(void *ctx)
{
    struct record *record = ctx;

    record->is_closed = true;
    if (record->stopped)
        record->stopped(record->stopped_ctx);
}

static void on_disconnected(void *ctx)
{
    struct record *record = ctx;

    assert(list_is_empty(&record->exchanges));
    record->transport = NULL;
    if (record->writer)
        trace_writer_close(record->writer, on_written, record);
    else
        on_written(record);
}

static void on_served(void *ctx)
{
    struct record *record = ctx;

    if (record->transport)
        curl_transport_close(record->transport, on_disconnected, record);
    else
        on_disconnected(record);
}

void record_stop(struct record *record, uint64_t grace_ms, void (*stopped)(void *ctx),
                 void *ctx)
{
    if (!record->is_stopping) {
        record->stopped = stopped;
        record->stopped_ctx = ctx;
    }
    record->is_stopping = true;
    record->grace_end_ns = clock_mono_ns() + grace_ms * NS_PER_MS;
    if (record->serve)
        serve_stop(record->serve, grace_ms, on_served, record);
    else
        on_served(record);
}

void record_totals(const struct record *record, struct record_totals *ret_totals)
{
    struct trace_writer_counts written;

    *ret_totals = record->totals;
    trace_writer_counts(record->writer, &written);
    ret_totals->entries = written.entries;
    ret_totals->lost = written.lost;
    ret_totals->headers_left_out = written.taken.headers;
    ret_totals->values_starred = written.taken.values;
    ret_totals->bodies_left_out = written.taken.bodies;
    ret_totals->bytes = written.bytes;
    ret_totals->file_error = written.error;
}

struct record *record_free(struct record *record)
{
    if (!record)
        return NULL;
    serve_free(record->serve);
    trace_writer_free(record->writer);
    sessions_deinit(&record->sessions);
    free(record);
    return NULL;
}
