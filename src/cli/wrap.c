#include "cli/wrap.h"

#include <string.h>

#include "base/buf.h"

/* Characters of UTF-8 text: no wide ones are looked for here. */
static size_t characters(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void wrap_text(struct buf *out, const char *text, size_t indent, size_t columns)
{
    size_t column = indent;

    while (*text) {
        const size_t len = strcspn(text, " \n");
        const size_t word = characters(text, len);

        if (column > indent && column + 1 + word > columns) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buf_append_char(out, ' ');
            column++;
        }
        buf_append(out, text, len);
        column += word;
        text += len;
        text += strspn(text, " \n");
    }
    buf_append_char(out, '\n');
}
