/*
 * Moments as RFC 3339 writes them, "2023-11-16T18:15:46.680590Z", and as log files do: with a blank
 * for the T, and without a zone, which is read as UTC. It reads no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether it is one, from 1970 to 2500, and which: nanoseconds since 1970 (UTC); decimals beyond those
 * are cut off. The text need not be NUL-terminated.
 */
bool iso_date_parse(const char *text, size_t len, uint64_t *ret_unix_ns);
