/*
 * All tables that a table leads to, each once: what the schema and the reference go through.
 */
#pragma once

#include <stddef.h>

#include "config/field.h"

/* Tables that one root can lead to. */
#define TABLE_WALK_MAX 96

struct table_walk {
    const struct field_table
        *tables[TABLE_WALK_MAX]; /* in the order of the fields, root first */
    size_t count;
};

void table_walk_init(struct table_walk *walk, const struct field_table *root);
