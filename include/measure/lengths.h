/*
 * Lengths: how near prompts and answers came to the tokens that the scenario asked for. throng has no
 * tokenizer: prompts are words that are one token each in most vocabularies, and what the server counts
 * tells how far off that is. Pure.
 */
#pragma once

#include <stdint.h>

enum length_of { LENGTH_OF_PROMPTS, LENGTH_OF_ANSWERS, LENGTH_COUNT };

/* All zero: none. Sums over requests of which both were known. */
struct lengths {
    uint64_t requests;
    uint64_t asked_tokens;
    uint64_t told_tokens; /* by the server */
    double error_sum;     /* of |told − asked| / asked */
};

/* Adds a request's. asked is at least 1. */
void lengths_add(struct lengths *lengths, uint64_t asked_tokens, uint64_t told_tokens);

/* The mean of |told − asked| / asked; NAN of none. */
double lengths_mean_error(const struct lengths *lengths);
