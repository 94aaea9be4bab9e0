#include "output/push_path.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

/* Dots alone are parts that clients take out of paths; all others of these are kept (RFC 3986). */
static bool is_plain(const char *value)
{
    const char *at = value;

    while (isalnum((unsigned char)*at) || (*at && strchr("-._~", *at)))
        at++;
    return *at == '\0' && value[strspn(value, ".")] != '\0';
}

/* RFC 4648, section 5, without padding; nothing at all is written as a sole '='. */
static void append_base64(struct buf *out, const char *value)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const size_t len = strlen(value);

    if (len == 0)
        buf_append_char(out, '=');
    for (size_t at = 0; at < len; at += 3) {
        const size_t bytes = len - at < 3 ? len - at : 3;
        uint32_t bits = 0;

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < bytes ? (unsigned char)value[at + i] : 0);
        for (size_t i = 0; i <= bytes; i++)
            buf_append_char(out, digits[bits >> (18 - 6 * i) & 63]);
    }
}

int push_path_append(struct buf *out, const struct push_label *labels, size_t count)
{
    buf_append_str(out, "/metrics");
    for (size_t i = 0; i < count; i++) {
        const bool plain = is_plain(labels[i].value);

        buf_printf(out, "/%s%s/", labels[i].name, plain ? "" : "@base64");
        if (plain)
            buf_append_str(out, labels[i].value);
        else
            append_base64(out, labels[i].value);
    }
    return buf_error(out);
}
