/*
 * timeline.csv: the points of a summary's timeline as a table for spreadsheets (RFC 4180, a heading,
 * a line a point). What is not known is empty; what is only known to be above a bound has that in
 * a column of its own.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Appends the file of a summary (result/summary.h). Returns buf_error. */
int timeline_csv_write(const json_t *summary, struct buf *out);
