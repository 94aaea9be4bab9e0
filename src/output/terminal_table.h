/*
 * Tables in aligned columns. Cells are filled row by row; widths follow from them. Where a table is
 * too wide its optional columns are left out, the rightmost first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "output/terminal.h"
#include "output/terminal_text.h"

#define TABLE_COLUMNS 12
#define TABLE_CELLS (TABLE_COLUMNS * 64)

struct table_column {
    const char *head; /* "" for none */
    bool left;        /* aligned left, else right */
    bool optional;    /* left out where there is no room */
    size_t width;     /* at least; tables of the same widths stand in line */
};

struct terminal_table {
    const struct table_column *columns; /* borrowed */
    size_t column_count;
    bool skipped[TABLE_COLUMNS]; /* not shown, whatever room there is */
    size_t cell_count;
    struct buf text;            /* of all cells, each with its NUL */
    size_t starts[TABLE_CELLS]; /* into text */
    enum paint paints[TABLE_CELLS];
};

void table_init(struct terminal_table *table, const struct table_column *columns,
                size_t column_count);
void table_deinit(struct terminal_table *table);

/* Leaves a column out: nothing in it means anything. Its cells are filled all the same. */
void table_skip(struct terminal_table *table, size_t column);

/* Whether there is room for another row; rows past it are left out by the caller. */
bool table_has_room(const struct terminal_table *table);

/* Adds the next cell: text of our own; text from outside; a figure by one of base/quantity.h. */
__attribute__((format(printf, 3, 4))) void
table_cell(struct terminal_table *table, enum paint paint, const char *format, ...);
void table_cell_safe(struct terminal_table *table, const char *text);
void table_cell_count(struct terminal_table *table, enum paint paint, uint64_t count);

/* A quantile: "412 ms"; "> 30.0 s" where it is only known to be above; "–" where it is not known. */
void table_cell_quantile(struct terminal_table *table,
                         struct histogram_quantile quantile);

/* Writes heads and rows behind `indent` blanks. */
void table_write(const struct terminal_table *table, struct terminal_style style,
                 size_t indent, struct buf *out);
