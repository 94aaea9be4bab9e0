#include <string.h>

#include "base/buf.h"

/*
 * Length of the well-formed UTF-8 sequence at text, 0 when it is none (Unicode 15, table 3-7).
 */
static size_t utf8_length(const unsigned char *text, size_t len)
{
    const unsigned char lead = text[0];
    const size_t need = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) ||
        (lead == 0xF0 && text[1] < 0x90) || (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return need;
}

static void append_escape(struct buf *buf, unsigned char c)
{
    switch (c) {
    case '"':
        buf_append_str(buf, "\\\"");
        break;
    case '\\':
        buf_append_str(buf, "\\\\");
        break;
    case '\n':
        buf_append_str(buf, "\\n");
        break;
    case '\r':
        buf_append_str(buf, "\\r");
        break;
    case '\t':
        buf_append_str(buf, "\\t");
        break;
    default:
        buf_printf(buf, "\\u%04x", c);
        break;
    }
}

int buf_append_json(struct buf *buf, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t start = 0;

    for (size_t at = 0; at < len;) {
        const size_t step = utf8_length(bytes + at, len - at);

        if (step > 0 && bytes[at] >= 0x20 && bytes[at] != '"' && bytes[at] != '\\') {
            at += step;
            continue;
        }
        buf_append(buf, text + start, at - start);
        if (step == 0)
            buf_append_str(buf, "\xEF\xBF\xBD");
        else
            append_escape(buf, bytes[at]);
        start = ++at;
    }
    return buf_append(buf, text + start, len - start);
}
