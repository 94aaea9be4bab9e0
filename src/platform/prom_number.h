/*
 * The numbers of Prometheus' text: decimals, also with an exponent, NaN, +Inf and -Inf. Those that are
 * written in other ways (hexadecimal, with underscores) are refused: no exporter writes them.
 */
#pragma once

#include <stddef.h>

/* Returns 0 or -EINVAL. Beyond the range of a double it is infinite, or 0. */
int prom_number_parse(const char *text, size_t len, double *ret_number);
