#include "workload/trace_request.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "workload/json_lines.h"
#include "workload/trace_reading.h"

#define MAX_METHOD_BYTES 32
#define MAX_PATH_BYTES ((size_t)32 * 1024)
#define MAX_HEADERS 256

/* A header's name (RFC 9110, section 5.6.2: token). */
static bool is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) &&
            !(text[i] && strchr("!#$%&'*+-.^_`|~", text[i])))
            return false;
    return len > 0;
}

const char *trace_check_method(const char *method, size_t len)
{
    if (!is_token(method, len) || len > MAX_METHOD_BYTES)
        return "a request whose method is none";
    if (len == strlen("CONNECT") && strncasecmp(method, "CONNECT", len) == 0)
        return "a CONNECT request, which is for proxies";
    return NULL;
}

const char *trace_check_path(const char *path, size_t len)
{
    if (len == 0 || *path != '/')
        return "a request whose path does not begin with '/'";
    if (len > MAX_PATH_BYTES)
        return "a request whose path is longer than 32 KiB";
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)path[i] <= ' ' || path[i] == 0x7F)
            return "a blank or control character in a request's path";
    return NULL;
}

static const char *check_header(const char *name, size_t name_len, const char *value,
                                size_t value_len)
{
    if (!is_token(name, name_len))
        return "a header whose name is none";
    for (size_t i = 0; i < value_len; i++)
        if (iscntrl((unsigned char)value[i]) && value[i] != '\t')
            return "a control character in a header's value";
    return NULL;
}

static bool keeps_header(const char *name, size_t len)
{
    /* Accept-Encoding too: an answer that is not compressed is one that can be read as it comes. */
    static const char *const dropped[] = {
        "accept-encoding",  "api-key",
        "authorization",    "connection",
        "content-length",   "cookie",
        "expect",           "host",
        "keep-alive",       "proxy-authorization",
        "proxy-connection", "te",
        "traceparent",      "tracestate",
        "trailer",          "transfer-encoding",
        "upgrade",          "x-api-key",
        "x-request-id",
    };

    for (size_t i = 0; i < COUNT_OF(dropped); i++)
        if (strlen(dropped[i]) == len && strncasecmp(dropped[i], name, len) == 0)
            return false;
    return true;
}

int trace_add_text(struct trace_reading *reading, const char *bytes, size_t len)
{
    struct texts *texts = &reading->trace->texts;
    int r = texts_append(texts, bytes, len);

    if (r == 0)
        r = texts_append(texts, "", 1);
    return r < 0 ? r : texts_close(texts, false);
}

/* A string without its escapes, in the file's scratch from `at` on. */
static int undo(struct trace_reading *reading, struct json_piece piece)
{
    return piece.escaped ? json_piece_append(piece, &reading->file.scratch)
                         : buf_append(&reading->file.scratch, piece.bytes, piece.len);
}

/* A text that must pass a check. */
static int add_checked(struct trace_reading *reading, struct json_piece piece,
                       const char *(*check)(const char *bytes, size_t len),
                       const char **ret_problem)
{
    struct buf *scratch = &reading->file.scratch;
    int r;

    buf_clear(scratch);
    r = undo(reading, piece);
    if (r < 0)
        return r;
    *ret_problem = check(buf_str(scratch), scratch->len);
    return *ret_problem ? 0 : trace_add_text(reading, scratch->bytes, scratch->len);
}

/* The body: a text as it was sent, or base64 of it. Neither: none was sent. */
static int add_body(struct trace_reading *reading, struct json_piece text,
                    struct json_piece base64, const char **ret_problem)
{
    struct buf *scratch = &reading->file.scratch;
    int r = 0;

    buf_clear(scratch);
    if (base64.bytes) {
        r = base64_decode(scratch, base64.bytes, base64.len);
        if (base64.escaped || r == -EINVAL) {
            *ret_problem = "a 'body_base64' that is no base64";
            return 0;
        }
    } else if (text.bytes) {
        r = undo(reading, text);
    }
    return r < 0 ? r : trace_add_text(reading, buf_str(scratch), scratch->len);
}

/* ["name", "value"]; bytes NULL: it is something else. */
static void read_pair(struct json_scan *scan, struct json_piece *ret_name,
                      struct json_piece *ret_value)
{
    struct json_piece *const parts[] = {ret_name, ret_value};
    size_t count = 0;

