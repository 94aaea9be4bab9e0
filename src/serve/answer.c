#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "serve/connection.h"
#include "serve/server.h"

/* The end of the chunked coding (RFC 9112 section 7.1): last chunk, no trailers. */
#define LAST_CHUNK "0\r\n\r\n"

/* Keeps the Date field's text, which changes once a second. */
static void update_date(struct serve *serve)
{
    const uint64_t now_s = clock_wall_ns() / NS_PER_S;
    const time_t now = (time_t)now_s;
    struct tm utc;

    if (now_s == serve->date_s || !gmtime_r(&now, &utc))
        return;
    serve->date_s = now_s;
    /* The program never leaves the C locale's names of days and months. */
    (void)strftime(serve->date_text, sizeof(serve->date_text),
                   "%a, %d %b %Y %H:%M:%S GMT", &utc);
}

static bool has_body(const struct serve_request *request, int status)
{
    return !request->is_head && status >= 200 && status != 204 && status != 304;
}

static void add_headers(struct buf *head, const struct serve_header *headers,
                        size_t header_count)
{
    for (size_t i = 0; i < header_count; i++) {
        assert(strpbrk(headers[i].value, "\r\n") == NULL);
        buf_printf(head, "%s: %s\r\n", headers[i].name, headers[i].value);
    }
}

static bool has_date(const struct serve_header *headers, size_t header_count)
{
    for (size_t i = 0; i < header_count; i++)
        if (strcasecmp(headers[i].name, "date") == 0)
            return true;
    return false;
}

/* Writes the status line and the header fields, up to those that frame the body. */
static void begin_head(struct serve_request *request, int status,
                       const struct serve_header *headers, size_t header_count)
{
    struct connection *connection = request->connection;
    struct serve *serve = connection->serve;
    struct buf *head = &serve->head;

    assert(connection->state == CONNECTION_ANSWERING);
    connection->close_after = !request->keep_alive || serve->is_stopping;
    update_date(serve);
    buf_clear(head);
    buf_printf(head, "HTTP/1.1 %d %s\r\n", status, server_reason(status));
    if (!has_date(headers, header_count))
        buf_printf(head, "date: %s\r\n", serve->date_text);
    add_headers(head, headers, header_count);
}

static void end_head(const struct serve_request *request)
{
    const struct connection *connection = request->connection;
    struct buf *head = &connection->serve->head;

    if (connection->close_after)
        buf_append_str(head, "connection: close\r\n");
    else if (!request->is_chunkable)
        buf_append_str(head, "connection: keep-alive\r\n");
    buf_append_str(head, "\r\n");
}

/* Sends; when that fails the connection is done for, and so is the request. */
static int send_pieces(struct connection *connection, const uv_buf_t *pieces,
                       unsigned count)
{
    const int r = output_send(&connection->output, pieces, count);

    if (r < 0)
        serve_connection_close(connection, true);
    return r;
}

/* libuv's buffers are not const, but nothing writes to what is sent. */
static uv_buf_t piece_of(const char *bytes, size_t len)
{
    return uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
}

void serve_answer(struct serve_request *request, int status,
                  const struct serve_header *headers, size_t header_count,
                  const char *body, size_t body_len)
{
    struct connection *connection = request->connection;
    struct buf *head = &connection->serve->head;
    uv_buf_t pieces[2];

    begin_head(request, status, headers, header_count);
    if (status >= 200 && status != 204)
        buf_printf(head, "content-length: %zu\r\n", body_len);
    end_head(request);
    if (buf_error(head) < 0) {
        serve_connection_close(connection, true);
        return;
    }
    pieces[0] = piece_of(head->bytes, head->len);
    pieces[1] = piece_of(body, body_len);
    if (send_pieces(connection, pieces,
                    has_body(request, status) && body_len > 0 ? 2 : 1) >= 0)
        serve_connection_finish(connection);
}

/* Writes a chunk's size line: "c4\r\n". Returns its length. */
static size_t write_chunk_size(char line[static 20], size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t count = 1;

    while (count < 16 && len >> (4 * count) != 0)
        count++;
    for (size_t i = 0; i < count; i++)
        line[i] = digits[(len >> (4 * (count - 1 - i))) & 15];
    line[count] = '\r';
    line[count + 1] = '\n';
    return count + 2;
}

