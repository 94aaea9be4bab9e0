/*
 * What another tool would have told of a run, for people: its figures beside throng's own of the same
 * samples, and for each a line on why they differ.
 */
#pragma once

#include <jansson.h>

#include "output/terminal.h"

struct buf;
struct dialect_story;

/* summary: of the same run. Returns buf_error. */
int dialect_text_write(const struct dialect_story *story, const json_t *summary,
                       struct terminal_style style, struct buf *out);
