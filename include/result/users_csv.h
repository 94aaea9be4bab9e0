/*
 * users.csv: what each user did and how long they waited, as a table for spreadsheets (RFC 4180, a heading,
 * a line a user in order of ordinals). What is not known is empty.
 */
#pragma once

struct buf;
struct run_facts;

/* Appends the file. Returns buf_error. */
int users_csv_write(const struct run_facts *facts, struct buf *out);
