/*
 * Server-sent events: turns the bytes of a response body into events.
 * A push parser: feed it whatever the socket gave, in pieces of any size, and it calls back once
 * per complete event. It does no I/O, reads no clock and knows nothing of what events mean.
 * Standard: WHATWG HTML, section 9.2 "Server-sent events".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sse_parser;

/* One event. Everything is borrowed: valid until the callback returns. */
struct sse_event {
    const char
        *data;       /* all data lines joined by '\n', without the last; NUL-terminated */
    size_t data_len; /* bytes, without the NUL */
    const char
        *type; /* the event field; "" where the stream named none, that is "message" */
    const char *id;  /* the last id the stream gave, "" before the first */
    size_t rest_len; /* bytes of the same feed that lie behind this event */
};

typedef void sse_event_fn(void *ctx, const struct sse_event *event);

/*
 * Makes a parser at the start of a stream. max_bytes: the most that one event's data, or one line,
 * may hold; at least 1. Returns 0; -ENOMEM.
 */
int sse_parser_new(struct sse_parser **ret_parser, size_t max_bytes, sse_event_fn *fn,
                   void *ctx);

/* Releases it; NULL is allowed. Returns NULL. */
struct sse_parser *sse_parser_free(struct sse_parser *parser);

/* Back to the start of a new stream, keeping the memory of moderate buffers. */
void sse_parser_reset(struct sse_parser *parser, size_t max_bytes);

/*
 * Parses len bytes, calling back zero or more times before it returns.
 * Returns 0; -EMSGSIZE when an event or line passes the limit; -ENOMEM. An error sticks until
 * sse_parser_reset(): the stream's position is lost.
 */
int sse_parser_feed(struct sse_parser *parser, const char *bytes, size_t len);

/*
 * The end of the stream: gives the event that the stream began but never ended with a blank line,
 * its last line taken as whole. The standard discards such an event, so it is not called back.
 * Returns whether there is one; *ret_event is valid until the parser is used again.
 */
bool sse_parser_tail(struct sse_parser *parser, struct sse_event *ret_event);

/* Comment lines since the start of the stream: servers send them to keep connections alive. */
uint64_t sse_parser_comments(const struct sse_parser *parser);
