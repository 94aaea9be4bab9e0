/*
 * The counts of tokens that an answer reports, right or spoilt on purpose.
 */
#pragma once

#include <stdint.h>

struct buf;
struct generation;

struct usage {
    uint64_t prompt; /* cached ones included */
    uint64_t cached;
    uint64_t completion; /* reasoning included */
    uint64_t reasoning;
    uint64_t total;
};

/* What this answer reports. */
struct usage usage_of(const struct generation *generation);

/* Writes it as the member `usage` of OpenAI's chat and completions. */
void usage_write(const struct usage *usage, struct buf *out);
