#include "config/yaml_text.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

/* A scalar of a scenario; each of its bytes can become six. */
#define MAX_TEXT_BYTES ((size_t)8 << 20)

/* What YAML's printable set (section 5.1) leaves out, or takes for a line break; JSON has it bare. */
static const struct {
    const char *bytes;
    const char *escape;
} escapes[] = {
    {"\x7f", "\\x7F"},
    {"\xe2\x80\xa8", "\\u2028"},
    {"\xe2\x80\xa9", "\\u2029"},
    {"\xef\xbb\xbf", "\\uFEFF"},
};

/* U+0080 to U+009F. */
static bool is_c1(const char *at)
{
    return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 &&
           (unsigned char)at[1] <= 0x9f;
}

/* How many bytes at `at` were appended as an escape; 0: they need none. */
static size_t append_escape(struct buf *out, const char *at)
{
    if (is_c1(at)) {
        buf_printf(out, "\\u00%02X", (unsigned char)at[1]);
        return 2;
    }
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        const size_t len = strlen(escapes[i].bytes);

        if (strncmp(at, escapes[i].bytes, len) == 0) {
            buf_append_str(out, escapes[i].escape);
            return len;
        }
    }
    return 0;
}

/* A JSON string is one of YAML's in double quotes, but for what some characters mean there. */
static void append_quoted(struct buf *out, const char *text, bool dollars)
{
    struct buf json = BUF_INIT(MAX_TEXT_BYTES);
    const char *at = NULL;

    buf_append_json(&json, text, strlen(text));
    buf_append_char(out, '"');
    for (at = buf_str(&json); *at;) {
        const size_t escaped = append_escape(out, at);

        if (escaped == 0) {
            if (dollars && *at == '$')
                buf_append_char(out, '$');
            buf_append_char(out, *at);
        }
        at += escaped ? escaped : 1;
    }
    buf_append_char(out, '"');
    if (buf_error(&json) < 0)
        out->error = buf_error(&json);
    buf_deinit(&json);
}

/*
 * Whether a text means itself without quotes in YAML's block style: letters, digits and what is no
 * mark there.
 */
static bool is_plain(const char *text)
{
    static const char *const words[] = {"null", "Null", "NULL"};
    const size_t len = strlen(text);

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(text, words[i]) == 0)
            return false;
    if (len == 0 || !(isalnum((unsigned char)*text) || strchr("_/$", *text)) ||
        isspace((unsigned char)text[len - 1]) || text[len - 1] == ':')
        return false;
    for (const char *at = text; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("_-./%()<>=+;*$,{}[]", *at))
            continue;
        if (*at == ':' && at[1] != ' ')
            continue;
        if (*at != ' ' || at[1] == ' ')
            return false;
    }
    return true;
}

void yaml_text_append(struct buf *out, const char *text, bool plain, bool dollars)
{
    if (plain && is_plain(text) && !(dollars && strchr(text, '$')))
        buf_append_str(out, text);
    else
        append_quoted(out, text, dollars);
}

void yaml_text_append_key(struct buf *out, const char *text, bool plain)
{
    yaml_text_append(out, text, plain, false);
}
