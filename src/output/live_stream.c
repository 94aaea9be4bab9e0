#include "output/live_stream.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "serve/serve.h"

#define MAX_LOG_BYTES ((size_t)16 << 20)
#define MAX_NEWS_BYTES ((size_t)64 << 10)

/* What a viewer gets in one go: a long log is sent over several pushes, lest it holds the loop up. */
#define PIECE_BYTES ((size_t)128 << 10)

#define PATIENCE_NS (30 * NS_PER_S)

struct viewer {
    struct list link;
    struct live_stream *stream;
    struct serve_request *request;
    size_t at;                 /* so much of the log was sent */
    bool is_waiting;           /* for them to read */
    uint64_t waiting_since_ns; /* 0: since the last push */
};

void live_stream_init(struct live_stream *stream)
{
    *stream = (struct live_stream){.log = BUF_INIT(MAX_LOG_BYTES),
                                   .news = BUF_INIT(MAX_NEWS_BYTES)};
    list_init(&stream->viewers);
}

void live_stream_deinit(struct live_stream *stream)
{
    buf_deinit(&stream->log);
    buf_deinit(&stream->news);
}

static void forget(struct viewer *viewer)
{
    list_remove(&viewer->link);
    viewer->stream->viewer_count--;
    free(viewer);
}

static void on_gone(void *ctx)
{
    forget(ctx);
}

/* Takes what a write came to. Returns whether the viewer is still there. */
static bool note(struct viewer *viewer, int r)
{
    if (r < 0) {
        forget(viewer);
        return false;
    }
    if (r == SERVE_QUEUED) {
        viewer->is_waiting = true;
        viewer->waiting_since_ns = 0;
    }
    return true;
}

static bool has_read_all(const struct viewer *viewer)
{
    return !viewer->is_waiting && viewer->at == viewer->stream->log.len;
}

/* Sends one piece of what they have not read. */
static void send_piece(struct viewer *viewer)
{
    const struct buf *log = &viewer->stream->log;
    size_t len = log->len - viewer->at;

    if (viewer->is_waiting || len == 0)
        return;
    if (len > PIECE_BYTES)
        len = PIECE_BYTES;
    viewer->at += len;
    (void)note(viewer,
               serve_stream_write(viewer->request, log->bytes + viewer->at - len, len));
}

static void on_drained(void *ctx)
{
    struct viewer *viewer = ctx;

    viewer->is_waiting = false;
    send_piece(viewer);
}

static void append_event(struct buf *out, const char *event, const struct buf *data)
{
    const size_t len = out->len;

    buf_append_str(out, "event: ");
    buf_append_str(out, event);
    buf_append_str(out, "\ndata: ");
    buf_append(out, buf_str(data), data->len);
    buf_append_str(out, "\n\n");
    if (buf_error(out) < 0 && out->bytes) { /* never half an event */
        out->len = len;
        out->bytes[len] = '\0';
    }
}

void live_stream_add(struct live_stream *stream, const char *event,
                     const struct buf *data)
{
    if (buf_error(&stream->log) == 0 && buf_error(data) == 0)
        append_event(&stream->log, event, data);
}

void live_stream_tell(struct live_stream *stream, const char *event,
                      const struct buf *data)
{
    buf_clear(&stream->news);
    append_event(&stream->news, event, data);
    if (buf_error(&stream->news) < 0 || buf_error(data) < 0)
        return;
    LIST_FOR_EACH(link, next, &stream->viewers)
    {
        struct viewer *viewer = LIST_ENTRY(link, struct viewer, link);

        if (has_read_all(viewer))
            (void)note(viewer, serve_stream_write(viewer->request, stream->news.bytes,
                                                  stream->news.len));
    }
}

static void refuse(struct serve_request *request, const char *sentence)
{
    const struct serve_header headers[] = {{"content-type", "text/plain; charset=utf-8"},
                                           {"cache-control", "no-store"}};

    serve_answer(request, 503, headers, 2, sentence, strlen(sentence));
}

void live_stream_join(struct live_stream *stream, struct serve_request *request)
{
    static const struct serve_header headers[] = {
        {"content-type", "text/event-stream; charset=utf-8"},
        {"cache-control", "no-store"},
        {"x-accel-buffering", "no"}, /* nginx passes each event on at once */
        {"x-content-type-options", "nosniff"},
    };
    static const char hello[] = "retry: 1000\n\n";
    struct viewer *viewer = NULL;

    if (stream->viewer_count == LIVE_VIEWERS_MAX) {
        refuse(request, "64 viewers are there already: close one of them.\n");
        return;
    }
    viewer = malloc(sizeof(*viewer));
    if (!viewer) {
        refuse(request, "throng is out of memory\n");
        return;
    }
    *viewer = (struct viewer){.stream = stream, .request = request};
    list_init(&viewer->link);
    list_append(&stream->viewers, &viewer->link);
    stream->viewer_count++;
    serve_request_on_gone(request, on_gone, viewer);
    serve_request_on_drained(request, on_drained, viewer);
    if (note(viewer,
             serve_stream_open(request, 200, headers, 4, hello, sizeof(hello) - 1)))
        send_piece(viewer);
}

/* Whether they have not read for too long. */
static bool is_stuck(struct viewer *viewer, uint64_t now_ns)
{
    if (!viewer->is_waiting)
        return false;
    if (viewer->waiting_since_ns == 0)
        viewer->waiting_since_ns = now_ns;
    return now_ns - viewer->waiting_since_ns > PATIENCE_NS;
}

void live_stream_push(struct live_stream *stream, uint64_t now_ns)
{
    LIST_FOR_EACH(link, next, &stream->viewers)
    {
        struct viewer *viewer = LIST_ENTRY(link, struct viewer, link);

        if (is_stuck(viewer, now_ns)) {
            serve_abort(viewer->request, SERVE_ABORT_RESET);
            forget(viewer);
        } else {
            send_piece(viewer);
        }
    }
}

void live_stream_end(struct live_stream *stream)
{
    LIST_FOR_EACH(link, next, &stream->viewers)
    {
        struct viewer *viewer = LIST_ENTRY(link, struct viewer, link);
        const struct buf *log = &stream->log;
        const size_t at = viewer->at;

        /* To somebody who reads, however late they came, all of it; a failure is theirs. */
        (void)serve_stream_end(viewer->request, at < log->len ? log->bytes + at : NULL,
                               log->len - at);
        forget(viewer);
    }
}
