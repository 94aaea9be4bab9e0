/*
 * Files that a test writes: each in a folder of its own that goes with it.
 */
#pragma once

#include <stddef.h>

/* All zero: none. */
struct paper {
    char folder[64];
    char path[80];
};

/* Writes a file, in place of what it held. Fails the test where it cannot. */
void paper_write(struct paper *paper, const char *bytes, size_t len);

/* Removes it and its folder. */
void paper_remove(struct paper *paper);
