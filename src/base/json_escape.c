#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/digits.h"
#include "base/json_scan.h"
#include "base/utf8.h"

/* The four hex digits of \uXXXX, or -1. */
static int32_t hex_unit(const char *text, size_t len)
{
    int32_t unit = 0;

    if (len < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = digits_hex_value(text[i]);

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void set_code_point(struct json_escape *escape, uint32_t code)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};

    escape->len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = escape->len - 1; i > 0; i--, code >>= 6)
        escape->text[i] = (char)(0x80 | (code & 0x3F));
    escape->text[0] = (char)(leads[escape->len] | code);
}

static struct json_escape broken_escape(size_t consumed)
{
    struct json_escape escape = {.consumed = consumed, .broken = true};

    set_code_point(&escape, 0xFFFD);
    return escape;
}

/* \uXXXX, or two of them that are a surrogate pair. */
static struct json_escape unicode_escape(const char *text, size_t len)
{
    const int32_t high = hex_unit(text + 2, len - 2);
    struct json_escape escape = {.consumed = 6};

    if (high < 0)
        return broken_escape(2);
    if (high < 0xD800 || high >= 0xE000) {
        set_code_point(&escape, (uint32_t)high);
        return escape;
    }
    const int32_t low = high < 0xDC00 && len >= 12 && text[6] == '\\' && text[7] == 'u'
                            ? hex_unit(text + 8, len - 8)
                            : -1;

    if (low < 0xDC00 || low >= 0xE000)
        return broken_escape(6);
    escape.consumed = 12;
    set_code_point(&escape,
                   (uint32_t)(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
    return escape;
}

struct json_escape json_scan_escape(const char *text, size_t len)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *name = len > 1 ? memchr(names, text[1], sizeof(names) - 1) : NULL;

    if (len > 1 && text[1] == 'u')
        return unicode_escape(text, len);
    if (!name)
        return broken_escape(len > 1 ? 2 : 1);
    return (struct json_escape){.consumed = 2, .len = 1, .text = {values[name - names]}};
}

int json_piece_append(struct json_piece piece, struct buf *out)
{
    size_t start = 0; /* of the run that is copied as it is */

    for (size_t at = 0; at < piece.len;) {
        const size_t step = utf8_length(piece.bytes + at, piece.len - at);

        if (step > 0 && piece.bytes[at] != '\\') {
            at += step;
            continue;
        }
        buf_append(out, piece.bytes + start, at - start);
        if (step == 0) {
            buf_append_str(out, UTF8_REPLACEMENT);
            at++;
        } else {
            const struct json_escape escape =
                json_scan_escape(piece.bytes + at, piece.len - at);

            buf_append(out, escape.text, escape.len);
            at += escape.consumed;
        }
        start = at;
    }
    return buf_append(out, piece.bytes + start, piece.len - start);
}
