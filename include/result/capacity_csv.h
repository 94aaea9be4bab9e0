/*
 * capacity.csv: the levels of a search for capacity as a table for spreadsheets (RFC 4180, a heading, a line
 * a level). What is not known is empty.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct buf;

/* Whether a summary (result/summary.h) is of a search. */
bool capacity_csv_has(const json_t *summary);

/* Appends the file of such a summary. Returns buf_error. */
int capacity_csv_write(const json_t *summary, struct buf *out);
