#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/digits.h"
#include "base/utf8.h"
#include "expr/template_tree.h"

/*
 * A filter that needs room writes what comes of a value behind the value, and takes the value out:
 * so that nothing is allocated but in out, whose bytes may move while it grows.
 */

void template_escape(struct buf *out, size_t start)
{
    const size_t end = out->len;

    for (size_t at = start; at < end && !buf_error(out);) {
        char piece[256];
        size_t len = end - at < sizeof(piece) ? end - at : sizeof(piece);

        /* A character is not cut in two. */
        for (int i = 0; i < 3 && at + len < end &&
                        ((unsigned char)out->bytes[at + len] & 0xC0) == 0x80;
             i++)
            len--;
        memcpy(piece, out->bytes + at, len);
        buf_append_json(out, piece, len);
        at += len;
    }
    if (!buf_error(out))
        buf_erase(out, start, end - start);
}

static void change_json(const struct template_arguments *arguments, struct buf *out,
                        size_t start, bool *json)
{
    (void)arguments;
    if (*json)
        return;
    *json = true;
    template_escape(out, start);
    buf_append_str(out, "\"\"");
    if (buf_error(out))
        return;
    memmove(out->bytes + start + 1, out->bytes + start, out->len - start - 2);
    out->bytes[start] = '"';
}

void template_encode(struct buf *out, size_t start)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"
                                     "Z0123456789-._~"; /* RFC 3986, 2.3 */
    const size_t end = out->len;

    for (size_t at = start; at < end && !buf_error(out); at++) {
        const unsigned char c = (unsigned char)out->bytes[at];

        if (memchr(unreserved, c, sizeof(unreserved) - 1))
            buf_append_char(out, (char)c);
        else
            buf_append(out, (const char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
    }
    if (!buf_error(out))
        buf_erase(out, start, end - start);
}

static void change_url(const struct template_arguments *arguments, struct buf *out,
                       size_t start, bool *json)
{
    (void)arguments;
    template_encode(out, start);
    *json = false;
}

static void change_raw(const struct template_arguments *arguments, struct buf *out,
                       size_t start, bool *json)
{
    (void)arguments;
    (void)out;
    (void)start;
    (void)json;
}

static void change_base64(const struct template_arguments *arguments, struct buf *out,
                          size_t start, bool *json)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t end = out->len;

    (void)arguments;
    for (size_t at = start; at < end && !buf_error(out); at += 3) {
        const size_t left = end - at;
        uint32_t bits = 0;
        char group[4];

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < left ? (unsigned char)out->bytes[at + i] : 0);
        for (size_t i = 0; i < 4; i++)
            group[i] = i <= left ? digits[bits >> (18 - 6 * i) & 63] : '=';
        buf_append(out, group, sizeof(group));
    }
    if (!buf_error(out))
        buf_erase(out, start, end - start);
    *json = false;
}

static void change_upper(const struct template_arguments *arguments, struct buf *out,
                         size_t start, bool *json)
{
    (void)arguments;
    for (size_t at = start; at < out->len; at++)
        if (out->bytes[at] >= 'a' && out->bytes[at] <= 'z')
            out->bytes[at] = (char)(out->bytes[at] - 'a' + 'A');
    *json = false;
}

