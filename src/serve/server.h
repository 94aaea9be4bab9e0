/*
 * The server as its connections see it: what they share, and where they stand in line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/buf.h"
#include "base/list.h"
#include "serve/serve.h"

#define SERVE_INPUT_BYTES (64 * 1024)

struct serve {
    uv_loop_t *loop;
    struct serve_options options;
    serve_request_fn *handler;
    void *handler_ctx;
    serve_stopped_fn *stopped; /* NULL before serve_stop() and once it was called */
    void *stopped_ctx;
    uv_tcp_t listener;
    uv_timer_t sweep;      /* closes idle connections, and all when the grace is over */
    uint64_t grace_end_ns; /* once is_stopping */
    unsigned open_handles;
    bool is_stopping;
    bool is_broken; /* serve_new() failed: release it when the handles are closed */
    struct list reading;
    struct list lingering;
    struct list busy;
    size_t connection_count;
    uint64_t accepted;  /* connections since the start */
    struct buf head;    /* where the head of an answer is written, one at a time */
    uint64_t date_s;    /* the second that date_text names */
    char date_text[32]; /* RFC 9110 section 5.6.7 */
    char input[SERVE_INPUT_BYTES];
};

/* A status's phrase: "Not Found"; "Unknown" where no standard names it. */
const char *server_reason(int status);

/* Calls `stopped` when nothing is open any more. */
void server_check_stopped(struct serve *serve);
