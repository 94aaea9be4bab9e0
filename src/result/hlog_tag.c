#include "result/hlog_tag.h"

#include "base/buf.h"

/* A tag holds no comma, blank or line break: these, '%' and all but ASCII are percent-encoded. */
static void append_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c > ' ' && c < 0x7f && c != ',' && c != '%')
            buf_append_char(out, *text);
        else
            buf_printf(out, "%%%02X", c);
    }
}

void hlog_tag_write(struct buf *out, const char *name, const char *kind, const char *key,
                    const char *value)
{
    buf_printf(out, "Tag=%s%s", name, kind);
    if (key) {
        buf_printf(out, "{%s=", key);
        append_escaped(out, value);
        buf_append_char(out, '}');
    }
}
