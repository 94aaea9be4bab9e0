#include "base/suggest.h"

#include <string.h>

/* Longer names are not compared. */
#define MAX_LEN 63

static size_t least(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/*
 * Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours, where
 * no letter is edited twice (Boytsov 2011, section 3). Both are at most MAX_LEN long.
 */
static size_t distance(const char *a, const char *b)
{
    const size_t b_len = strlen(b);
    size_t rows[3][MAX_LEN + 1];
    size_t *before_last = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];

    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t *oldest = before_last;

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] =
                least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], row[j], before_last[j - 2] + 1);
        }
        before_last = last;
        last = row;
        row = oldest;
    }
    return last[b_len];
}

const char *suggest_name(const char *written, const char *const *names, size_t count)
{
    const size_t len = strlen(written);
    size_t best_distance = (len + 2) / 3 + 1;
    const char *best = NULL;

    if (len == 0 || len > MAX_LEN)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t apart;

        if (strlen(names[i]) > MAX_LEN)
            continue;
        apart = distance(written, names[i]);
        if (apart < best_distance && apart < strlen(names[i])) {
            best_distance = apart;
            best = names[i];
        }
    }
    return best;
}
