/*
 * One scalar as YAML: plain where it means the same, else in double quotes.
 */
#pragma once

#include <stdbool.h>

struct buf;

/* plain: the scalar was not quoted, and stays so where it can. dollars: each is doubled. */
void yaml_text_append(struct buf *out, const char *text, bool plain, bool dollars);

/* A key of a map, which nobody expands. */
void yaml_text_append_key(struct buf *out, const char *text, bool plain);
