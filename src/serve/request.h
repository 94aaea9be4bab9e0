/*
 * One request as it is put together from llhttp's callbacks. All its strings lie in one buffer,
 * which the connection's next request reuses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llhttp/llhttp.h>

#include "base/buf.h"
#include "serve/serve.h"

#define REQUEST_HEADERS_MAX 100

struct connection;

/* Offsets into the head, since it moves while it grows. */
struct header_place {
    uint32_t name;
    uint32_t value;
};

struct serve_request {
    struct connection *connection; /* owner */
    struct buf head; /* the target, then names and values, each with its NUL */
    struct buf body;
    struct header_place headers[REQUEST_HEADERS_MAX];
    size_t header_count;
    uint32_t text_begin; /* where the string that is being read begins in head */
    bool head_complete;  /* later fields are trailers, which are ignored */
    bool is_head;        /* method HEAD: answers have no body */
    bool is_chunkable;   /* the client speaks HTTP/1.1 */
    bool is_counted;     /* the answer's length was told: its pieces are no chunks */
    bool keep_alive;     /* the client wants the connection kept */
    bool expects_continue;
    const char *method;
    int refusal; /* 0, or the status with which the server itself refuses this request */
    serve_gone_fn *gone;
    void *gone_ctx;
    serve_drained_fn *drained;
    void *drained_ctx;
};

void request_init(struct serve_request *request, struct connection *connection,
                  size_t max_head_bytes, size_t max_body_bytes);
void request_deinit(struct serve_request *request);

/* Forgets the request; the memory is kept for the next unless it grew large. */
void request_reset(struct serve_request *request);

/*
 * Makes a parser that fills the request. It pauses (HPE_PAUSED) behind each complete request, and
 * ends with HPE_USER when the request is refused.
 */
void request_parser_init(llhttp_t *parser, struct serve_request *request);