/*
 * Sends what stands in `before`, then a piece of the body in the framing of this answer, then
 * the end of the body when it is_last.
 */
static int send_framed(struct serve_request *request, const struct buf *before,
                       const char *bytes, size_t len, bool is_last)
{
    const bool is_chunked =
        request->is_chunkable && !request->is_head && !request->is_counted;
    uv_buf_t pieces[4];
    unsigned count = 0;
    char size_line[20];

    if (before)
        pieces[count++] = piece_of(before->bytes, before->len);
    if (len > 0 && !request->is_head) {
        if (is_chunked)
            pieces[count++] = piece_of(size_line, write_chunk_size(size_line, len));
        pieces[count++] = piece_of(bytes, len);
    }
    if (is_chunked && len > 0)
        pieces[count++] = is_last
                              ? piece_of("\r\n" LAST_CHUNK, 2 + sizeof(LAST_CHUNK) - 1)
                              : piece_of("\r\n", 2);
    else if (is_chunked && is_last)
        pieces[count++] = piece_of(LAST_CHUNK, sizeof(LAST_CHUNK) - 1);
    return count > 0 ? send_pieces(request->connection, pieces, count) : 0;
}

int serve_stream_open(struct serve_request *request, int status,
                      const struct serve_header *headers, size_t header_count,
                      const char *bytes, size_t len)
{
    struct connection *connection = request->connection;
    struct buf *head = &connection->serve->head;

    begin_head(request, status, headers, header_count);
    if (request->is_chunkable)
        buf_append_str(head, "transfer-encoding: chunked\r\n");
    else
        connection->close_after = true;
    end_head(request);
    if (buf_error(head) < 0) {
        serve_connection_close(connection, true);
        return buf_error(head);
    }
    return send_framed(request, head, bytes, len, false);
}

int serve_relay_open(struct serve_request *request, int status,
                     const struct serve_header *headers, size_t header_count,
                     uint64_t length)
{
    struct connection *connection = request->connection;
    struct buf *head = &connection->serve->head;
    const bool is_known = length != SERVE_LENGTH_UNKNOWN;

    begin_head(request, status, headers, header_count);
    request->is_counted = is_known || !has_body(request, status);
    if (is_known && status != 204)
        buf_printf(head, "content-length: %" PRIu64 "\r\n", length);
    else if (!request->is_counted && request->is_chunkable)
        buf_append_str(head, "transfer-encoding: chunked\r\n");
    else if (!request->is_counted)
        connection->close_after = true;
    end_head(request);
    if (buf_error(head) < 0) {
        serve_connection_close(connection, true);
        return buf_error(head);
    }
    return send_framed(request, head, NULL, 0, false);
}

int serve_interim(struct serve_request *request, int status,
                  const struct serve_header *headers, size_t header_count)
{
    struct buf *head = &request->connection->serve->head;
    uv_buf_t piece;

    if (!request->is_chunkable)
        return 0;
    buf_clear(head);
    buf_printf(head, "HTTP/1.1 %d %s\r\n", status, server_reason(status));
    add_headers(head, headers, header_count);
    buf_append_str(head, "\r\n");
    if (buf_error(head) < 0)
        return 0; /* what is only interim may be left out */
    piece = piece_of(head->bytes, head->len);
    return send_pieces(request->connection, &piece, 1);
}

int serve_stream_write(struct serve_request *request, const char *bytes, size_t len)
{
    assert(len > 0);
    return send_framed(request, NULL, bytes, len, false);
}

int serve_stream_end(struct serve_request *request, const char *bytes, size_t len)
{
    const int r = send_framed(request, NULL, bytes, len, true);

    if (r >= 0)
        serve_connection_finish(request->connection);
    return r;
}

int serve_stream_write_raw(struct serve_request *request, const char *bytes, size_t len)
{
    const uv_buf_t piece = piece_of(bytes, len);

    return send_pieces(request->connection, &piece, 1);
}

void serve_abort(struct serve_request *request, enum serve_abort how)
{
    struct connection *connection = request->connection;

    switch (how) {
    case SERVE_ABORT_RESET:
        serve_connection_close(connection, true);
        break;
    case SERVE_ABORT_CLOSE:
        connection->close_after = true;
        serve_connection_finish(connection);
        break;
    }
}
