/*
 * The words that openings are spelled with. Invariants (tested): within a table all words differ,
 * and so do all pairs of a head and a tail; occupations are single words, in lower case. The order
 * is part of what a seed means: changing it changes the questions.
 */
#pragma once

#include <stdint.h>

/* All counts are powers of two: each word spells a whole number of bits. */
#define OPENING_GENDERS 2
#define OPENING_FIRST_NAMES 128
#define OPENING_MIDDLE_NAMES 64
#define OPENING_HEADS 128
#define OPENING_TAILS 64
#define OPENING_OCCUPATIONS 128

/* 16 bytes, so that copying a word is one move of fixed size. */
struct name {
    char text[15]; /* not NUL-terminated where full */
    uint8_t len;
};

extern const struct name opening_first_names[OPENING_GENDERS][OPENING_FIRST_NAMES];
extern const struct name opening_middle_names[OPENING_GENDERS][OPENING_MIDDLE_NAMES];
extern const struct name opening_surname_heads[OPENING_HEADS];
extern const struct name opening_surname_tails[OPENING_TAILS];
extern const struct name opening_town_heads[OPENING_HEADS];
extern const struct name opening_town_tails[OPENING_TAILS];
extern const struct name opening_occupations[OPENING_OCCUPATIONS];
