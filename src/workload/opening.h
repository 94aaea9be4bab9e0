/*
 * Openings: (nonce, user, index) → the person who asks. At most eight words that differ for any
 * two questions of a run, because they spell one number in mixed places, and that number is a
 * bijection of (user, index).
 */
#pragma once

#include <stdint.h>

/* No opening is longer; as many bytes may be overwritten at `at`. */
#define OPENING_MAX_BYTES 160

/*
 * The number that an opening spells: for one nonce a bijection of (user, index), so that no two
 * questions share it.
 */
uint64_t opening_code(uint64_t nonce, uint64_t user, uint64_t index);

/*
 * Writes the opening, without a verb and without a NUL: "Clara Josephine Winterbourne, 43, a
 * surveyor from Northwick". Returns where it ends.
 */
char *opening_write(char *at, uint64_t nonce, uint64_t user, uint64_t index);
