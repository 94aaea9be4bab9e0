/*
 * A search for capacity, as Markdown: the answer, and a table of the levels.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Appends it; nothing where the summary is of no search. */
void markdown_capacity(const json_t *summary, struct buf *out);
