/*
 * JSON lines: text → one JSON value a line. Blank lines are none. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_scan.h"

struct json_lines {
    const char *at;
    const char *end;
    uint64_t line; /* of the value at hand, from 1 */
};

/* Nested deeper, a value is refused. */
#define JSON_LINES_DEPTH 64

/*
 * Goes to the next line that holds something, and lays the scan over it. False at the end of the
 * text.
 */
bool json_lines_next(struct json_lines *lines, struct json_scan *ret_scan);

/*
 * Whether the scan is over an object, well-formed in all its parts and in UTF-8; else *ret_problem is
 * half a sentence.
 */
bool json_lines_is_object(struct json_scan scan, const char **ret_problem);

/* A string value; bytes NULL: it was another one, and is skipped. */
struct json_piece json_lines_text(struct json_scan *scan);
