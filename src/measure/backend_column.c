#include "measure/backend_column.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define FIRST_ROOM 64

void backend_columns_deinit(struct backend_columns *columns)
{
    for (size_t i = 0; i < COUNT_OF(columns->columns); i++)
        free(columns->columns[i]);
    free(columns->at_ns);
    *columns = (struct backend_columns){0};
}

static bool grow(struct backend_columns *columns)
{
    const size_t room = columns->room > 0 ? 2 * columns->room : FIRST_ROOM;
    uint64_t *at_ns = reallocarray(columns->at_ns, room, sizeof(*at_ns));

    if (!at_ns)
        return false;
    columns->at_ns = at_ns;
    for (size_t i = 0; i < COUNT_OF(columns->columns); i++) {
        struct backend_cell *longer =
            columns->columns[i] ? reallocarray(columns->columns[i], room, sizeof(*longer))
                                : NULL;

        if (!longer && columns->columns[i])
            return false;
        columns->columns[i] = longer;
    }
    columns->room = room;
    return true;
}

static void merge(struct backend_cell *into, const struct backend_cell *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0) {
        *into = *from;
        return;
    }
    into->sum += from->sum;
    into->least = fmin(into->least, from->least);
    into->greatest = fmax(into->greatest, from->greatest);
    into->last = from->last;
    into->count += from->count;
}

/* Each two neighbours become one. */
static void thin(struct backend_columns *columns)
{
    for (size_t i = 0; i < COUNT_OF(columns->columns); i++) {
        struct backend_cell *cells = columns->columns[i];

        for (size_t j = 0; cells && j < columns->count / 2; j++) {
            struct backend_cell both = cells[2 * j];

            merge(&both, &cells[2 * j + 1]);
            cells[j] = both;
        }
    }
    for (size_t j = 0; j < columns->count / 2; j++)
        columns->at_ns[j] = columns->at_ns[2 * j];
    columns->count /= 2;
    columns->per_cell *= 2;
    columns->in_last = columns->per_cell;
}

/* Makes the last cell one that takes another reading. Returns whether there was memory for it. */
static bool open_cell(struct backend_columns *columns, uint64_t at_ns)
{
    if (columns->per_cell == 0)
        columns->per_cell = 1;
    if (columns->count > 0 && columns->in_last < columns->per_cell)
        return true;
    if (columns->count == BACKEND_COLUMN_CELLS)
        thin(columns);
    else if (columns->count == columns->room && !grow(columns))
        return false;
    columns->at_ns[columns->count] = at_ns;
    for (size_t i = 0; i < COUNT_OF(columns->columns); i++)
        if (columns->columns[i])
            columns->columns[i][columns->count] = (struct backend_cell){.count = 0};
    columns->count++;
    columns->in_last = 0;
    return true;
}

void backend_columns_add(struct backend_columns *columns,
                         const struct backend_reading *reading)
{
    if (!open_cell(columns, reading->at_ns))
        return;
    columns->in_last++;
    for (size_t i = 0; i < COUNT_OF(columns->columns); i++) {
        const double value = reading->values[i];
        const struct backend_cell cell = {
            .sum = value, .least = value, .greatest = value, .last = value, .count = 1};

        if (isnan(value))
            continue;
        if (!columns->columns[i])
            columns->columns[i] = calloc(columns->room, sizeof(*columns->columns[i]));
        if (columns->columns[i])
            merge(&columns->columns[i][columns->count - 1], &cell);
    }
}

/* The first cell that begins at a moment or later. */
static size_t first_from(const struct backend_columns *columns, uint64_t at_ns)
{
    size_t low = 0;
    size_t high = columns->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (columns->at_ns[middle] < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void backend_columns_stats(const struct backend_columns *columns,
                           enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                           struct backend_stats *ret_stats)
{
    const struct backend_cell *cells = columns->columns[metric];
    const size_t end = cells ? first_from(columns, to_ns) : 0;
    struct backend_cell all = {.count = 0};

    for (size_t i = cells ? first_from(columns, from_ns) : 0; i < end; i++)
        merge(&all, &cells[i]);
    *ret_stats = (struct backend_stats){.readings = all.count};
    if (all.count == 0)
        return;
    ret_stats->min = all.least;
    ret_stats->mean = all.sum / (double)all.count;
    ret_stats->max = all.greatest;
    ret_stats->last = all.last;
}

size_t backend_columns_means(const struct backend_columns *columns,
                             enum backend_metric metric, uint64_t from_ns, uint64_t to_ns,
                             double *ret_means)
{
    const struct backend_cell *cells = columns->columns[metric];
    const size_t end = cells ? first_from(columns, to_ns) : 0;
    size_t count = 0;

    for (size_t i = cells ? first_from(columns, from_ns) : 0; i < end; i++)
        if (cells[i].count > 0)
            ret_means[count++] = cells[i].sum / (double)cells[i].count;
    return count;
}
