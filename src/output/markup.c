#include "output/markup.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

/* Names and sentences; what is longer is cut off by nobody who means well. */
#define MAX_TEXT_BYTES ((size_t)1 << 20)

/* Those that Markdown knows, and what makes links and mentions of a plain text. */
static void append_markdown_char(struct buf *out, const char *at, bool begins_link)
{
    if (*at == '&')
        buf_append_str(out, "&amp;");
    else if (*at == '<')
        buf_append_str(out, "&lt;");
    else if (*at == '>')
        buf_append_str(out, "&gt;");
    else if (*at == '@' || *at == '#' || *at == ':' || begins_link)
        buf_printf(out, "&#%d;", *at);
    else if (strchr("\\`*_[]{}|~!$^", *at))
        buf_printf(out, "\\%c", *at);
    else
        buf_append_char(out, *at);
}

int markup_append_markdown(struct buf *out, const char *text)
{
    struct buf line = BUF_INIT(MAX_TEXT_BYTES);
    const char *at = NULL;

    buf_append_printable(&line, text, strlen(text));
    for (at = buf_str(&line); *at; at++) {
        /* "www." is a link without any mark. A colon between words is none. */
        const bool dot_of_www =
            *at == '.' && at - buf_str(&line) >= 3 && strncasecmp(at - 3, "www", 3) == 0;

        if (*at == ':' && strncmp(at, "://", 3) != 0)
            buf_append_char(out, ':');
        else
            append_markdown_char(out, at, dot_of_www);
    }
    if (buf_error(&line) < 0)
        out->error = buf_error(&line);
    buf_deinit(&line);
    return buf_error(out);
}

/* U+FFFE and U+FFFF, which are no characters of XML. */
static bool is_no_character(const char *at)
{
    return strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0;
}

int markup_append_xml(struct buf *out, const char *text)
{
    struct buf line = BUF_INIT(MAX_TEXT_BYTES);
    const char *at = NULL;

    buf_append_printable(&line, text, strlen(text));
    for (at = buf_str(&line); *at; at++) {
        if (is_no_character(at)) {
            buf_append_str(out, "\xef\xbf\xbd");
            at += 2;
        } else if (*at == '&') {
            buf_append_str(out, "&amp;");
        } else if (*at == '<') {
            buf_append_str(out, "&lt;");
        } else if (*at == '>') {
            buf_append_str(out, "&gt;");
        } else if (*at == '"') {
            buf_append_str(out, "&quot;");
        } else {
            buf_append_char(out, *at);
        }
    }
    if (buf_error(&line) < 0)
        out->error = buf_error(&line);
    buf_deinit(&line);
    return buf_error(out);
}
