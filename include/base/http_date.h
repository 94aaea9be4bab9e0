/*
 * Dates as HTTP writes them: "Sun, 06 Nov 1994 08:49:37 GMT" → seconds since 1970. Read as
 * leniently as browsers read the dates of cookies (RFC 6265, section 5.1.1), which takes in the
 * three forms of RFC 9110, section 5.6.7. It reads no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether it is a date, and which moment (UTC). The text need not be NUL-terminated. */
bool http_date_parse(const char *text, size_t len, int64_t *ret_unix_s);
