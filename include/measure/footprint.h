/*
 * What the recorder's histograms can take, told before a run from its plan alone. It allocates
 * nothing; what only a run can tell (backends that answer, people's organizations) is not counted.
 * These are bounds: of a histogram only the pages that values fall into become memory (histogram.c),
 * which of a run's usual spread is a tenth.
 */
#pragma once

#include <stdint.h>

struct plan;

struct footprint {
    uint64_t values; /* of dimensions that the plan names, one backend for each target */
    uint64_t
        bytes; /* when each metric of each of them was observed over its whole range */
    uint64_t value_bytes; /* what one more value adds */
    uint64_t user_bytes;  /* what is kept of each user, beside those */
};

/* The greatest that what the plan names can come to. */
struct footprint footprint_of(const struct plan *plan);
