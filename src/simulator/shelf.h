/*
 * What the platform remembers under names: JSON objects of so many members at most, where a new
 * one pushes the oldest out.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

/*
 * Puts a value, which it takes, under a name that may stand there already: then it keeps its
 * place. Returns 0; -ENOMEM, also for a NULL value.
 */
int shelf_put(json_t *shelf, size_t most, const char *name, json_t *value);

/* The values from the skip-th on, count at most, as a new array. NULL: no memory. */
json_t *shelf_page(json_t *shelf, size_t skip, size_t count);
