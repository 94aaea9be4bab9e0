/*
 * Memory for what is read from files that may hold passwords: pages of their own, which core files and
 * children do not get. It grows at its end, where the kernel can without being copied.
 */
#pragma once

#include <stddef.h>

/* All zero: none yet. */
struct private_pages {
    char *bytes; /* owned; moves when it grows */
    size_t cap;  /* bytes */
};

/* Makes room for `need` bytes in all, and for more behind them. Returns 0 or -ENOMEM. */
int private_pages_reserve(struct private_pages *pages, size_t need);

/* Gives back what lies behind the first len bytes, in whole pages. */
void private_pages_trim(struct private_pages *pages, size_t len);

/* Releases all of it. */
void private_pages_deinit(struct private_pages *pages);
