#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

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
        const size_t step = utf8_length(text + at, len - at);

        if (step > 0 && bytes[at] >= 0x20 && bytes[at] != '"' && bytes[at] != '\\') {
            at += step;
            continue;
        }
        buf_append(buf, text + start, at - start);
        if (step == 0)
            buf_append_str(buf, UTF8_REPLACEMENT);
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
        const size_t step = utf8_length(text + at, len - at);

        if (step > 0 && !is_control(bytes + at, step)) {
            at += step;
            continue;
        }
        buf_append(buf, text + start, at - start);
        buf_append_str(buf,
                       bytes[at] == '\n' || bytes[at] == '\r' ? " " : UTF8_REPLACEMENT);
        at += step > 0 ? step : 1;
        start = at;
    }
    return buf_append(buf, text + start, len - start);
}
