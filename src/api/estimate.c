#include "api/dialect.h"

uint64_t api_estimate_tokens(size_t bytes)
{
    return ((uint64_t)bytes + 3) / 4;
}
