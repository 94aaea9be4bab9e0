/*
 * One client's connection: reads, parses, hands complete requests to the server's handler one at
 * a time, and closes. Answers are written by answer.c.
 *
 *            ┌───────────────────────────────────────────┐ kept alive
 *            ▼                                           │
 *   accept ─▶ READING ─complete─▶ ANSWERING ─ended─▶ FLUSHING ─to be closed─▶ LINGERING ─EOF─┐
 *              │ EOF, idle          │ EOF, RST, abort    │ RST                              │
 *              └────────────────────┴────────────────────┴────────────────▶ CLOSING ◀────────┘
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llhttp/llhttp.h>
#include <uv.h>

#include "base/buf.h"
#include "base/list.h"
#include "serve/output.h"
#include "serve/request.h"

struct serve;

enum connection_state {
    CONNECTION_READING,   /* waits for a request, or is within one */
    CONNECTION_ANSWERING, /* the request is the handler's */
    CONNECTION_FLUSHING, /* the answer has ended; its last bytes may wait for the client */
    CONNECTION_LINGERING, /* our side is shut, and what the client still sends is discarded, since
                             a close with unread bytes would reset what it has not read yet */
    CONNECTION_CLOSING /* libuv has not given the handle back yet */
};

struct connection {
    struct serve *serve; /* owner */
    struct list link;    /* in the server's list that belongs to the state */
    uv_tcp_t tcp;
    uv_shutdown_t shutdown;
    llhttp_t parser;
    struct serve_request request;
    struct output output;
    struct buf held;  /* what the client sent ahead (pipelining) */
    uint64_t serial;  /* which of the server's, from 1 */
    uint64_t seen_ns; /* monotonic: the last bytes, or the last change of state */
    enum connection_state state;
    bool is_reading;   /* uv_read_start is in force */
    bool is_advancing; /* the parse loop is on the stack */
    bool close_after;  /* close when flushed */
};

/* Takes a client in. Returns 0; -ENOMEM; or what accept(2) said. */
int serve_connection_accept(struct serve *serve, uv_stream_t *listener);

/* The handle goes back to libuv, with a reset or in order; no callback is made. */
void serve_connection_close(struct connection *connection, bool reset);

/* The client is gone: the handler hears of it, and the connection closes. */
void serve_connection_lost(struct connection *connection);

/* The handler's answer has ended: on to the next request, or to the end. */
void serve_connection_finish(struct connection *connection);

/* "100 Continue", when a request asked for it before it sends its body. */
void serve_connection_send_continue(struct connection *connection);
