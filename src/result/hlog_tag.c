#include "result/hlog_tag.h"

#include <errno.h>
#include <string.h>

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

/* -1: it is none. */
static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static int unescape(char *text)
{
    char *out = text;

    for (; *text; text++) {
        if (*text != '%') {
            *out++ = *text;
            continue;
        }
        if (hex(text[1]) < 0 || hex(text[2]) < 0)
            return -EBADMSG;
        *out++ = (char)(hex(text[1]) * 16 + hex(text[2]));
        text += 2;
    }
    *out = '\0';
    return 0;
}

int hlog_tag_read(char *tag, const char **ret_name, const char **ret_kind,
                  const char **ret_key, const char **ret_value)
{
    const size_t len = strlen(tag);
    char *brace = strchr(tag, '{');
    char *colon;

    *ret_name = tag;
    *ret_kind = *ret_value = "";
    *ret_key = NULL;
    if (brace) {
        char *equals = strchr(brace, '=');

        if (!equals || tag[len - 1] != '}')
            return -EBADMSG;
        *brace = *equals = tag[len - 1] = '\0';
        *ret_key = brace + 1;
        *ret_value = equals + 1;
        if (unescape(equals + 1) < 0)
            return -EBADMSG;
    }
    colon = strchr(tag, ':');
    if (colon) {
        *colon = '\0';
        *ret_kind = colon + 1;
    }
    return 0;
}
