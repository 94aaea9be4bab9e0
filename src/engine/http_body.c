#include "engine/http_body.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "engine/rendering.h"
#include "plan/program.h"

/* Long and odd enough to stand in no part; the same each time, so that requests can be compared. */
#define BOUNDARY "throng-1f0d6c9be27a4835-part"

bool http_body_is_made(const struct plan_http_call *call)
{
    return call->body.template || call->form_count > 0 || call->part_count > 0;
}

const char *http_body_type(const struct plan_http_call *call)
{
    if (call->part_count > 0)
        return "multipart/form-data; boundary=" BOUNDARY;
    if (call->form_count > 0 && !call->content_type)
        return "application/x-www-form-urlencoded";
    return call->content_type;
}

/* application/x-www-form-urlencoded (WHATWG URL, section 5.2). */
static int append_encoded(struct buf *out, const char *text, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (isalnum(c) || (c && strchr("-._*", c))) {
            buf_append_char(out, (char)c);
        } else if (c == ' ') {
            buf_append_char(out, '+');
        } else {
            const char encoded[] = {'%', digits[c >> 4], digits[c & 15]};

            buf_append(out, encoded, sizeof(encoded));
        }
    }
    return buf_error(out);
}

static int write_form(const struct plan_http_call *call, struct rendering *rendering,
                      struct buf *body)
{
    struct buf value = BUF_INIT(body->max_bytes);
    int r = 0;

    for (size_t i = 0; r == 0 && i < call->form_count; i++) {
        const struct plan_pair *pair = &call->form[i];

        if (i > 0)
            buf_append_char(body, '&');
        append_encoded(body, pair->key, strlen(pair->key));
        buf_append_char(body, '=');
        buf_clear(&value);
        r = rendering_append_pair(rendering, pair, &value);
        if (r == 0)
            r = append_encoded(body, value.bytes, value.len);
    }
    buf_deinit(&value);
    return r;
}

/* A name within quotes (WHATWG HTML, "multipart form data": what would end it is percent-encoded). */
static void append_quoted(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, "; %s=\"", name);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\r' || *c == '\n')
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
        else
            buf_append_char(out, *c);
    }
    buf_append_char(out, '"');
}

/* RFC 7578. */
static int write_parts(const struct plan_http_call *call, struct rendering *rendering,
                       struct buf *body)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < call->part_count; i++) {
        const struct plan_part *part = &call->parts[i];

        buf_append_str(body, "--" BOUNDARY "\r\nContent-Disposition: form-data");
        append_quoted(body, "name", part->name);
        if (part->file_name)
            append_quoted(body, "filename", part->file_name);
        if (part->content_type)
            buf_printf(body, "\r\nContent-Type: %s", part->content_type);
        buf_append_str(body, "\r\n\r\n");
        r = rendering_append(rendering, &part->value, body);
        buf_append_str(body, "\r\n");
    }
    buf_append_str(body, "--" BOUNDARY "--\r\n");
    return r < 0 ? r : buf_error(body);
}

int http_body_write(const struct plan_http_call *call, struct rendering *rendering,
                    struct buf *body)
{
    if (call->part_count > 0)
        return write_parts(call, rendering, body);
    if (call->form_count > 0)
        return write_form(call, rendering, body);
    return rendering_append(rendering, &call->body, body);
}
