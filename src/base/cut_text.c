#include "base/cut_text.h"

#include <stdio.h>
#include <string.h>

#define MARK "\u2026"

void cut_text_vprintf(char *text, size_t size, const char *format, va_list args)
{
    const int len = vsnprintf(text, size, format, args);
    size_t cut = size - sizeof(MARK);

    if (len < 0) {
        text[0] = '\0';
        return;
    }
    if ((size_t)len < size)
        return;
    /* Back to where a character begins: no continuation byte of UTF-8 stands there. */
    for (int i = 0; i < 3 && ((unsigned char)text[cut] & 0xC0) == 0x80; i++)
        cut--;
    memcpy(text + cut, MARK, sizeof(MARK));
}
