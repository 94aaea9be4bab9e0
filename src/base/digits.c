#include "base/digits.h"

#include <string.h>

char *digits_decimal(char *at, uint64_t value)
{
    char text[DIGITS_MAX];
    char *first = text + sizeof(text);
    size_t len;

    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    len = (size_t)(text + sizeof(text) - first);
    memcpy(at, first, len);
    return at + len;
}

char *digits_hex(char *at, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";

    for (int shift = 60; shift >= 0; shift -= 4)
        *at++ = digits[(value >> shift) & 15];
    return at;
}

int digits_hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}