static void change_lower(const struct template_arguments *arguments, struct buf *out,
                         size_t start, bool *json)
{
    (void)arguments;
    for (size_t at = start; at < out->len; at++)
        if (out->bytes[at] >= 'A' && out->bytes[at] <= 'Z')
            out->bytes[at] = (char)(out->bytes[at] - 'A' + 'a');
    *json = false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void change_trim(const struct template_arguments *arguments, struct buf *out,
                        size_t start, bool *json)
{
    size_t end = out->len;
    size_t begin = start;

    (void)arguments;
    while (end > start && is_blank(out->bytes[end - 1]))
        end--;
    while (begin < end && is_blank(out->bytes[begin]))
        begin++;
    buf_erase(out, end, out->len - end);
    buf_erase(out, start, begin - start);
    *json = false;
}

/* Bytes of the character at a place before the end; what is no character counts as one each. */
static size_t step_at(const struct buf *out, size_t at)
{
    const size_t step = utf8_length(out->bytes + at, out->len - at);

    return step > 0 ? step : 1;
}

static size_t characters(const struct buf *out, size_t start)
{
    size_t count = 0;

    for (size_t at = start; at < out->len; at += step_at(out, at))
        count++;
    return count;
}

static void change_length(const struct template_arguments *arguments, struct buf *out,
                          size_t start, bool *json)
{
    const size_t count = characters(out, start);
    char digits[DIGITS_MAX];
    const char *end = digits_decimal(digits, count);

    (void)arguments;
    buf_erase(out, start, out->len - start);
    buf_append(out, digits, (size_t)(end - digits));
    *json = true;
}

/* Which character a number is: from the end where it is negative; none beyond either end. */
static size_t position(double number, size_t count)
{
    const double place = number < 0 ? number + (double)count : number;

    return place<0 ? 0 : place>(double) count ? count : (size_t)place;
}

static void change_slice(const struct template_arguments *arguments, struct buf *out,
                         size_t start, bool *json)
{
    const size_t count = characters(out, start);
    const size_t from = position(arguments->items[0].number, count);
    const size_t to =
        arguments->count > 1 ? position(arguments->items[1].number, count) : count;
    size_t at = start;
    size_t begin = out->len;

    for (size_t i = 0; i < to; i++) {
        if (i == from)
            begin = at;
        at += step_at(out, at);
    }
    buf_erase(out, at, out->len - at);
    if (begin > at)
        begin = at;
    buf_erase(out, start, begin - start);
    *json = false;
}

/* There is a value: render looks for this filter where there is none. */
static void change_default(const struct template_arguments *arguments, struct buf *out,
                           size_t start, bool *json)
{
    (void)arguments;
    (void)out;
    (void)start;
    (void)json;
}

static const struct template_filter filters[] = {
    {{"base64", "vars.login | base64", "In base 64 (RFC 4648, with padding)",
      "YWRhOjEyMw=="},
     {"", 0, 0, NULL},
     change_base64},
    {{"default", "vars.city | default(\"Oslo\")",
      "This literal, where the name has no value", "Oslo"},
     {"a", 1, 1, NULL},
     change_default},
    {{"json", "vars.tags | json",
      "As JSON: texts in quotes and escaped, numbers, lists and objects as they are. In "
      "a JSON body a "
      "string that is such an expression and nothing else becomes that value",
      "[\"a\",\"b\"]"},
     {"", 0, 0, NULL},
     change_json},
    {{"length", "vars.q | length", "How many characters it has", "12"},
     {"", 0, 0, NULL},
     change_length},
    {{"lower", "vars.code | lower", "ASCII letters in lower case", "ab-12"},
     {"", 0, 0, NULL},
     change_lower},
    {{"raw", "vars.path | raw",
      "As it is: in the path of a request, where all others are percent-encoded",
      "a/b?c=d"},
     {"", 0, 0, NULL},
     change_raw},
    {{"slice", "vars.id | slice(0, 8)",
      "The characters from the first number up to, and without, the second (or to the "
      "end); negative "
      "ones count from the end",
      "3f2b8c1e"},
     {"ww", 1, 2, NULL},
     change_slice},
    {{"trim", "vars.name | trim", "Without blanks and line breaks around it", "Ada"},
     {"", 0, 0, NULL},
     change_trim},
    {{"upper", "vars.code | upper", "ASCII letters in upper case", "AB-12"},
     {"", 0, 0, NULL},
     change_upper},
    {{"url", "vars.q | url", "Percent-encoded, for a path or a query (RFC 3986)",
      "a%20b%26c"},
     {"", 0, 0, NULL},
     change_url},
};

const struct template_filter *template_find_filter(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        if (strlen(filters[i].word.name) == len &&
            memcmp(filters[i].word.name, name, len) == 0)
            return &filters[i];
    return NULL;
}

bool template_filter_is_default(const struct template_filter *filter)
{
    return filter->change == change_default;
}

bool template_filter_is_json(const struct template_filter *filter)
{
    return filter->change == change_json;
}

bool template_filter_is_for_paths(const struct template_filter *filter)
{
    return filter->change == change_url || filter->change == change_raw;
}

bool template_filter_at(size_t index, struct template_word *ret_word)
{
    if (index >= COUNT_OF(filters))
        return false;
    *ret_word = filters[index].word;
    return true;
}
