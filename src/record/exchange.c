#include "record/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "record/answer_reading.h"
#include "record/hop.h"
#include "record/recording.h"
#include "record/relay.h"

#define CONNECT_TIMEOUT_NS (10 * NS_PER_S)

/* As many as serve reads of a request. */
#define HEADERS_MAX 100

/* Method, target and headers, with room for what serve counts otherwise. */
#define HEAD_BYTES_MAX ((size_t)128 * 1024)

struct exchange {
    struct list link; /* in the recording's */
    struct record *record;
    struct serve_request *request; /* NULL: it is over for the client */
    struct transfer *transfer;
    struct trace_entry *entry; /* owned until it is written */
    struct answer_reading reading;
    uint64_t arrived_ns;
    bool is_answered; /* the head is with the client */
    bool is_left;     /* by the client, before its end */
    bool is_cut;      /* likewise, but by the end of the recording's grace */
    bool is_written;  /* it goes into the trace */
};

/* Copies the request: it is read for the trace, and its body sent, after it is over for the client. */
static int copy_request(const struct record *record, const struct serve_request *request,
                        struct trace_entry *entry)
{
    struct buf *head = &entry->head;
    struct serve_header header;
    size_t path_len;
    size_t body_len;
    const char *path = serve_request_path(request, &path_len);
    const char *body = serve_request_body(request, &body_len);
    const char *method = serve_request_method(request);

    (void)buf_append(head, method, strlen(method) + 1);
    (void)buf_append_str(head, record->upstream.prefix);
    (void)buf_append(head, path, strcspn(path, "#"));
    (void)buf_append_char(head, '\0');
    for (size_t i = 0; serve_request_header_at(request, i, &header); i++) {
        (void)buf_append(head, header.name, strlen(header.name) + 1);
        (void)buf_append(head, header.value, strlen(header.value) + 1);
        entry->header_count++;
    }
    (void)buf_append(&entry->body, body, body_len);
    return buf_error(head) < 0 ? buf_error(head) : buf_error(&entry->body);
}

static size_t gather_headers(const struct serve_request *request,
                             struct transfer_header headers[static HEADERS_MAX])
{
    const char *connection = serve_request_header(request, "connection");
    struct serve_header header;
    size_t count = 0;

    for (size_t i = 0;
         count < HEADERS_MAX && serve_request_header_at(request, i, &header); i++)
        if (!hop_is_own(header.name, connection))
            headers[count++] =
                (struct transfer_header){.name = header.name, .value = header.value};
    return count;
}

/* The entry goes to the writer, or is let go; the exchange is gone. */
static void finish(struct exchange *exchange)
{
    struct record *record = exchange->record;

    list_remove(&exchange->link);
    record->running--;
    if (exchange->is_written)
        trace_writer_add(record->writer, exchange->entry);
    else
        trace_entry_free(exchange->entry);
    answer_reading_deinit(&exchange->reading);
    free(exchange);
}

/* The client is gone, or its connection broke as it was written to. */
static void leave(struct exchange *exchange)
{
    exchange->request = NULL;
    exchange->is_left = true;
    transport_cancel(exchange->transfer, TRANSFER_CANCELLED);
}

static void on_gone(void *ctx)
{
    struct exchange *exchange = ctx;
    const struct record *record = exchange->record;

    exchange->is_cut = record->is_stopping && clock_mono_ns() >= record->grace_end_ns;
    leave(exchange);
}

static void on_drained(void *ctx)
{
    const struct exchange *exchange = ctx;

    if (exchange->transfer)
        transport_resume(exchange->transfer);
}

static void on_interim(void *ctx, uint16_t status)
{
    struct exchange *exchange = ctx;

    if (exchange->request &&
        relay_interim(exchange->request, exchange->transfer, status) < 0)
        leave(exchange);
}

static void on_headers(void *ctx, uint16_t status, const struct arrival *arrival)
{
    struct exchange *exchange = ctx;
    int r;

    if (!exchange->request)
        return;
    answer_reading_head(
        &exchange->reading, status, transport_header(exchange->transfer, "Content-Type"),
        transport_header(exchange->transfer, "Content-Encoding"), arrival);
    /* It was never asked to change the protocol, and whatever follows would be no HTTP. */
    if (status < 200) {
        transport_cancel(exchange->transfer, TRANSFER_PROTOCOL);
        return;
    }
    exchange->is_answered = true;
    r = relay_head(exchange->request, exchange->transfer, status);
    if (r < 0)
        leave(exchange);
    else if (r == SERVE_QUEUED)
        transport_pause(exchange->transfer);
}

static void on_body(void *ctx, const char *bytes, size_t len,
                    const struct arrival *arrival)
{
    struct exchange *exchange = ctx;
    int r;

    if (!exchange->request)
        return;
    r = serve_stream_write(exchange->request, bytes, len);
    answer_reading_body(&exchange->reading, bytes, len, arrival);
    if (r < 0)
        leave(exchange);
    else if (r == SERVE_QUEUED)
        transport_pause(exchange->transfer);
}

