#include "serve/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "serve/server.h"

/* Bytes that a client may send ahead of its answers before reading stops. */
#define HELD_BYTES_MAX (256 * 1024)

static void advance(struct connection *connection);
static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf);
static void on_sent(void *ctx, int error);

/* All connections read into the server's one buffer: it is used up before the next read. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct connection *connection = handle->data;

    (void)suggested;
    *buf = uv_buf_init(connection->serve->input, sizeof(connection->serve->input));
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct serve *serve = connection->serve;

    list_remove(&connection->link);
    request_deinit(&connection->request);
    output_deinit(&connection->output);
    buf_deinit(&connection->held);
    free(connection);
    serve->connection_count--;
    server_check_stopped(serve);
}

static struct list *list_of(struct serve *serve, enum connection_state state)
{
    switch (state) {
    case CONNECTION_READING:
        return &serve->reading;
    case CONNECTION_LINGERING:
        return &serve->lingering;
    case CONNECTION_ANSWERING:
    case CONNECTION_FLUSHING:
    case CONNECTION_CLOSING:
        break;
    }
    return &serve->busy;
}

/* The only place that changes the state. A list is in the order of its connections' seen_ns. */
static void enter(struct connection *connection, enum connection_state state)
{
    struct serve *serve = connection->serve;

    assert(connection->state != CONNECTION_CLOSING);
    connection->state = state;
    connection->seen_ns = clock_mono_ns();
    list_remove(&connection->link);
    list_append(list_of(serve, state), &connection->link);
}

static void set_reading(struct connection *connection, bool wanted)
{
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;

    if (wanted == connection->is_reading)
        return;
    connection->is_reading = wanted;
    if (wanted)
        uv_read_start(stream, on_alloc, on_read);
    else
        uv_read_stop(stream);
}

int serve_connection_accept(struct serve *serve, uv_stream_t *listener)
{
    struct connection *connection = malloc(sizeof(*connection));
    int r;

    if (!connection)
        return -ENOMEM;
    *connection = (struct connection){
        .serve = serve, .held = BUF_INIT(HELD_BYTES_MAX), .serial = ++serve->accepted};
    list_init(&connection->link);
    r = uv_tcp_init(serve->loop, &connection->tcp);
    if (r < 0) {
        free(connection);
        return r;
    }
    connection->tcp.data = connection;
    serve->connection_count++;
    request_init(&connection->request, connection, serve->options.max_head_bytes,
                 serve->options.max_body_bytes);
    request_parser_init(&connection->parser, &connection->request);
    output_init(&connection->output, (uv_stream_t *)&connection->tcp,
                serve->options.max_unsent_bytes, on_sent, connection);
    enter(connection, CONNECTION_READING);
    r = uv_accept(listener, (uv_stream_t *)&connection->tcp);
    if (r < 0) {
        serve_connection_close(connection, false);
        return r;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    set_reading(connection, true);
    return 0;
}

void serve_connection_close(struct connection *connection, bool reset)
{
    if (connection->state == CONNECTION_CLOSING)
        return;
    enter(connection, CONNECTION_CLOSING);
    if (!reset || uv_tcp_close_reset(&connection->tcp, on_closed) < 0)
        uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

void serve_connection_lost(struct connection *connection)
{
    const bool is_answering = connection->state == CONNECTION_ANSWERING;
    const struct serve_request *request = &connection->request;

    serve_connection_close(connection, true);
    if (is_answering && request->gone)
        request->gone(request->gone_ctx);
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    struct connection *connection = shutdown->data;

    if (status < 0 && status != UV_ECANCELED)
        serve_connection_lost(connection);
}

static void linger(struct connection *connection)
{
    enter(connection, CONNECTION_LINGERING);
    connection->shutdown.data = connection;
    set_reading(connection, true);
    if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown) <
        0)
        serve_connection_close(connection, false);
}

/* The answer is with the kernel. */
static void flushed(struct connection *connection)
{
    if (connection->close_after) {
        linger(connection);
        return;
    }
    enter(connection, CONNECTION_READING);
    set_reading(connection, true);
    advance(connection);
}

void serve_connection_finish(struct connection *connection)
{
    assert(connection->state == CONNECTION_ANSWERING);
    enter(connection, CONNECTION_FLUSHING);
    request_reset(&connection->request);
    if (connection->serve->is_stopping)
        connection->close_after = true;
    if (output_is_empty(&connection->output))
        flushed(connection);
}

