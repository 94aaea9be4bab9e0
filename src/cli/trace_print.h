/* What was found in a trace, for people. */
#pragma once

struct buf;
struct trace;

/* path: of its file. trace NULL: nothing. */
void trace_print(const char *path, const struct trace *trace, struct buf *out);
