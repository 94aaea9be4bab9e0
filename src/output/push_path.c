#include "output/push_path.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"

/* Dots alone are parts that clients take out of paths; all others of these are kept (RFC 3986). */
static bool is_plain(const char *value)
{
    const char *at = value;

    while (isalnum((unsigned char)*at) || (*at && strchr("-._~", *at)))
        at++;
    return *at == '\0' && value[strspn(value, ".")] != '\0';
}

int push_path_append(struct buf *out, const struct push_label *labels, size_t count)
{
    buf_append_str(out, "/metrics");
    for (size_t i = 0; i < count; i++) {
        const bool plain = is_plain(labels[i].value);

        buf_printf(out, "/%s%s/", labels[i].name, plain ? "" : "@base64");
        if (plain)
            buf_append_str(out, labels[i].value);
        else if (*labels[i].value)
            base64_append_url(out, labels[i].value, strlen(labels[i].value));
        else
            buf_append_char(out, '='); /* a part of a path is never empty */
    }
    return buf_error(out);
}
