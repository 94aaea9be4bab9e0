/*
 * What scripts told, as tables of Markdown: checks, groups, and the scenario's own metrics.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Appends the tables of which the summary has something. */
void markdown_script(const json_t *summary, struct buf *out);