    *ret_name = *ret_value = (struct json_piece){0};
    if (json_scan_peek(scan) != '[') {
        json_scan_value(scan, JSON_LINES_DEPTH);
        return;
    }
    for (bool more = json_scan_enter(scan, '['); more; more = json_scan_next(scan, ']')) {
        const struct json_piece part = json_lines_text(scan);

        if (count < COUNT_OF(parts))
            *parts[count] = part;
        count++;
    }
    if (count != COUNT_OF(parts))
        ret_name->bytes = NULL;
}

int trace_add_header(struct trace_reading *reading, struct json_piece name,
                     struct json_piece value, const char **ret_problem)
{
    struct buf *scratch = &reading->file.scratch;
    size_t name_len;
    int r;

    buf_clear(scratch);
    r = undo(reading, name);
    name_len = scratch->len;
    if (r == 0)
        r = undo(reading, value);
    if (r < 0)
        return r;
    *ret_problem = check_header(buf_str(scratch), name_len, buf_str(scratch) + name_len,
                                scratch->len - name_len);
    if (*ret_problem || !keeps_header(buf_str(scratch), name_len) ||
        json_piece_is(value, "***"))
        return 0;
    r = trace_add_text(reading, scratch->bytes, name_len);
    return r < 0 ? r
                 : trace_add_text(reading, scratch->bytes + name_len,
                                  scratch->len - name_len);
}

static int add_headers(struct trace_reading *reading, struct json_scan scan,
                       const char **ret_problem)
{
    size_t count = 0;
    int r = 0;

    if (!scan.at)
        return 0;
    if (json_scan_peek(&scan) != '[') {
        *ret_problem = "'headers' that are no list of [name, value]";
        return 0;
    }
    for (bool more = json_scan_enter(&scan, '['); r == 0 && more && !*ret_problem;
         more = json_scan_next(&scan, ']')) {
        struct json_piece name;
        struct json_piece value;

        read_pair(&scan, &name, &value);
        if (!name.bytes || !value.bytes)
            *ret_problem = "'headers' that are no list of [name, value]";
        else if (++count > MAX_HEADERS)
            *ret_problem = "a request of more than 256 headers";
        else
            r = trace_add_header(reading, name, value, ret_problem);
    }
    return r;
}

/* The parts of a request, wherever they stand in it. bytes and `at` NULL: they are missing. */
struct parts {
    struct json_piece method;
    struct json_piece path;
    struct json_piece body;
    struct json_piece body_base64;
    struct json_scan headers;
};

static void read_parts(struct json_scan *scan, struct parts *parts)
{
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_any_key(scan);

        if (json_piece_is(key, "method")) {
            parts->method = json_lines_text(scan);
        } else if (json_piece_is(key, "path")) {
            parts->path = json_lines_text(scan);
        } else if (json_piece_is(key, "body")) {
            parts->body = json_lines_text(scan);
        } else if (json_piece_is(key, "body_base64")) {
            parts->body_base64 = json_lines_text(scan);
        } else {
            if (json_piece_is(key, "headers"))
                parts->headers = *scan;
            json_scan_value(scan, JSON_LINES_DEPTH);
        }
    }
}

int trace_read_request(struct trace_reading *reading, struct json_scan scan,
                       const char **ret_problem)
{
    struct parts parts = {0};
    int r;

    *ret_problem = NULL;
    if (json_scan_peek(&scan) != '{') {
        *ret_problem = "a 'request' that is no object";
        return 0;
    }
    read_parts(&scan, &parts);
    if (!parts.method.bytes || !parts.path.bytes) {
        *ret_problem = "a 'request' without a 'method' or a 'path' that are texts";
        return 0;
    }
    r = add_checked(reading, parts.method, trace_check_method, ret_problem);
    if (r == 0 && !*ret_problem)
        r = add_checked(reading, parts.path, trace_check_path, ret_problem);
    if (r == 0 && !*ret_problem)
        r = add_body(reading, parts.body, parts.body_base64, ret_problem);
    if (r == 0 && !*ret_problem)
        r = add_headers(reading, parts.headers, ret_problem);
    return r;
}
