#include "platform/prom_number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Longer ones say nothing that a double could hold. */
#define MAX_BYTES 64
/* Whole numbers of so many digits are exact in a double. */
#define EXACT_DIGITS 15

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

static bool parse_word(const char *text, size_t len, double *ret_number)
{
    const bool negative = len > 0 && *text == '-';
    const size_t sign = len > 0 && (*text == '+' || *text == '-') ? 1 : 0;

    if (sign == 0 && is_word(text, len, "nan")) {
        *ret_number = (double)NAN;
        return true;
    }
    text += sign;
    len -= sign;
    if (!is_word(text, len, "inf") && !is_word(text, len, "infinity"))
        return false;
    *ret_number = negative ? -(double)INFINITY : (double)INFINITY;
    return true;
}

/* Most of what servers tell. */
static bool parse_whole(const char *text, size_t len, double *ret_number)
{
    uint64_t number = 0;

    if (len == 0 || len > EXACT_DIGITS)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *ret_number = (double)number;
    return true;
}

int prom_number_parse(const char *text, size_t len, double *ret_number)
{
    char copy[MAX_BYTES];
    char *end = NULL;

    if (parse_whole(text, len, ret_number) || parse_word(text, len, ret_number))
        return 0;
    if (len == 0 || len >= sizeof(copy))
        return -EINVAL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    /* Only these: strtod() takes more, and blanks before them. */
    if (strspn(copy, "0123456789.eE+-") != len)
        return -EINVAL;
    *ret_number = strtod(copy, &end);
    return end == copy + len ? 0 : -EINVAL;
}
