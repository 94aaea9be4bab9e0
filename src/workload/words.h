/*
 * Words: texts of a length in tokens, without a tokenizer. The words are common English ones that, with
 * the blank before them, are one token in the vocabularies of today's models; so a text of n words has n
 * tokens, give or take what a vocabulary lacks. How near it came is what the server's usage tells.
 */
#pragma once

#include <stdint.h>

struct buf;
struct rng;

/*
 * So many words at the beginning spell the lower 63 bits of the code: texts of that length differ where
 * their codes do.
 */
#define WORDS_OF_CODE 7

/* Appends that many words, drawn but for the first. Returns 0 or out's error. */
int words_append(uint64_t count, uint64_t code, struct rng *rng, struct buf *out);
