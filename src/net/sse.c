#include "net/sse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Buffers that grew beyond this are not kept from one stream to the next. */
#define KEPT_BYTES ((size_t)64 * 1024)

static const char byte_order_mark[] = "\xEF\xBB\xBF";
#define MARK_LEN (sizeof(byte_order_mark) - 1)

struct sse_parser {
    sse_event_fn *fn;
    void *ctx;
    struct buf line; /* a line whose end has not come yet */
    struct buf data; /* the data lines of the event so far, each followed by '\n' */
    struct buf type;
    struct buf id;
    uint64_t comments;
    size_t mark_len; /* bytes of the byte order mark seen; MARK_LEN + 1 once past it */
    bool after_cr;   /* the last byte was CR: an LF now belongs to it */
    int error;
};

int sse_parser_new(struct sse_parser **ret_parser, size_t max_bytes, sse_event_fn *fn,
                   void *ctx)
{
    struct sse_parser *parser = calloc(1, sizeof(*parser));

    if (!parser)
        return -ENOMEM;
    parser->fn = fn;
    parser->ctx = ctx;
    sse_parser_reset(parser, max_bytes);
    *ret_parser = parser;
    return 0;
}

struct sse_parser *sse_parser_free(struct sse_parser *parser)
{
    if (!parser)
        return NULL;
    buf_deinit(&parser->line);
    buf_deinit(&parser->data);
    buf_deinit(&parser->type);
    buf_deinit(&parser->id);
    free(parser);
    return NULL;
}

static void restart(struct buf *buf, size_t max_bytes)
{
    if (buf->cap > KEPT_BYTES)
        buf_deinit(buf);
    buf_clear(buf);
    buf->max_bytes = max_bytes;
}

void sse_parser_reset(struct sse_parser *parser, size_t max_bytes)
{
    assert(max_bytes > 0 && max_bytes < SIZE_MAX / 2);

    /* A line holds "data: " beside the data, and each data line ends in '\n'. */
    restart(&parser->line, max_bytes + sizeof("data: "));
    restart(&parser->data, max_bytes + 1);
    restart(&parser->type, max_bytes);
    restart(&parser->id, max_bytes);
    parser->comments = 0;
    parser->mark_len = 0;
    parser->after_cr = false;
    parser->error = 0;
}

static struct sse_event event_of(const struct sse_parser *parser, size_t rest_len)
{
    return (struct sse_event){
        .data = buf_str(&parser->data),
        .data_len = parser->data.len,
        .type = buf_str(&parser->type),
        .id = buf_str(&parser->id),
        .rest_len = rest_len,
    };
}

/* Drops the '\n' behind the last data line; false where no data line came. */
static bool close_data(struct sse_parser *parser)
{
    if (parser->data.len == 0)
        return false;
    parser->data.bytes[--parser->data.len] = '\0';
    return true;
}

static void dispatch(struct sse_parser *parser, size_t rest_len)
{
    if (close_data(parser)) {
        const struct sse_event event = event_of(parser, rest_len);

        parser->fn(parser->ctx, &event);
    }
    buf_clear(&parser->data);
    buf_clear(&parser->type);
}

static bool is_name(const char *name, size_t len, const char *wanted)
{
    return len == strlen(wanted) && memcmp(name, wanted, len) == 0;
}

static int replace(struct buf *buf, const char *bytes, size_t len)
{
    buf_clear(buf);
    return buf_append(buf, bytes, len);
}

static int take_field(struct sse_parser *parser, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    const size_t name_len = colon ? (size_t)(colon - line) : len;
    const char *value = colon ? colon + 1 : line + len;
    size_t value_len = (size_t)(line + len - value);

    if (value_len > 0 && *value == ' ') {
        value++;
        value_len--;
    }
    if (is_name(line, name_len, "data")) {
        (void)buf_append(&parser->data, value, value_len);
        return buf_append_char(&parser->data, '\n');
    }
    if (is_name(line, name_len, "event"))
        return replace(&parser->type, value, value_len);
    if (is_name(line, name_len, "id") && !memchr(value, '\0', value_len))
        return replace(&parser->id, value, value_len);
    return 0; /* "retry" concerns reconnection, which a load generator does not do */
}

