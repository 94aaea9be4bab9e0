/* The part of the Markdown page on the arms that a run compared. */
#pragma once

#include <jansson.h>

struct buf;

/* Nothing where it compared none. */
void markdown_ab(const json_t *summary, struct buf *out);
