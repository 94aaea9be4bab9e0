/*
 * Text in lines of a given width, broken between words.
 */
#pragma once

#include <stddef.h>

struct buf;

/*
 * Appends text and a line break: lines of at most `columns`, each but the first behind `indent`
 * blanks, which count; the first begins at that column already.
 */
void wrap_text(struct buf *out, const char *text, size_t indent, size_t columns);
