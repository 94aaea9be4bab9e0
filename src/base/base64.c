#include "base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

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

/* The six bits of a letter, or -1. */
static int bits_of(char letter)
{
    static const char letters[] = LETTERS "+/";
    const char *at = letter ? strchr(letters, letter) : NULL;

    return at ? (int)(at - letters) : -1;
}

/* Two to four letters → one to three bytes. */
static int decode_group(struct buf *out, const char *text, size_t len)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        const int six = i < len ? bits_of(text[i]) : 0;

        if (six < 0)
            return -EINVAL;
        bits = bits << 6 | (uint32_t)six;
    }
    /* What the last letter has beyond whole bytes is 0, or two texts would stand for the same. */
    if (len < 4 && (bits & (len == 3 ? 0xFFU : 0xFFFFU)) != 0)
        return -EINVAL;
    for (size_t i = 0; i + 1 < len; i++)
        buf_append_char(out, (char)(unsigned char)(bits >> (16 - 8 * i) & 0xFF));
    return 0;
}

int base64_decode(struct buf *out, const char *text, size_t len)
{
    int r = 0;

    if (len > 0 && len % 4 == 0 && text[len - 1] == '=')
        len -= text[len - 2] == '=' ? 2 : 1;
    if (len % 4 == 1)
        return -EINVAL;
    for (size_t at = 0; r == 0 && at < len; at += 4)
        r = decode_group(out, text + at, len - at < 4 ? len - at : 4);
    return r < 0 ? r : buf_error(out);
}
