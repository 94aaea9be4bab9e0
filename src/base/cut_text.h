/*
 * Formatted text in an array of fixed size: what does not fit is cut at a character, and the cut
 * is marked by "…". It needs no memory, so that an error can be told when there is none.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* size: of text, at least 8 bytes. text is always NUL-terminated. */
__attribute__((format(printf, 3, 0))) void
cut_text_vprintf(char *text, size_t size, const char *format, va_list args);
