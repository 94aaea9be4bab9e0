#include "base/base64.h"

#include <stdint.h>

#include "base/buf.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Returns how many letters the last group is short of four. */
static size_t append(struct buf *out, const unsigned char *bytes, size_t len,
                     const char *digits)
{
    for (size_t at = 0; at < len; at += 3) {
        const size_t count = len - at < 3 ? len - at : 3;
        uint32_t bits = 0;

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < count ? bytes[at + i] : 0);
        for (size_t i = 0; i <= count; i++)
            buf_append_char(out, digits[bits >> (18 - 6 * i) & 63]);
    }
    return (3 - len % 3) % 3;
}

void base64_append(struct buf *out, const void *bytes, size_t len)
{
    const size_t missing = append(out, bytes, len, LETTERS "+/");

    buf_append(out, "==", missing);
}

void base64_append_url(struct buf *out, const void *bytes, size_t len)
{
    (void)append(out, bytes, len, LETTERS "-_");
}
