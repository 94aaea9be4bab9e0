#include "result/csv_text.h"

#include <string.h>

#include "base/buf.h"

void csv_text_append(struct buf *out, const char *text)
{
    buf_append_char(out, '"');
    if (*text && strchr("=+-@\t\r\n", *text))
        buf_append_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buf_append_char(out, '"');
        buf_append_char(out, *text);
    }
    buf_append_char(out, '"');
}