static int take_line(struct sse_parser *parser, const char *line, size_t len,
                     size_t rest_len)
{
    if (len > parser->line.max_bytes)
        return -EMSGSIZE;
    if (len == 0) {
        dispatch(parser, rest_len);
        return 0;
    }
    if (line[0] == ':') {
        parser->comments++;
        return 0;
    }
    return take_field(parser, line, len);
}

/* A line's end has come: the line is what was kept of it, and then these bytes. */
static int end_line(struct sse_parser *parser, const char *bytes, size_t len,
                    size_t rest_len)
{
    int r;

    if (parser->line.len == 0)
        return take_line(parser, bytes, len, rest_len);
    r = buf_append(&parser->line, bytes, len);
    if (r < 0)
        return r;
    r = take_line(parser, parser->line.bytes, parser->line.len, rest_len);
    buf_clear(&parser->line);
    return r;
}

/*
 * Takes a byte order mark off the very start of the stream. Bytes that only looked like one are
 * the start of the first line. Returns how many bytes it used, or -errno.
 */
static int take_mark(struct sse_parser *parser, const char *bytes, size_t len)
{
    size_t used = 0;

    while (parser->mark_len < MARK_LEN) {
        if (used == len)
            return (int)used;
        if (bytes[used] != byte_order_mark[parser->mark_len]) {
            const size_t seen = parser->mark_len;

            parser->mark_len = MARK_LEN + 1;
            return seen > 0 && buf_append(&parser->line, byte_order_mark, seen) < 0
                       ? buf_error(&parser->line)
                       : (int)used;
        }
        used++;
        parser->mark_len++;
    }
    parser->mark_len = MARK_LEN + 1;
    return (int)used;
}

static int parse(struct sse_parser *parser, const char *at, const char *end)
{
    const char *lf = NULL; /* the next LF at or behind `at`; `end` when there is none */

    while (at < end) {
        const char *stop;
        int r;

        if (parser->after_cr) {
            parser->after_cr = false;
            if (*at == '\n') {
                at++;
                continue;
            }
        }
        if (!lf || lf < at) {
            lf = memchr(at, '\n', (size_t)(end - at));
            if (!lf)
                lf = end;
        }
        stop = memchr(at, '\r', (size_t)(lf - at));
        if (!stop)
            stop = lf;
        if (stop == end)
            return buf_append(&parser->line, at, (size_t)(end - at));

        r = end_line(parser, at, (size_t)(stop - at), (size_t)(end - stop) - 1);
        if (r < 0)
            return r;
        parser->after_cr = *stop == '\r';
        at = stop + 1;
    }
    return 0;
}

int sse_parser_feed(struct sse_parser *parser, const char *bytes, size_t len)
{
    int used = 0;

    if (parser->error < 0)
        return parser->error;
    if (len == 0)
        return 0;
    if (parser->mark_len <= MARK_LEN)
        used = take_mark(parser, bytes, len);
    parser->error = used < 0 ? used : parse(parser, bytes + used, bytes + len);
    return parser->error;
}

bool sse_parser_tail(struct sse_parser *parser, struct sse_event *ret_event)
{
    if (parser->error < 0)
        return false;
    if (parser->line.len > 0)
        parser->error = end_line(parser, "", 0, 0);
    if (parser->error < 0 || !close_data(parser))
        return false;
    *ret_event = event_of(parser, 0);
    /* The event is given once; the bytes stay for the reader. */
    parser->data.len = 0;
    return true;
}

uint64_t sse_parser_comments(const struct sse_parser *parser)
{
    return parser->comments;
}
