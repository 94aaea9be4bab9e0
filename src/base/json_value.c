#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/json_scan.h"

static void fail(struct json_scan *scan)
{
    scan->failed = true;
    scan->at = scan->end;
}

static size_t digits_at(const struct json_scan *scan)
{
    size_t count = 0;

    while (scan->at + count < scan->end && scan->at[count] >= '0' &&
           scan->at[count] <= '9')
        count++;
    return count;
}

/* Takes one of the characters, where it is there. */
static bool take_any(struct json_scan *scan, const char *characters)
{
    if (scan->at == scan->end || !*scan->at || !strchr(characters, *scan->at))
        return false;
    scan->at++;
    return true;
}

static void take_digits(struct json_scan *scan)
{
    const size_t digits = digits_at(scan);

    if (digits == 0)
        fail(scan);
    scan->at += digits;
}

static void take_number(struct json_scan *scan)
{
    (void)take_any(scan, "-");
    if (!take_any(scan, "0"))
        take_digits(scan);
    if (take_any(scan, "."))
        take_digits(scan);
    if (take_any(scan, "eE")) {
        (void)take_any(scan, "+-");
        take_digits(scan);
    }
}

static bool take_word(struct json_scan *scan, const char *word)
{
    const size_t len = strlen(word);

    if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
        return false;
    scan->at += len;
    return true;
}

/* Whether four hexadecimal digits begin there; the text need not end in NUL. */
static bool is_unit(const char *at)
{
    for (size_t i = 0; i < 4; i++) {
        if (!isxdigit((unsigned char)at[i]))
            return false;
    }
    return true;
}

/* Whether all escapes of a string are of the grammar; half a surrogate pair is, too. */
static bool escapes_are_known(struct json_piece piece)
{
    for (size_t at = 0; piece.escaped && at < piece.len; at++) {
        if (piece.bytes[at] != '\\')
            continue;
        at++; /* what json_scan_string() took has a character behind each backslash */
        if (!memchr("\"\\/bfnrtu", piece.bytes[at], 9))
            return false;
        if (piece.bytes[at] == 'u' &&
            (piece.len - at < 5 || !is_unit(piece.bytes + at + 1)))
            return false;
    }
    return true;
}

struct json_piece json_scan_any_string(struct json_scan *scan)
{
    const struct json_piece piece = json_scan_string(scan);

    if (!escapes_are_known(piece))
        fail(scan);
    return piece;
}

struct json_piece json_scan_any_key(struct json_scan *scan)
{
    const struct json_piece key = json_scan_any_string(scan);

    if (json_scan_peek(scan) == ':')
        scan->at++;
    else
        fail(scan);
    return key;
}

static void take_scalar(struct json_scan *scan)
{
    const char c = json_scan_peek(scan);

    if (c == '"')
        (void)json_scan_any_string(scan);
    else if (c == '-' || (c >= '0' && c <= '9'))
        take_number(scan);
    else if (!take_word(scan, "true") && !take_word(scan, "false") &&
             !take_word(scan, "null"))
        fail(scan);
}

void json_scan_value(struct json_scan *scan, unsigned depth)
{
    char open[JSON_SCAN_DEPTH];
    unsigned level = 0;

    assert(depth <= JSON_SCAN_DEPTH);
    do {
        const char c = json_scan_peek(scan);

        if (c != '{' && c != '[') {
            take_scalar(scan);
        } else if (level == depth) {
            fail(scan);
            return;
        } else if (json_scan_enter(scan, c)) {
            open[level++] = c;
            if (c == '{')
                (void)json_scan_any_key(scan);
            continue;
        }
        while (level > 0 && !json_scan_next(scan, open[level - 1] == '{' ? '}' : ']'))
            level--;
        if (level > 0 && open[level - 1] == '{')
            (void)json_scan_any_key(scan);
    } while (level > 0 && !scan->failed);
}