static void on_sent(void *ctx, int error)
{
    struct connection *connection = ctx;
    const struct serve_request *request = &connection->request;

    if (error < 0)
        serve_connection_lost(connection);
    else if (connection->state == CONNECTION_FLUSHING)
        flushed(connection);
    else if (connection->state == CONNECTION_ANSWERING && request->drained)
        request->drained(request->drained_ctx);
}

void serve_connection_send_continue(struct connection *connection)
{
    char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const uv_buf_t piece = uv_buf_init(text, sizeof(text) - 1);

    /* A failure shows again, and is handled, at the next read. */
    (void)output_send(&connection->output, &piece, 1);
}

/* The request cannot be read to its end: the answer closes the connection. */
static void refuse(struct connection *connection, int status)
{
    struct serve_request *request = &connection->request;
    const struct serve_header header = {"content-type", "text/plain; charset=utf-8"};
    const char *reason = server_reason(status);
    struct buf body = BUF_INIT(256);

    /* The parser may have stopped before it knew these. */
    request->is_chunkable = true;
    request->is_head = connection->parser.method == HTTP_HEAD && request->head_complete;
    request->keep_alive = false;
    buf_printf(&body, "%s\n", reason);
    enter(connection, CONNECTION_ANSWERING);
    serve_answer(request, status, &header, 1, buf_str(&body), body.len);
    buf_deinit(&body);
}

/* Parses up to the end of a request; what is complete goes to the handler. Returns the bytes used. */
static size_t parse(struct connection *connection, const char *bytes, size_t len)
{
    struct serve *serve = connection->serve;
    llhttp_t *parser = &connection->parser;
    const llhttp_errno_t result = llhttp_execute(parser, bytes, len);
    size_t used;

    if (result == HPE_OK)
        return len;
    if (result != HPE_PAUSED) {
        const int refusal = connection->request.refusal;

        refuse(connection, refusal != 0 ? refusal : 400);
        return len;
    }
    used = (size_t)(llhttp_get_error_pos(parser) - bytes);
    llhttp_resume(parser);
    enter(connection, CONNECTION_ANSWERING);
    serve->handler(serve->handler_ctx, &connection->request);
    return used;
}

/* Works through what the client sent ahead, for as long as answers end at once. */
static void advance(struct connection *connection)
{
    size_t used = 0;

    if (connection->is_advancing || connection->held.len == 0)
        return;
    connection->is_advancing = true;
    while (connection->state == CONNECTION_READING && used < connection->held.len)
        used +=
            parse(connection, connection->held.bytes + used, connection->held.len - used);
    connection->is_advancing = false;
    if (connection->state == CONNECTION_CLOSING)
        return;
    if (used < connection->held.len) {
        struct buf rest = BUF_INIT(HELD_BYTES_MAX);

        buf_append(&rest, connection->held.bytes + used, connection->held.len - used);
        buf_deinit(&connection->held);
        connection->held = rest;
    } else {
        buf_deinit(&connection->held);
    }
}

/* Keeps bytes for later; a client that is far ahead is not read from until it is answered. */
static void hold(struct connection *connection, const char *bytes, size_t len)
{
    if (len == 0)
        return;
    if (buf_append(&connection->held, bytes, len) < 0)
        serve_connection_lost(connection);
    else if (connection->held.len > HELD_BYTES_MAX / 2)
        set_reading(connection, false);
}

static void feed(struct connection *connection, const char *bytes, size_t len)
{
    size_t used = 0;

    connection->is_advancing = true;
    while (connection->state == CONNECTION_READING && used < len)
        used += parse(connection, bytes + used, len - used);
    connection->is_advancing = false;
    if (connection->state == CONNECTION_ANSWERING ||
        connection->state == CONNECTION_FLUSHING)
        hold(connection, bytes + used, len - used);
}

static void on_end(struct connection *connection, int error)
{
    if (error == UV_EOF && connection->state == CONNECTION_FLUSHING) {
        /* The client sends no more but may still read. */
        set_reading(connection, false);
        connection->close_after = true;
    } else if (error == UV_EOF && connection->state != CONNECTION_ANSWERING) {
        serve_connection_close(connection, false);
    } else {
        serve_connection_lost(connection);
    }
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct connection *connection = stream->data;

    if (len < 0) {
        on_end(connection, (int)len);
        return;
    }
    if (len == 0)
        return;
    switch (connection->state) {
    case CONNECTION_READING:
        enter(connection, CONNECTION_READING);
        feed(connection, buf->base, (size_t)len);
        break;
    case CONNECTION_ANSWERING:
    case CONNECTION_FLUSHING:
        hold(connection, buf->base, (size_t)len);
        break;
    case CONNECTION_LINGERING:
    case CONNECTION_CLOSING:
        break;
    }
}
