#include "output/page.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/page_text.h"

#define MAX_DATA_BYTES ((size_t)256 << 20)

/* U+2028 and U+2029 in UTF-8, up to their last byte: line ends for JavaScript before ES2019. */
#define SEPARATOR_BEGINNING "\xe2\x80"

static bool is_separator(const char *at, const char *end)
{
    return end - at >= 3 && memcmp(at, SEPARATOR_BEGINNING, 2) == 0 &&
           ((unsigned char)at[2] == 0xa8 || (unsigned char)at[2] == 0xa9);
}

/*
 * JSON as it may stand in a script element: outside of strings it has none of these characters, and within
 * them their escapes mean the same. So neither "</script" nor "<!--" is in it (HTML standard, 4.12.1.3).
 */
static void append_data(struct buf *out, const char *json, size_t len)
{
    const char *end = json + len;
    const char *from = json;

    for (const char *at = json; at < end; at++) {
        const bool separator = is_separator(at, end);

        if (*at != '<' && *at != '>' && *at != '&' && !separator)
            continue;
        buf_append(out, from, (size_t)(at - from));
        buf_printf(out, "\\u%04x",
                   separator ? 0x2000U | ((unsigned char)at[2] & 0x3fU)
                             : (unsigned int)(unsigned char)*at);
        at += separator ? 2 : 0;
        from = at + 1;
    }
    buf_append(out, from, (size_t)(end - from));
}

static int append_piece(const char *piece, size_t len, void *ctx)
{
    return buf_append(ctx, piece, len);
}

int page_write(const struct page *page, const json_t *data, struct buf *out)
{
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(MAX_DATA_BYTES);

    if (json_dump_callback(data, append_piece, &json,
                           JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
        return buf_error(&json) < 0 ? buf_error(&json) : -ENOMEM;
    buf_append(out, page->head, page->head_len);
    append_data(out, buf_str(&json), json.len);
    buf_append(out, page->tail, page->tail_len);
    return buf_error(out);
}

const char *page_policy(const struct page *page)
{
    return page->policy;
}
