#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define TOP_BITS UINT64_C(0x8080808080808080)

size_t utf8_length(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const unsigned char lead = bytes[0];
    const size_t need = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
    if ((lead == 0xE0 && bytes[1] < 0xA0) || (lead == 0xED && bytes[1] > 0x9F) ||
        (lead == 0xF0 && bytes[1] < 0x90) || (lead == 0xF4 && bytes[1] > 0x8F))
        return 0;
    return need;
}

bool utf8_is_valid(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        uint64_t bytes = TOP_BITS;
        size_t step;

        if (len - at >= sizeof(bytes))
            memcpy(&bytes, text + at, sizeof(bytes));
        step = (bytes & TOP_BITS) == 0 ? sizeof(bytes) : utf8_length(text + at, len - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}
