/*
 * How evenly the requests fell on the backends: the series by backend → one verdict. Pure.
 *
 * Uneven is said where the busiest got more than 1.5 times the mean, and so many more that chance
 * does not explain it: five standard deviations of a Poisson count, √mean each. Never of several targets:
 * how much each of them gets is the scenario's own choice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recorder;

struct balance {
    size_t backends;
    uint64_t requests; /* whose backend is known, over the whole run */
    uint64_t most;     /* of one backend */
    uint64_t least;
    const char *busiest; /* NULL: there is none */
    bool uneven;
};

/* That of a run so far. */
struct balance balance_of(const struct recorder *recorder);
