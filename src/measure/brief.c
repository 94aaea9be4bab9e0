#include "measure/brief.h"

#include <math.h>

#include "base/clock.h"

static size_t bucket_of(uint64_t value_ns)
{
    const uint64_t ms = value_ns / NS_PER_MS;
    size_t octave = 0;

    if (ms == 0)
        return 0;
    octave = (size_t)(63 - __builtin_clzll(ms));
    if (octave >= BRIEF_OCTAVES)
        return BRIEF_BUCKETS - 1;
    /* Between 1 and 2 in eighths, of a value that is no whole number of ms. */
    const uint64_t eighths = (value_ns >> octave) / (NS_PER_MS / BRIEF_PER_OCTAVE);
    const size_t part = (size_t)(eighths - BRIEF_PER_OCTAVE);

    return 1 + octave * BRIEF_PER_OCTAVE +
           (part < BRIEF_PER_OCTAVE ? part : BRIEF_PER_OCTAVE - 1);
}

/* The middle of a bucket. */
static uint64_t value_of(const struct brief *brief, size_t bucket)
{
    const size_t octave = (bucket - 1) / BRIEF_PER_OCTAVE;
    const uint64_t part = (bucket - 1) % BRIEF_PER_OCTAVE;
    uint64_t value_ns;

    if (bucket == BRIEF_BUCKETS - 1)
        return brief->max_ns;
    if (bucket == 0)
        value_ns = NS_PER_MS / 2;
    else
        value_ns = (NS_PER_MS << octave) / (2 * BRIEF_PER_OCTAVE) *
                   (2 * (BRIEF_PER_OCTAVE + part) + 1);
    return value_ns < brief->max_ns ? value_ns : brief->max_ns;
}

static void halve(struct brief *brief)
{
    for (size_t i = 0; i < BRIEF_BUCKETS; i++)
        brief->buckets[i] = (uint16_t)((brief->buckets[i] + 1) / 2);
    brief->missed = (uint16_t)((brief->missed + 1) / 2);
}

void brief_add(struct brief *brief, uint64_t value_ns)
{
    uint16_t *bucket = &brief->buckets[bucket_of(value_ns)];

    if (*bucket == UINT16_MAX)
        halve(brief);
    ++*bucket;
    if (value_ns > brief->max_ns)
        brief->max_ns = value_ns;
}

void brief_miss(struct brief *brief)
{
    if (brief->missed == UINT16_MAX)
        halve(brief);
    brief->missed++;
}

struct histogram_quantile brief_quantile(const struct brief *brief, double q)
{
    uint64_t count = brief->missed;
    uint64_t below = 0;

    for (size_t i = 0; i < BRIEF_BUCKETS; i++)
        count += brief->buckets[i];
    if (count == 0)
        return (struct histogram_quantile){.known = false};
    const uint64_t rank = (uint64_t)ceil(q * (double)count - 1e-9);

    if (rank + brief->missed > count)
        return (struct histogram_quantile){
            .value_ns = brief->max_ns, .above = true, .known = true};
    if (rank == count)
        return (struct histogram_quantile){.value_ns = brief->max_ns, .known = true};
    for (size_t i = 0; i < BRIEF_BUCKETS; i++) {
        below += brief->buckets[i];
        if (below >= rank)
            return (struct histogram_quantile){.value_ns = value_of(brief, i),
                                               .known = true};
    }
    return (struct histogram_quantile){.value_ns = brief->max_ns, .known = true};
}
