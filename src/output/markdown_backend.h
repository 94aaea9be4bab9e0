/*
 * The part of summary.md about the servers behind the target. Nothing where nobody was asked.
 */
#pragma once

#include <jansson.h>

struct buf;

/* Appends it. */
void markdown_backend(const json_t *summary, struct buf *out);
