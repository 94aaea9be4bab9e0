#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP ((size_t)64)

void buf_deinit(struct buf *buf)
{
    free(buf->bytes);
    *buf = BUF_INIT(buf->max_bytes);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->error = 0;
    if (buf->bytes)
        buf->bytes[0] = '\0';
}

static int fail(struct buf *buf, int error)
{
    if (!buf->error)
        buf->error = error;
    return buf->error;
}

int buf_reserve(struct buf *buf, size_t extra)
{
    assert(buf->max_bytes < SIZE_MAX);
    if (buf->error)
        return buf->error;
    if (extra > buf->max_bytes - buf->len)
        return fail(buf, -EMSGSIZE);
    const size_t need = buf->len + extra + 1;

    if (need <= buf->cap)
        return 0;
    size_t cap = buf->cap + buf->cap / 2;

    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap < need)
        cap = need;
    if (cap > buf->max_bytes + 1)
        cap = buf->max_bytes + 1;
    char *grown = realloc(buf->bytes, cap);

    if (!grown)
        return fail(buf, -ENOMEM);
    grown[buf->len] = '\0';
    buf->bytes = grown;
    buf->cap = cap;
    return 0;
}

int buf_append(struct buf *buf, const void *bytes, size_t len)
{
    const int r = buf_reserve(buf, len);

    if (r < 0)
        return r;
    if (len > 0)
        memcpy(buf->bytes + buf->len, bytes, len);
    buf->len += len;
    buf->bytes[buf->len] = '\0';
    return 0;
}

int buf_append_str(struct buf *buf, const char *str)
{
    return buf_append(buf, str, strlen(str));
}

int buf_append_char(struct buf *buf, char c)
{
    return buf_append(buf, &c, 1);
}

int buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    const size_t room = buf->cap - (buf->cap > 0 ? buf->len : 0);
    va_list again;

    if (buf->error)
        return buf->error;
    va_copy(again, args);
    const int printed =
        vsnprintf(room ? buf->bytes + buf->len : NULL, room, format, args);
    int r = 0;

    if (printed < 0) {
        r = fail(buf, errno == ENOMEM ? -ENOMEM : -EMSGSIZE);
    } else if ((size_t)printed >= room) {
        r = buf_reserve(buf, (size_t)printed);
        if (r == 0)
            (void)vsnprintf(buf->bytes + buf->len, (size_t)printed + 1, format, again);
    }
    va_end(again);
    if (r == 0)
        buf->len += (size_t)printed;
    else if (buf->bytes)
        buf->bytes[buf->len] = '\0'; /* what the first try left behind it */
    return r;
}

int buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int r = buf_vprintf(buf, format, args);

    va_end(args);
    return r;
}

void buf_erase(struct buf *buf, size_t at, size_t len)
{
    assert(len <= buf->len && at <= buf->len - len);
    if (len == 0)
        return;
    memmove(buf->bytes + at, buf->bytes + at + len, buf->len - at - len);
    buf->len -= len;
    buf->bytes[buf->len] = '\0';
}

const char *buf_str(const struct buf *buf)
{
    return buf->bytes ? buf->bytes : "";
}

char *buf_take(struct buf *buf)
{
    char *bytes = buf->bytes;

    *buf = BUF_INIT(buf->max_bytes);
    return bytes;
}

int buf_error(const struct buf *buf)
{
    return buf->error;
}
