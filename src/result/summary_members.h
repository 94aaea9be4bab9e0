/*
 * The members of summary.json, object by object: one table that the schema is made from. Which
 * figures are metrics stands in measure/metric.h.
 */
#pragma once

#include <stddef.h>

struct summary_member {
    const char *name;
    const char *type; /* a JSON Schema; or '#' and the name of a definition */
    const char *help; /* "" where the name says it all */
};

/* An object that has all of these members, and may have more (see summary_schema.c). */
struct summary_definition {
    const char *name;
    const struct summary_member *members;
    size_t count;
};

/* NULL from the end on. */
const struct summary_definition *summary_definition_at(size_t index);
