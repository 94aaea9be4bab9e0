#include "serve/output.h"

#include <errno.h>

#include "serve/serve.h"

/* A buffer that grew past this for one large answer gives its memory back. */
#define KEPT_BYTES_MAX (64 * 1024)

static int fly(struct output *output);

void output_init(struct output *output, uv_stream_t *stream, size_t max_unsent_bytes,
                 output_done_fn *done, void *ctx)
{
    *output = (struct output){
        .stream = stream,
        .flying = BUF_INIT(max_unsent_bytes),
        .queued = BUF_INIT(max_unsent_bytes),
        .done = done,
        .ctx = ctx,
    };
}

void output_deinit(struct output *output)
{
    buf_deinit(&output->flying);
    buf_deinit(&output->queued);
}

bool output_is_empty(const struct output *output)
{
    return !output->is_flying;
}

static void empty(struct buf *buf)
{
    if (buf->cap > KEPT_BYTES_MAX)
        buf_deinit(buf);
    else
        buf_clear(buf);
}

static void flown(uv_write_t *write, int status)
{
    struct output *output = write->data;

    output->is_flying = false;
    empty(&output->flying);
    if (status == UV_ECANCELED)
        return;
    if (status == 0 && output->queued.len > 0)
        status = fly(output);
    if (status < 0 || output_is_empty(output))
        output->done(output->ctx, status);
}

/* Gives all that waits to libuv. */
static int fly(struct output *output)
{
    const struct buf swapped = output->flying;
    uv_buf_t piece;
    int r;

    output->flying = output->queued;
    output->queued = swapped;
    piece = uv_buf_init(output->flying.bytes, (unsigned)output->flying.len);
    output->write.data = output;
    r = uv_write(&output->write, output->stream, &piece, 1, flown);
    if (r == 0)
        output->is_flying = true;
    return r;
}

/* Keeps what the socket did not take: the pieces without their first `sent` bytes. */
static int keep(struct output *output, const uv_buf_t *pieces, unsigned count,
                size_t sent)
{
    for (unsigned i = 0; i < count; i++) {
        const size_t skipped = sent < pieces[i].len ? sent : pieces[i].len;

        buf_append(&output->queued, pieces[i].base + skipped, pieces[i].len - skipped);
        sent -= skipped;
    }
    if (buf_error(&output->queued) == -EMSGSIZE)
        return -ENOBUFS;
    return buf_error(&output->queued);
}

int output_send(struct output *output, const uv_buf_t *pieces, unsigned count)
{
    size_t total = 0;
    int sent = 0;
    int r;

    if (!output->is_flying) {
        for (unsigned i = 0; i < count; i++)
            total += pieces[i].len;
        sent = uv_try_write(output->stream, pieces, count);
        if (sent == UV_EAGAIN)
            sent = 0;
        if (sent < 0)
            return sent;
        if ((size_t)sent == total)
            return 0;
    }
    r = keep(output, pieces, count, (size_t)sent);
    if (r == 0 && !output->is_flying)
        r = fly(output);
    return r < 0 ? r : SERVE_QUEUED;
}
