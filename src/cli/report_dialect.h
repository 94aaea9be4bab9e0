/*
 * `throng report --dialect`: a run as another tool would have told it.
 */
#pragma once

#include <stddef.h>

struct buf;
struct run_files;

/* The names that --dialect takes, joined by bars. */
#define REPORT_DIALECTS "vllm|vllm-role|aiperf|guidellm|inference-perf|k6"

/*
 * Tells a run. format: "json" is the form of the tool's own file; "text", NULL: for people. Returns an exit
 * code; what is wrong was printed to standard error.
 */
int report_dialect(const struct run_files *files, size_t count, const char *dialect,
                   const char *format, struct buf *out);
