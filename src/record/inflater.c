#include "record/inflater.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

/* A few bytes can be made to stand for very many; nobody waits for those. */
#define PLAIN_BYTES_MAX ((uint64_t)64 * 1024 * 1024)

/* The largest window, and either of the two headers (zlib.h, inflateInit2). */
#define WINDOW_BITS (15 + 32)

#define PIECE_BYTES ((size_t)16 * 1024)

struct inflater {
    z_stream stream;
    uint64_t plain_bytes;
    bool is_over; /* what is behind the end of the encoding is left out */
    char piece[PIECE_BYTES];
};

bool inflater_knows(const char *encoding)
{
    return strcasecmp(encoding, "gzip") == 0 || strcasecmp(encoding, "x-gzip") == 0 ||
           strcasecmp(encoding, "deflate") == 0;
}

struct inflater *inflater_new(void)
{
    struct inflater *inflater = calloc(1, sizeof(*inflater));

    if (!inflater)
        return NULL;
    if (inflateInit2(&inflater->stream, WINDOW_BITS) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

int inflater_feed(struct inflater *inflater, const char *bytes, size_t len,
                  inflater_fn *fn, void *ctx)
{
    z_stream *stream = &inflater->stream;

    /* zlib's input is not const, but it does not write to it. */
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)len;
    while (!inflater->is_over) {
        size_t plain_len;
        int r;

        stream->next_out = (Bytef *)inflater->piece;
        stream->avail_out = (uInt)PIECE_BYTES;
        r = inflate(stream, Z_SYNC_FLUSH);
        plain_len = PIECE_BYTES - stream->avail_out;
        inflater->plain_bytes += plain_len;
        if (plain_len > 0)
            fn(ctx, inflater->piece, plain_len);
        inflater->is_over = r == Z_STREAM_END;
        if (r == Z_BUF_ERROR) /* it wants more input */
            return 0;
        if (r != Z_OK && r != Z_STREAM_END)
            return -EINVAL;
        if (inflater->plain_bytes > PLAIN_BYTES_MAX)
            return -EMSGSIZE;
        if (stream->avail_in == 0 && stream->avail_out > 0)
            return 0;
    }
    return 0;
}

struct inflater *inflater_free(struct inflater *inflater)
{
    if (!inflater)
        return NULL;
    (void)inflateEnd(&inflater->stream);
    free(inflater);
    return NULL;
}
