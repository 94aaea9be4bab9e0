#include "serve/request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "serve/connection.h"

/* A buffer that grew past this for one large request gives its memory back. */
#define KEPT_BYTES_MAX (64 * 1024)

void request_init(struct serve_request *request, struct connection *connection,
                  size_t max_head_bytes, size_t max_body_bytes)
{
    *request = (struct serve_request){
        .connection = connection,
        .head = BUF_INIT(max_head_bytes),
        .body = BUF_INIT(max_body_bytes > 0 ? max_body_bytes : 1),
    };
}

void request_deinit(struct serve_request *request)
{
    buf_deinit(&request->head);
    buf_deinit(&request->body);
}

static void empty(struct buf *buf)
{
    if (buf->cap > KEPT_BYTES_MAX)
        buf_deinit(buf);
    else
        buf_clear(buf);
}

void request_reset(struct serve_request *request)
{
    empty(&request->head);
    empty(&request->body);
    request->header_count = 0;
    request->text_begin = 0;
    request->head_complete = false;
    request->expects_continue = false;
    request->is_counted = false;
    request->method = NULL;
    request->refusal = 0;
    request->gone = NULL;
    request->gone_ctx = NULL;
    request->drained = NULL;
    request->drained_ctx = NULL;
}

static int refuse(struct serve_request *request, int status)
{
    request->refusal = status;
    return HPE_USER;
}

/* Adds a fragment of the string that is being read. */
static int add_text(struct serve_request *request, const char *at, size_t len)
{
    if (request->head_complete)
        return 0;
    switch (buf_append(&request->head, at, len)) {
    case 0:
        return 0;
    case -EMSGSIZE:
        return refuse(request, 431);
    default:
        return refuse(request, 503);
    }
}

/* Ends the string that is being read. */
static int end_text(struct serve_request *request, uint32_t *ret_begin)
{
    const int r = add_text(request, "", 1);

    *ret_begin = request->text_begin;
    request->text_begin = (uint32_t)request->head.len;
    return r;
}

static int on_text(llhttp_t *parser, const char *at, size_t len)
{
    return add_text(parser->data, at, len);
}

static int on_url_complete(llhttp_t *parser)
{
    uint32_t begin;

    return end_text(parser->data, &begin);
}

static int on_header_field_complete(llhttp_t *parser)
{
    struct serve_request *request = parser->data;

    if (request->head_complete)
        return 0;
    if (request->header_count == REQUEST_HEADERS_MAX)
        return refuse(request, 431);
    return end_text(request, &request->headers[request->header_count].name);
}

static int on_header_value_complete(llhttp_t *parser)
{
    struct serve_request *request = parser->data;

    if (request->head_complete)
        return 0;
    return end_text(request, &request->headers[request->header_count++].value);
}

static int on_headers_complete(llhttp_t *parser)
{
    struct serve_request *request = parser->data;
    const char *expect = serve_request_header(request, "expect");

    request->head_complete = true;
    request->method = llhttp_method_name((llhttp_method_t)llhttp_get_method(parser));
    request->is_head = parser->method == HTTP_HEAD;
    request->is_chunkable =
        parser->http_major > 1 || (parser->http_major == 1 && parser->http_minor >= 1);
    request->expects_continue =
        expect && request->is_chunkable && strcasecmp(expect, "100-continue") == 0;
    /* An offer to change the protocol may be ignored (RFC 9110 section 7.8). */
    parser->upgrade = 0;
    if ((parser->flags & F_CONTENT_LENGTH) != 0) {
        if (parser->content_length > request->body.max_bytes)
            return refuse(request, 413);
        if (parser->content_length > 0 &&
            buf_reserve(&request->body, (size_t)parser->content_length) < 0)
            return refuse(request, 503);
    }
    if (request->expects_continue)
        serve_connection_send_continue(request->connection);
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct serve_request *request = parser->data;

    switch (buf_append(&request->body, at, len)) {
    case 0:
        return 0;
    case -EMSGSIZE:
        return refuse(request, 413);
    default:
        return refuse(request, 503);
    }
}

static int on_message_complete(llhttp_t *parser)
{
    struct serve_request *request = parser->data;

    request->keep_alive = llhttp_should_keep_alive(parser) != 0;
    return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
    .on_url = on_text,
    .on_url_complete = on_url_complete,
    .on_header_field = on_text,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_text,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void request_parser_init(llhttp_t *parser, struct serve_request *request)
{
    llhttp_init(parser, HTTP_REQUEST, &callbacks);
    parser->data = request;
}

const char *serve_request_method(const struct serve_request *request)
{
    return request->method;
}

const char *serve_request_target(const struct serve_request *request)
{
    return buf_str(&request->head);
}

const char *serve_request_path(const struct serve_request *request, size_t *ret_len)
{
    const char *path = serve_request_target(request);

    /* Absolute form, which every server has to accept (RFC 9112 section 3.2.2). */
    if (strncasecmp(path, "http://", 7) == 0) {
        const char *slash = strchr(path + 7, '/');

        path = slash ? slash : "/";
    }
    *ret_len = strcspn(path, "?#");
    return path;
}

const char *serve_request_query(const struct serve_request *request)
{
    size_t len;
    const char *path = serve_request_path(request, &len);

    return path[len] == '?' ? path + len + 1 : "";
}

const char *serve_request_header(const struct serve_request *request, const char *name)
{
    const char *head = buf_str(&request->head);

    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(head + request->headers[i].name, name) == 0)
            return head + request->headers[i].value;
    }
    return NULL;
}

bool serve_request_header_at(const struct serve_request *request, size_t index,
                             struct serve_header *ret_header)
{
    const char *head = buf_str(&request->head);

    if (index >= request->header_count)
        return false;
    ret_header->name = head + request->headers[index].name;
    ret_header->value = head + request->headers[index].value;
    return true;
}

uint64_t serve_request_connection(const struct serve_request *request)
{
    return request->connection->serial;
}

const char *serve_request_body(const struct serve_request *request, size_t *ret_len)
{
    *ret_len = request->body.len;
    return buf_str(&request->body);
}

void serve_request_on_gone(struct serve_request *request, serve_gone_fn *fn, void *ctx)
{
    request->gone = fn;
    request->gone_ctx = ctx;
}

void serve_request_on_drained(struct serve_request *request, serve_drained_fn *fn,
                              void *ctx)
{
    request->drained = fn;
    request->drained_ctx = ctx;
}
