/*
 * Texts from outside in CSV files (RFC 4180).
 */
#pragma once

struct buf;

/*
 * Appends it in quotes. A spreadsheet takes a text that begins like a formula for one, unless a quotation
 * mark of its own stands before it.
 */
void csv_text_append(struct buf *out, const char *text);
