/*
 * The way out of one connection: bytes go to the socket at once; what the socket does not take
 * waits in one buffer and follows when there is room. It allocates nothing while the socket keeps
 * up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "base/buf.h"

/* error 0: all that waited is sent. Otherwise the connection broke (never called after a close). */
typedef void output_done_fn(void *ctx, int error);

struct output {
    uv_stream_t *stream; /* borrowed: the connection's */
    uv_write_t write;
    struct buf flying; /* given to libuv, while is_flying */
    struct buf queued; /* behind it */
    bool is_flying;
    output_done_fn *done;
    void *ctx;
};

/* done is called each time that waiting bytes have all been sent. */
void output_init(struct output *output, uv_stream_t *stream, size_t max_unsent_bytes,
                 output_done_fn *done, void *ctx);

/* Only after the stream's close callback: libuv borrows the bytes until then. */
void output_deinit(struct output *output);

/* Whether the kernel has everything. */
bool output_is_empty(const struct output *output);

/*
 * Sends the pieces in order. Returns 0: the kernel has them; SERVE_QUEUED; -ENOBUFS: too much
 * waits; -ENOMEM; or what write(2) said. After a failure the stream is only fit to be closed.
 */
int output_send(struct output *output, const uv_buf_t *pieces, unsigned count);
