#include <string.h>

#include "base/buf.h"

#define REPLACEMENT "\uFFFD"

/* Length of the well-formed UTF-8 sequence at text, 0 when it is none (Unicode 15, table 3-7). */
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
    /* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) ||
        (lead == 0xF0 && text[1] < 0x90) || (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return need;
}

static void append_json_escape(struct buf *buf, unsigned char c)
{
    static const char short_forms[] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
    };

    if (c < sizeof(short_forms) && short_forms[c])
        buf_printf(buf, "\\%c", short_forms[c]);
    else
        buf_printf(buf, "\\u%04x", c);
}

int buf_append_json(struct buf *buf, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t start = 0; /* of the run that is copied as it is */

    for (size_t at = 0; at < len;) {
        const size_t step = utf8_length(bytes + at, len - at);

        if (step > 0 && bytes[at] >= 0x20 && bytes[at] != '"' && bytes[at] != '\\') {
            at += step;
            continue;
        }
        buf_append(buf, text + start, at - start);
        if (step == 0)
            buf_append_str(buf, REPLACEMENT);
        else
            append_json_escape(buf, bytes[at]);
        start = ++at;
    }
    return buf_append(buf, text + start, len - start);
}

/* C0 but for the tab, DEL, and C1 (U+0080 to U+009F): terminals obey them. */
static int is_control(const unsigned char *character, size_t len)
{
    if (len == 2)
        return character[0] == 0xC2 && character[1] < 0xA0;
    return len == 1 && (character[0] == 0x7F || character[0] < 0x20) &&
           character[0] != '\t';
}

int buf_append_printable(struct buf *buf, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t start = 0;

    for (size_t at = 0; at < len;) {
        const size_t step = utf8_length(bytes + at, len - at);

        if (step > 0 && !is_control(bytes + at, step)) {
            at += step;
            continue;
        }
        buf_append(buf, text + start, at - start);
        buf_append_str(buf, bytes[at] == '\n' || bytes[at] == '\r' ? " " : REPLACEMENT);
        at += step > 0 ? step : 1;
        start = at;
    }
    return buf_append(buf, text + start, len - start);
}
