#include <string.h>

#include "api/answer.h"
#include "base/utf8.h"
#include "workload/conversation.h"

static void append(struct api_reader *reader, const char *bytes, size_t len)
{
    if (len > 0 && reader->answer &&
        conversation_append_assistant_delta(reader->answer, bytes, len) < 0)
        reader->lost_deltas++;
}

/* Appends text, with replacements; true when there were any. */
static bool append_checked(struct api_reader *reader, const char *text, size_t len)
{
    size_t start = 0;
    bool broken = false;

    for (size_t at = 0; at < len;) {
        const size_t step = utf8_length(text + at, len - at);

        if (step > 0) {
            at += step;
            continue;
        }
        broken = true;
        append(reader, text + start, at - start);
        append(reader, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
        start = ++at;
    }
    append(reader, text + start, len - start);
    return broken;
}

void answer_append_text(struct api_reader *reader, const char *text, size_t len)
{
    if (append_checked(reader, text, len))
        reader->invalid_text++;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four hex digits of \uXXXX, or -1. */
static int32_t hex_unit(const char *at, const char *end)
{
    int32_t unit = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void append_code_point(struct api_reader *reader, uint32_t code)
{
    char text[4];
    size_t len = 0;

    if (code < 0x80) {
        text[len++] = (char)code;
    } else if (code < 0x800) {
        text[len++] = (char)(0xC0 | (code >> 6));
        text[len++] = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        text[len++] = (char)(0xE0 | (code >> 12));
        text[len++] = (char)(0x80 | ((code >> 6) & 0x3F));
        text[len++] = (char)(0x80 | (code & 0x3F));
    } else {
        text[len++] = (char)(0xF0 | (code >> 18));
        text[len++] = (char)(0x80 | ((code >> 12) & 0x3F));
        text[len++] = (char)(0x80 | ((code >> 6) & 0x3F));
        text[len++] = (char)(0x80 | (code & 0x3F));
    }
    append(reader, text, len);
}

/*
 * Undoes the \u escape whose digits stand at `at`; ret_broken is set for a lone surrogate, a NUL
 * (which no message may hold) or digits that are none. Returns the bytes consumed.
 */
static size_t append_unicode(struct api_reader *reader, const char *at, const char *end,
                             bool *ret_broken)
{
    const int32_t high = hex_unit(at, end);
    const bool is_high = high >= 0xD800 && high < 0xDC00;
    const bool is_low = high >= 0xDC00 && high < 0xE000;

    if (is_high && end - at >= 10 && at[4] == '\\' && at[5] == 'u') {
        const int32_t low = hex_unit(at + 6, end);

        if (low >= 0xDC00 && low < 0xE000) {
            append_code_point(
                reader, (uint32_t)(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
            return 10;
        }
    }
    if (high <= 0 || is_high || is_low) {
        *ret_broken = true;
        append(reader, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
    } else {
        append_code_point(reader, (uint32_t)high);
    }
    return high < 0 ? 0 : 4;
}

void answer_append_piece(struct api_reader *reader, struct json_piece piece)
{
    const char *at = piece.bytes;
    const char *end = piece.bytes + piece.len;
    bool broken = false;

    while (at < end) {
        const char *escape = piece.escaped ? memchr(at, '\\', (size_t)(end - at)) : NULL;
        const char *stop = escape ? escape : end;

        broken |= append_checked(reader, at, (size_t)(stop - at));
        if (!escape || escape + 1 >= end)
            break;
        at = escape + 2;
        if (escape[1] == 'u') {
            at += append_unicode(reader, at, end, &broken);
        } else {
            static const char names[] = "\"\\/bfnrt";
            static const char values[] = "\"\\/\b\f\n\r\t";
            const char *name = memchr(names, escape[1], sizeof(names) - 1);

            if (name)
                append(reader, &values[name - names], 1);
            else
                broken = true;
        }
    }
    if (broken)
        reader->invalid_text++;
}

void answer_note_id(struct api_reader *reader, const char *id, size_t len)
{
    const size_t kept = len < sizeof(reader->id) ? len : sizeof(reader->id);

    if (len == 0)
        return;
    if (reader->id_len == 0) {
        memcpy(reader->id, id, kept);
        reader->id_len = (uint32_t)len;
    } else if (len != reader->id_len || memcmp(reader->id, id, kept) != 0) {
        reader->other_ids++;
    }
}

void answer_note_error(struct api_reader *reader, const char *message, size_t len)
{
    const size_t room = sizeof(reader->error) - 1;
    size_t kept = len < room ? len : room;

    /* A cut must not fall inside a UTF-8 sequence. */
    while (kept < len && kept > 0 && ((unsigned char)message[kept] & 0xC0) == 0x80)
        kept--;
    for (size_t i = 0; i < kept; i++)
        reader->error[i] =
            (unsigned char)message[i] < 0x20 || message[i] == 0x7F ? ' ' : message[i];
    reader->error[kept] = '\0';
}