/* The answer ends for the client as it ended for us. */
static void end_answer(struct exchange *exchange, const struct transfer_result *result)
{
    struct serve_request *request = exchange->request;
    struct record_totals *totals = &exchange->record->totals;

    exchange->request = NULL;
    if (result->end == TRANSFER_COMPLETE) {
        exchange->is_left = serve_stream_end(request, NULL, 0) < 0;
        return;
    }
    totals->failed++;
    if (exchange->is_answered)
        serve_abort(request, result->end == TRANSFER_RESET ? SERVE_ABORT_RESET
                                                           : SERVE_ABORT_CLOSE);
    else
        exchange->entry->answer.status = relay_failure(request, result);
}

static void on_end(void *ctx, const struct transfer_result *result)
{
    struct exchange *exchange = ctx;
    struct record_totals *totals = &exchange->record->totals;
    const bool is_whole = result->end == TRANSFER_COMPLETE;
    const char *how = transfer_end_name(result->end);

    exchange->transfer = NULL;
    if (exchange->request)
        end_answer(exchange, result);
    if (exchange->is_cut) {
        totals->cut++;
        how = "recording_ended";
    } else if (exchange->is_left) {
        totals->left++;
        how = "client_gone";
    }
    answer_reading_end(&exchange->reading, how,
                       is_whole ? result->closed_ns : clock_mono_ns());
    finish(exchange);
}

static int send_on(struct exchange *exchange, const char *url)
{
    static const struct transfer_handler handler = {.on_interim = on_interim,
                                                    .on_headers = on_headers,
                                                    .on_body = on_body,
                                                    .on_end = on_end};
    struct transfer_header headers[HEADERS_MAX];
    const struct buf *body = &exchange->entry->body;
    const struct transfer_request sent = {
        .method = serve_request_method(exchange->request),
        .url = url,
        .headers = headers,
        .header_count = gather_headers(exchange->request, headers),
        .body = body->len > 0 ? body->bytes : NULL,
        .body_len = body->len,
        .user = serve_request_connection(exchange->request),
        .connect_timeout_ns = CONNECT_TIMEOUT_NS,
        .passes_on = true,
    };

    return transport_start(curl_transport_as_transport(exchange->record->transport),
                           &sent, exchange->arrived_ns, &handler, exchange,
                           &exchange->transfer);
}

/* Counts it in, and gives it its place in the trace. */
static void admit(struct exchange *exchange)
{
    struct record *record = exchange->record;
    struct record_totals *totals = &record->totals;

    if (record->began_ns == 0)
        record->began_ns = exchange->arrived_ns;
    exchange->entry->arrived_ns = exchange->arrived_ns - record->began_ns;
    exchange->entry->session = sessions_number(
        &record->sessions, exchange->entry, serve_request_connection(exchange->request));
    exchange->is_written = record->options.max_entries == 0 ||
                           record->admitted < record->options.max_entries;
    record->admitted += exchange->is_written;
    totals->beyond += !exchange->is_written;
    totals->requests++;
    totals->sessions = record->sessions.count;
    totals->span_ns = exchange->entry->arrived_ns;
    if (++record->running > totals->peak)
        totals->peak = record->running;
}

/* The exchange, not yet counted; NULL: no memory. */
static struct exchange *exchange_new(struct record *record, struct serve_request *request)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (!exchange)
        return NULL;
    exchange->record = record;
    exchange->request = request;
    exchange->arrived_ns = clock_mono_ns();
    exchange->entry =
        trace_entry_new(HEAD_BYTES_MAX, (size_t)record->options.max_body_bytes);
    if (!exchange->entry || copy_request(record, request, exchange->entry) < 0) {
        trace_entry_free(exchange->entry);
        free(exchange);
        return NULL;
    }
    answer_reading_init(&exchange->reading, &exchange->entry->answer,
                        exchange->arrived_ns);
    list_init(&exchange->link);
    return exchange;
}

static void refuse(struct record *record, struct serve_request *request, int status,
                   const char *sentence)
{
    record->totals.refused++;
    relay_refusal(request, status, sentence);
}

void exchange_begin(struct record *record, struct serve_request *request)
{
    struct buf url = BUF_INIT(UPSTREAM_BYTES + HEAD_BYTES_MAX);
    size_t path_len;
    const char *path = serve_request_path(request, &path_len);
    struct exchange *exchange;
    int r;

    if (path[0] != '/' || strcmp(serve_request_method(request), "CONNECT") == 0) {
        refuse(record, request, 501,
               "throng record stands for one server: send it requests for a path");
        return;
    }
    exchange = exchange_new(record, request);
    if (!exchange) {
        refuse(record, request, 503, "throng record has no memory for this request");
        return;
    }
    (void)buf_append_str(&url, record->upstream.url);
    (void)buf_append(&url, path, strcspn(path, "#"));
    r = buf_error(&url) < 0 ? buf_error(&url) : send_on(exchange, buf_str(&url));
    buf_deinit(&url);
    if (r < 0) {
        trace_entry_free(exchange->entry);
        free(exchange);
        refuse(record, request, r == -EINVAL ? 400 : 503,
               r == -EINVAL ? "throng record cannot pass this target or these headers on"
                            : "throng record cannot pass requests on any more");
        return;
    }
    list_append(&record->exchanges, &exchange->link);
    admit(exchange);
    serve_request_on_gone(request, on_gone, exchange);
    serve_request_on_drained(request, on_drained, exchange);
}
