/*
 * UTF-8: which bytes are a character. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What stands for bytes that are no character: U+FFFD REPLACEMENT CHARACTER. */
#define UTF8_REPLACEMENT "\uFFFD"

/*
 * Bytes of the well-formed sequence at text, of which len ≥ 1 are there; 0 when it is none
 * (Unicode 15, table 3-7).
 */
size_t utf8_length(const char *text, size_t len);

/* Whether all of a text is well-formed. */
bool utf8_is_valid(const char *text, size_t len);
