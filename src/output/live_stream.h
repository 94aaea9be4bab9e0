/*
 * Server-sent events to many viewers (WHATWG HTML, section 9.2): a log of events that each viewer reads
 * from its beginning at their own pace, and news of the moment for those who have read all of it. Bytes
 * wait for a viewer only in the server's bounded buffer: nothing more is written until they have gone, and
 * who does not read for half a minute is cut off. So nobody who watches can hold the load up.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"

struct serve_request;

/* At the same time; each reads with a connection of their own. */
#define LIVE_VIEWERS_MAX 64

/* The fields are private. */
struct live_stream {
    struct buf log; /* events, one behind the other, as they are sent */
    struct buf news;
    struct list viewers;
    size_t viewer_count;
};

void live_stream_init(struct live_stream *stream);

/* Nobody may be viewing. */
void live_stream_deinit(struct live_stream *stream);

/* Adds an event to the log; data: one line. Past 16 MiB the log takes no more. */
void live_stream_add(struct live_stream *stream, const char *event,
                     const struct buf *data);

/* Tells those who have read all of the log; nobody else ever hears of it. */
void live_stream_tell(struct live_stream *stream, const char *event,
                      const struct buf *data);

/* Somebody wants to view: the request is theirs until they leave, or is answered with 503. */
void live_stream_join(struct live_stream *stream, struct serve_request *request);

/* Sends what each has not read yet, a piece at a time; several times a second. */
void live_stream_push(struct live_stream *stream, uint64_t now_ns);

/* Sends what there is, and ends the answers. */
void live_stream_end(struct live_stream *stream);
