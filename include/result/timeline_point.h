/*
 * A point of the timeline as JSON, with the members that it has in summary.json (doc/results.md): who shows
 * a run while it goes on shows the same as its report.
 */
#pragma once

#include <stddef.h>

struct buf;
struct timeline_view;

/* Appends point `index` as one line, without a line feed. Returns buf_error or -ENOMEM. */
int timeline_point_write(const struct timeline_view *timeline, size_t index,
                         struct buf *out);
