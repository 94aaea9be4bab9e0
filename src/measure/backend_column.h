/*
 * The readings of one server in columns, one for each figure that it ever told: so that a figure's
 * values over time lie side by side. measure/backend_book.h says how they are thinned.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/backend_book.h"

/* Cells of a column at most. */
#define BACKEND_COLUMN_CELLS 4096

/* A figure of one reading, or of several neighbours. */
struct backend_cell {
    double sum;
    double least;
    double greatest;
    double last;
    uint64_t count; /* of readings that have it; 0: none, and nothing above counts */
};

/* All zero: none yet. */
struct backend_columns {
    uint64_t *at_ns; /* of each cell's first reading; owned, as the columns */
    struct backend_cell *columns[BACKEND_METRIC_COUNT]; /* NULL: never told */
    size_t count; /* cells that are used, of each column */
    size_t room;
    uint64_t per_cell; /* readings that a cell takes; 0: none came yet, 1 */
    uint64_t in_last;  /* readings in the last cell */
};

void backend_columns_deinit(struct backend_columns *columns);

/* What memory does not suffice for is left out. */
void backend_columns_add(struct backend_columns *columns,
                         const struct backend_reading *reading);

/* All but p95, of the cells that begin in [from_ns, to_ns); readings is 0 where there are none. */
void backend_columns_stats(const struct backend_columns *columns,
                           enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                           struct backend_stats *ret_stats);

/* The means of the same cells, BACKEND_COLUMN_CELLS at most. Returns how many. */
size_t backend_columns_means(const struct backend_columns *columns,
                             enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                             double *ret_means);
