/*
 * "did you mean": a name that nobody knows → the one of those there are that was most likely meant.
 */
#pragma once

#include <stddef.h>

/*
 * Of count names the one that was most likely meant, or NULL when all are too far: one edit for
 * each three letters begun, where a swap of neighbours is one edit (Damerau–Levenshtein).
 */
const char *suggest_name(const char *written, const char *const *names, size_t count);
