/*
 * The dimensions: which series an attempt counts in, by its label set. A label set is looked up
 * once; after that the way to its series is an array index.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/series.h"

/* The window and what is outside of it: each observation is written to one of the two. */
enum part { PART_WINDOW, PART_OUTSIDE, PART_COUNT };

static inline enum part part_of(bool in_window)
{
    return in_window ? PART_WINDOW : PART_OUTSIDE;
}

/* Dimensions that are labels, and the one that is not: prompt_size. */
#define LABEL_DIMENSION_COUNT 10
#define DIMENSION_COUNT (LABEL_DIMENSION_COUNT + 1)
/* Values of prompt_size. */
#define PROMPT_SIZES 6
/* What samples of label sets past the limit count under, in every dimension. */
#define DIMENSION_OTHER "other"

/* One value of a dimension: a series for each part, made at its first use. */
struct dimension_value {
    const char *value; /* the label set's, or static */
    struct series *parts[PART_COUNT];
};

struct dimension {
    const char *key;
    struct dimension_value *values; /* in order of first use */
    size_t count;
    size_t cap;
};

/* The series of one label set in one part. */
struct route {
    bool known; /* false: the set was not used yet */
    uint32_t count;
    struct series *series[LABEL_DIMENSION_COUNT];
};

struct dimensions {
    struct dimension each[DIMENSION_COUNT];
    struct route *routes; /* by label set × part */
    size_t route_count;
};

void dimensions_init(struct dimensions *dimensions);
void dimensions_deinit(struct dimensions *dimensions);

/* The key of a dimension, by its index below DIMENSION_COUNT. */
const char *dimension_key(size_t index);

/* Makes the route of a label set that has none yet; NULL when memory is out. */
const struct route *dimensions_add_route(struct dimensions *dimensions,
                                         const struct labels *labels, uint32_t id,
                                         enum part part);

/* The route of a label set, until the next is made; NULL when memory is out. On the hot path. */
static inline const struct route *dimensions_route(struct dimensions *dimensions,
                                                   const struct labels *labels,
                                                   uint32_t id, enum part part)
{
    const size_t at = (size_t)id * PART_COUNT + part;

    if (at < dimensions->route_count && dimensions->routes[at].known)
        return &dimensions->routes[at];
    return dimensions_add_route(dimensions, labels, id, part);
}

/* Which of the values of prompt_size so many tokens are, and its name. */
size_t dimension_prompt_size_index(uint64_t prompt_tokens);
const char *dimension_prompt_size_at(size_t index);
/*
 * The series of a value of a dimension in a part, made when it is new; NULL when memory is out. The value is borrowed for
 * the life of the dimensions.
 */
struct series *dimensions_series(struct dimensions *dimensions, size_t index,
                                 const char *value, enum part part);

/* The value of prompt_size for so many tokens. */
const char *dimension_prompt_size(uint64_t prompt_tokens);

/* The series of the prompts of that size; NULL when memory is out. */
struct series *dimensions_prompt_size(struct dimensions *dimensions,
                                      uint64_t prompt_tokens, enum part part);
