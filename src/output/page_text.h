/*
 * A page as page/page_maker.c makes it: what stands before its data, and what behind.
 */
#pragma once

#include <stddef.h>

struct page {
    const unsigned char *head;
    size_t head_len;
    const unsigned char *tail;
    size_t tail_len;
    const char *policy; /* Content-Security-Policy */
};
