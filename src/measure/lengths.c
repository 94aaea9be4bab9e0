#include "measure/lengths.h"

#include <math.h>

void lengths_add(struct lengths *lengths, uint64_t asked_tokens, uint64_t told_tokens)
{
    const uint64_t off = told_tokens > asked_tokens ? told_tokens - asked_tokens
                                                    : asked_tokens - told_tokens;

    lengths->requests++;
    lengths->asked_tokens += asked_tokens;
    lengths->told_tokens += told_tokens;
    lengths->error_sum += (double)off / (double)asked_tokens;
}

double lengths_mean_error(const struct lengths *lengths)
{
    return lengths->requests > 0 ? lengths->error_sum / (double)lengths->requests
                                 : (double)NAN;
}
