#include "measure/dimension.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* The keys of labels that are dimensions, then the one that is no label. */
static const char *const keys[DIMENSION_COUNT] = {
    "model",  "backend", "org_id", "step", "class",       "phase",
    "region", "target",  "group",  "arm",  "prompt_size",
};

struct prompt_size {
    uint64_t below_tokens;
    const char *name;
};

static const struct prompt_size prompt_sizes[PROMPT_SIZES] = {
    {256, "0-255"},        {1024, "256-1023"},     {4096, "1024-4095"},
    {16384, "4096-16383"}, {65536, "16384-65535"}, {UINT64_MAX, "65536+"},
};

const char *dimension_key(size_t index)
{
    return keys[index];
}

void dimensions_init(struct dimensions *dimensions)
{
    *dimensions = (struct dimensions){0};
    for (size_t i = 0; i < DIMENSION_COUNT; i++)
        dimensions->each[i].key = keys[i];
}

static void free_series(struct series *series)
{
    if (series)
        series_deinit(series);
    free(series);
}

void dimensions_deinit(struct dimensions *dimensions)
{
    for (size_t i = 0; i < DIMENSION_COUNT; i++) {
        struct dimension *dimension = &dimensions->each[i];

        for (size_t j = 0; j < dimension->count; j++) {
            free_series(dimension->values[j].parts[PART_WINDOW]);
            free_series(dimension->values[j].parts[PART_OUTSIDE]);
        }
        free(dimension->values);
    }
    free(dimensions->routes);
    *dimensions = (struct dimensions){0};
}

/* The entry of a value, made when it is new; NULL when memory is out. */
static struct dimension_value *find_value(struct dimension *dimension, const char *value)
{
    for (size_t i = 0; i < dimension->count; i++) {
        if (strcmp(dimension->values[i].value, value) == 0)
            return &dimension->values[i];
    }
    if (dimension->count == dimension->cap) {
        const size_t cap = dimension->cap ? dimension->cap * 2 : 8;
        struct dimension_value *values =
            reallocarray(dimension->values, cap, sizeof(*values));

        if (!values)
            return NULL;
        dimension->values = values;
        dimension->cap = cap;
    }
    dimension->values[dimension->count] = (struct dimension_value){.value = value};
    return &dimension->values[dimension->count++];
}

struct series *dimensions_series(struct dimensions *dimensions, size_t index,
                                 const char *value, enum part part)
{
    struct dimension *dimension = &dimensions->each[index];
    struct dimension_value *found = find_value(dimension, value);

    if (!found)
        return NULL;
    if (!found->parts[part]) {
        found->parts[part] = malloc(sizeof(*found->parts[part]));
        if (found->parts[part])
            series_init(found->parts[part], HISTOGRAM_COARSE);
    }
    return found->parts[part];
}

static int reserve_routes(struct dimensions *dimensions, size_t count)
{
    const size_t now = dimensions->route_count;
    const size_t grown = count > now * 2 ? count : now * 2;
    struct route *routes;

    if (count <= now)
        return 0;
    routes = reallocarray(dimensions->routes, grown, sizeof(*routes));
    if (!routes)
        return -ENOMEM;
    memset(&routes[now], 0, (grown - now) * sizeof(*routes));
    dimensions->routes = routes;
    dimensions->route_count = grown;
    return 0;
}

const struct route *dimensions_add_route(struct dimensions *dimensions,
                                         const struct labels *labels, uint32_t id,
                                         enum part part)
{
    const size_t at = (size_t)id * PART_COUNT + part;
    struct route route = {.known = true};

    if (reserve_routes(dimensions, at + 1) < 0)
        return NULL;
    for (size_t i = 0; i < LABEL_DIMENSION_COUNT; i++) {
        const char *value =
            id == LABELS_OTHER ? DIMENSION_OTHER : labels_value(labels, id, keys[i]);
        struct series *series;

        if (!value)
            continue;
        series = dimensions_series(dimensions, i, value, part);
        if (!series)
            return NULL;
        route.series[route.count++] = series;
    }
    dimensions->routes[at] = route;
    return &dimensions->routes[at];
}

size_t dimension_prompt_size_index(uint64_t prompt_tokens)
{
    size_t i = 0;

    while (prompt_tokens >= prompt_sizes[i].below_tokens &&
           i + 1 < COUNT_OF(prompt_sizes))
        i++;
    return i;
}

const char *dimension_prompt_size_at(size_t index)
{
    assert(index < COUNT_OF(prompt_sizes));
    return prompt_sizes[index].name;
}

const char *dimension_prompt_size(uint64_t prompt_tokens)
{
    return dimension_prompt_size_at(dimension_prompt_size_index(prompt_tokens));
}

struct series *dimensions_prompt_size(struct dimensions *dimensions,
                                      uint64_t prompt_tokens, enum part part)
{
    return dimensions_series(dimensions, LABEL_DIMENSION_COUNT,
                             dimension_prompt_size(prompt_tokens), part);
}
