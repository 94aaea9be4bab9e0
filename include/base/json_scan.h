/*
 * A pull scanner over JSON text, for events whose shape is known: it walks objects and arrays in
 * place, allocates nothing and skips what nobody asked for. It is strict where it looks and only
 * counts brackets where it skips; whatever it is not sure of makes it fail, and the caller then
 * gives the text to a full parser. Grammar: RFC 8259.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct json_scan {
    const char *at;
    const char *end;
    bool failed; /* sticky: nothing is read after it */
};

/* A string as it stands between its quotes, escapes undone yet. Borrowed. */
struct json_piece {
    const char *bytes;
    size_t len;
    bool escaped; /* holds a backslash */
};

/* At the beginning of a text, which is borrowed. */
struct json_scan json_scan_begin(const char *text, size_t len);

/* The first character of the next value, 0 at the end. Consumes blanks only. */
char json_scan_peek(struct json_scan *scan);

/*
 * Walks an object: `for (bool more = json_scan_enter(&scan, '{'); more; more =
 * json_scan_next(&scan, '}'))`, reading one key and one value in each round; an array likewise
 * with '[' and ']'. enter fails on another character; false also for an empty one.
 */
bool json_scan_enter(struct json_scan *scan, char open);
bool json_scan_next(struct json_scan *scan, char close);

/* A key and its colon. Fails on a key with escapes, which may be a known key in disguise. */
struct json_piece json_scan_key(struct json_scan *scan);

/* A string value. Fails on control characters, which JSON forbids. */
struct json_piece json_scan_string(struct json_scan *scan);

/* A non-negative whole number; fails on any other. */
uint64_t json_scan_count(struct json_scan *scan);

/*
 * A non-negative number with decimals but no exponent, at most 13 digits before the point (milliseconds
 * since 1970), in millionths; what is below those is cut off. Fails on any other.
 */
uint64_t json_scan_millionths(struct json_scan *scan);

/* Any number as a count: decimals are cut off, and what is no number, or below 0, is 0. */
uint64_t json_scan_amount(struct json_scan *scan);

/*
 * Walks an object and notes where the values of these keys stand, each to be read by a scan of its
 * own: `at` is NULL for those that are missing or null. Fails as the other walks do.
 */
void json_scan_members(struct json_scan *scan, const char *const *keys, size_t count,
                       struct json_scan *ret_values);

/* Skips any value, nested at most 64 deep. */
void json_scan_skip(struct json_scan *scan);

/* Whether only blanks are left and nothing failed. */
bool json_scan_is_over(struct json_scan *scan);

/*
 * The strict half: what passes is JSON by the letter, but that its strings may hold bytes that are
 * no UTF-8. A key with its colon, and a string, with any escapes that JSON knows; and any value,
 * skipped, nested at most `depth` ≤ JSON_SCAN_DEPTH deep.
 */
struct json_piece json_scan_any_key(struct json_scan *scan);
struct json_piece json_scan_any_string(struct json_scan *scan);
void json_scan_value(struct json_scan *scan, unsigned depth);

#define JSON_SCAN_DEPTH 256

/* Whether a piece is this word (which has no escapes). */
bool json_piece_is(struct json_piece piece, const char *word);

/* What an escape in a string stands for. */
struct json_escape {
    size_t consumed; /* bytes of it, at least 1 */
    size_t len;      /* of the text: 0 to 4 */
    char text[4];    /* UTF-8 (not NUL-terminated); U+FFFD for half a surrogate pair */
    bool broken;     /* it stands for no character */
};

/* Undoes the escape that begins with the backslash at text, of which len ≥ 1 bytes are there. */
struct json_escape json_scan_escape(const char *text, size_t len);

/*
 * Appends a piece with its escapes undone. Bytes that are not UTF-8, and broken escapes, become
 * U+FFFD. Returns 0 or out's sticky error.
 */
int json_piece_append(struct json_piece piece, struct buf *out);
