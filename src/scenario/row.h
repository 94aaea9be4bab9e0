/*
 * How tables of fields are written down.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "config/field.h"

/* A table's name, help, fields and struct; what else it has follows. */
#define TABLE_OF(table_name, table_fields, form_type, table_help)                        \
    .name = (table_name), .help = (table_help), .fields = (table_fields),                \
    .count = COUNT_OF(table_fields), .size = sizeof(form_type)

/* A row's key, type and member. */
#define ROW(row_key, row_type, form_type, member)                                        \
    .key = (row_key), .type = (row_type), .offset = offsetof(form_type, member)
