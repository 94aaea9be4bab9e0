/*
 * Whole numbers as digits, for texts that are written with each request: printf() takes several
 * times as long. Nothing is NUL-terminated; each function returns where the next byte goes.
 */
#pragma once

#include <stdint.h>

/* The most bytes that a number takes. */
#define DIGITS_MAX 20

/* Without leading zeros. */
char *digits_decimal(char *at, uint64_t value);

/* All 16 hexadecimal digits, in small letters. */
char *digits_hex(char *at, uint64_t value);

/* What a hexadecimal digit counts, in letters of either case; -1: it is none. */
int digits_hex_value(char digit);
