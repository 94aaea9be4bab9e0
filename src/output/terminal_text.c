#include "output/terminal_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define REPLACEMENT 0xFFFDu
#define MAX_SAFE_BYTES ((size_t)64 * 1024)

/* Bytes of the character that begins with this one; 0: none does (Unicode 15, table 3-7). */
static size_t length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Whether a character may be written in so many bytes at all. */
static bool is_well_formed(uint32_t point, size_t len)
{
    const bool overlong = (len == 3 && point < 0x800) || (len == 4 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;

    return !overlong && !surrogate && point <= 0x10FFFF;
}

/* Reads one character; broken UTF-8 is U+FFFD, one byte at a time. Returns its length in bytes. */
static size_t decode(const char *text, uint32_t *ret_point)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t len = length_of(bytes[0]);
    uint32_t point = len == 1 ? bytes[0] : bytes[0] & (0x7Fu >> len);

    *ret_point = REPLACEMENT;
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 1;
        point = point << 6 | (bytes[i] & 0x3F);
    }
    if (len == 0 || !is_well_formed(point, len))
        return 1;
    *ret_point = point;
    return len;
}

struct range {
    uint32_t first;
    uint32_t last;
};

static bool is_in(uint32_t point, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

/* Unicode 15, EastAsianWidth W and F, by block. */
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

/* Combining marks and joiners, which stand on the character before them. */
static const struct range without_width[] = {
    {0x0300, 0x036F}, {0x200B, 0x200D}, {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
};

/* C0, DEL and C1; line and paragraph separators; marks that turn the direction of writing. */
static const struct range harmful[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200E, 0x200F},
    {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFFF9, 0xFFFB},
};

static size_t columns_of(uint32_t point)
{
    if (point < 0x20 || (point >= 0x7F && point < 0xA0))
        return 0;
    if (is_in(point, without_width, COUNT_OF(without_width)))
        return 0;
    return is_in(point, wide, COUNT_OF(wide)) ? 2 : 1;
}

size_t terminal_width(const char *text)
{
    size_t width = 0;
    uint32_t point = 0;

    while (*text) {
        text += decode(text, &point);
        width += columns_of(point);
    }
    return width;
}

static const char *const escapes[] = {
    [PAINT_PLAIN] = "",          [PAINT_STRONG] = "\033[1m", [PAINT_FAINT] = "\033[2m",
    [PAINT_GOOD] = "\033[1;32m", [PAINT_BAD] = "\033[1;31m", [PAINT_ACCENT] = "\033[36m",
};

void terminal_paint(struct buf *out, struct terminal_style style, enum paint paint,
                    const char *text)
{
    const bool painted = style.colour && paint != PAINT_PLAIN;

    if (painted)
        buf_append_str(out, escapes[paint]);
    buf_append_str(out, text);
    if (painted)
        buf_append_str(out, "\033[0m");
}

/* One character as it may stand in a terminal. */
static void append_safe(struct buf *out, const char *text, size_t len, uint32_t point)
{
    if (point == REPLACEMENT)
        buf_append_str(out, "\uFFFD");
    else if (!is_in(point, harmful, COUNT_OF(harmful)))
        buf_append(out, text, len);
    else if (point < 0x100)
        buf_printf(out, "\\x%02x", point);
    else
        buf_printf(out, "\\u{%x}", point);
}

/* Makes all of a text harmless. */
static void escape(struct buf *out, const char *text)
{
    uint32_t point = 0;

    while (*text) {
        const size_t len = decode(text, &point);

        append_safe(out, text, len, point);
        text += len;
    }
}

void terminal_put_safe(struct buf *out, const char *text, size_t columns)
{
    struct buf safe = BUF_INIT(MAX_SAFE_BYTES);
    size_t width = 0;
    uint32_t point = 0;

    escape(&safe, text);
    const char *from = buf_str(&safe);
    const bool fits = terminal_width(from) <= columns;

    while (*from) {
        const size_t len = decode(from, &point);

        width += columns_of(point);
        if (!fits && width >= columns)
            break;
        buf_append(out, from, len);
        from += len;
    }
    if (!fits && columns > 0)
        buf_append_str(out, "…");
    buf_deinit(&safe);
}

void terminal_repeat(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_append_str(out, text);
}

void terminal_wrap(struct buf *out, const char *sentence, size_t indent, size_t columns)
{
    struct buf safe = BUF_INIT(MAX_SAFE_BYTES);
    struct buf word = BUF_INIT(MAX_SAFE_BYTES);
    size_t at = indent;

    escape(&safe, sentence);
    for (const char *from = buf_str(&safe); *from;) {
        const size_t len = strcspn(from, " ");

        buf_clear(&word);
        buf_append(&word, from, len);
        const size_t width = terminal_width(buf_str(&word));

        if (at > indent && at + 1 + width > columns) {
            buf_append_char(out, '\n');
            terminal_repeat(out, " ", indent);
            at = indent;
        } else if (at > indent) {
            buf_append_char(out, ' ');
            at++;
        }
        buf_append_str(out, buf_str(&word));
        at += width;
        from += len;
        from += strspn(from, " ");
    }
    buf_deinit(&word);
    buf_deinit(&safe);
}
