#include "output/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Returns how many letters the last group is short of four. */
static size_t append(struct buf *out, const char *text, const char *digits)
{
    const size_t len = strlen(text);

    for (size_t at = 0; at < len; at += 3) {
        const size_t bytes = len - at < 3 ? len - at : 3;
        uint32_t bits = 0;

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < bytes ? (unsigned char)text[at + i] : 0);
        for (size_t i = 0; i <= bytes; i++)
            buf_append_char(out, digits[bits >> (18 - 6 * i) & 63]);
    }
    return (3 - len % 3) % 3;
}

void base64_append(struct buf *out, const char *text)
{
    const size_t missing = append(out, text, LETTERS "+/");

    buf_append(out, "==", missing);
}

void base64_append_url(struct buf *out, const char *text)
{
    (void)append(out, text, LETTERS "-_");
}
