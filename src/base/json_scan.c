#include "base/json_scan.h"

#include <stdint.h>
#include <string.h>

#define MAX_DEPTH 64

struct json_scan json_scan_begin(const char *text, size_t len)
{
    return (struct json_scan){.at = text, .end = text + len};
}

static void fail(struct json_scan *scan)
{
    scan->failed = true;
    scan->at = scan->end;
}

char json_scan_peek(struct json_scan *scan)
{
    while (scan->at < scan->end) {
        const char c = *scan->at;

        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return c;
        scan->at++;
    }
    return 0;
}

/* Consumes one expected character. */
static bool take(struct json_scan *scan, char c)
{
    if (json_scan_peek(scan) != c) {
        fail(scan);
        return false;
    }
    scan->at++;
    return true;
}

bool json_scan_enter(struct json_scan *scan, char open)
{
    const char close = open == '{' ? '}' : ']';

    if (!take(scan, open))
        return false;
    if (json_scan_peek(scan) != close)
        return true;
    scan->at++;
    return false;
}

bool json_scan_next(struct json_scan *scan, char close)
{
    const char c = json_scan_peek(scan);

    if (c == ',') {
        scan->at++;
        return true;
    }
    take(scan, close);
    return false;
}

/* Whether eight bytes have none that ends a string, escapes or is forbidden in one. */
static bool are_plain(const char *at)
{
    const uint64_t ones = UINT64_MAX / 255;
    const uint64_t tops = ones * 0x80;
    uint64_t bytes;

    memcpy(&bytes, at, sizeof(bytes));
    /* A byte below n sets the top bit of (byte - n) & ~byte; that is exact for "any of them". */
    const uint64_t quotes = bytes ^ ones * '"';
    const uint64_t escapes = bytes ^ ones * '\\';

    return ((((bytes - ones * 0x20) & ~bytes) | ((quotes - ones) & ~quotes) |
             ((escapes - ones) & ~escapes)) &
            tops) == 0;
}

struct json_piece json_scan_string(struct json_scan *scan)
{
    struct json_piece piece = {0};

    if (!take(scan, '"'))
        return piece;
    piece.bytes = scan->at;
    for (const char *at = scan->at; at < scan->end; at++) {
        while (scan->end - at > 8 && are_plain(at))
            at += 8;
        if (*at == '"') {
            piece.len = (size_t)(at - piece.bytes);
            scan->at = at + 1;
            return piece;
        }
        if ((unsigned char)*at < 0x20)
            break;
        if (*at == '\\') {
            piece.escaped = true;
            at++;
        }
    }
    fail(scan);
    return (struct json_piece){0};
}

struct json_piece json_scan_key(struct json_scan *scan)
{
    const struct json_piece key = json_scan_string(scan);

    if (key.escaped) /* may be a known key in disguise */
        fail(scan);
    take(scan, ':');
    return key;
}

uint64_t json_scan_count(struct json_scan *scan)
{
    uint64_t value = 0;
    size_t digits = 0;

    json_scan_peek(scan);
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && digits < 18) {
        value = value * 10 + (uint64_t)(*scan->at - '0');
        scan->at++;
        digits++;
    }
    const char next = json_scan_peek(scan);

    if (digits == 0 || (next != ',' && next != '}' && next != ']'))
        fail(scan);
    return value;
}

/* Takes a digit; −1 when there is none. */
static int take_digit(struct json_scan *scan)
{
    if (scan->at == scan->end || *scan->at < '0' || *scan->at > '9')
        return -1;
    return *scan->at++ - '0';
}

uint64_t json_scan_millionths(struct json_scan *scan)
{
    uint64_t value = 0;
    size_t whole = 0;
    size_t decimals = 0;
    bool point;

    json_scan_peek(scan);
    for (int digit; whole < 13 && (digit = take_digit(scan)) >= 0; whole++)
        value = value * 10 + (uint64_t)digit;
    point = scan->at < scan->end && *scan->at == '.';
    scan->at += point;
    for (int digit; point && (digit = take_digit(scan)) >= 0; decimals++) {
        if (decimals < 6)
            value = value * 10 + (uint64_t)digit;
    }
    for (size_t i = decimals; i < 6; i++)
        value *= 10;

    const char next = json_scan_peek(scan);

    if (whole == 0 || (point && decimals == 0) ||
        (next != ',' && next != '}' && next != ']'))
        fail(scan);
    return value;
}

/* A number or a word: everything up to the next structural character. */
static void skip_plain(struct json_scan *scan)
{
    const char *start = scan->at;

    while (scan->at < scan->end && !memchr(",]} \t\r\n", *scan->at, 7))
        scan->at++;
    if (scan->at == start)
        fail(scan);
}

void json_scan_skip(struct json_scan *scan)
{
    char open[MAX_DEPTH];
    size_t depth = 0;

    do {
        const char c = json_scan_peek(scan);

        switch (c) {
        case 0:
            fail(scan);
            return;
        case '"':
            json_scan_string(scan);
            break;
        case '{':
        case '[':
            if (depth == MAX_DEPTH) {
                fail(scan);
                return;
            }
            open[depth++] = c;
            scan->at++;
            break;
        case '}':
        case ']':
            if (depth == 0 || open[depth - 1] != (c == '}' ? '{' : '[')) {
                fail(scan);
                return;
            }
            depth--;
            scan->at++;
            break;
        case ',':
        case ':':
            if (depth == 0) {
                fail(scan);
                return;
            }
            scan->at++;
            break;
        default:
            skip_plain(scan);
            break;
        }
    } while (depth > 0 && !scan->failed);
}

uint64_t json_scan_amount(struct json_scan *scan)
{
    uint64_t value = 0;

    if (!scan->at)
        return 0;
    json_scan_peek(scan);
    for (int digit; (digit = take_digit(scan)) >= 0;)
        value = value < UINT64_MAX / 100 ? value * 10 + (uint64_t)digit : value;
    return value;
}

static void note_member(struct json_scan *scan, struct json_piece key,
                        const char *const *keys, size_t count,
                        struct json_scan *ret_values)
{
    size_t i = 0;

    while (i < count && !json_piece_is(key, keys[i]))
        i++;
    if (i < count && json_scan_peek(scan) != 'n')
        ret_values[i] = *scan;
}

void json_scan_members(struct json_scan *scan, const char *const *keys, size_t count,
                       struct json_scan *ret_values)
{
    for (size_t i = 0; i < count; i++)
        ret_values[i] = (struct json_scan){0};
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_key(scan);

        note_member(scan, key, keys, count, ret_values);
        json_scan_skip(scan);
    }
}

bool json_scan_is_over(struct json_scan *scan)
{
    return !scan->failed && json_scan_peek(scan) == 0 && scan->at == scan->end;
}

bool json_piece_is(struct json_piece piece, const char *word)
{
    const size_t len = strlen(word);

    return piece.len == len && (len == 0 || memcmp(piece.bytes, word, len) == 0);
}
