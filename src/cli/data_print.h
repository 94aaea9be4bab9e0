/*
 * What was found in the files of data, in words.
 */
#pragma once

struct buf;
struct data;

/* A line for each file, under a heading; nothing where there is none. Rows are never shown. */
void data_print(const struct data *data, struct buf *out);

/* A line to standard error for each file of which bad rows were left out. command: "run". */
void data_warn(const char *command, const struct data *data);
