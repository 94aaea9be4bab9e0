/*
 * How a latency was distributed over time: histograms.hlog of a run and its summary → counts by time and by latency, few
 * enough for a picture however long the run was.
 */
#pragma once

#include <jansson.h>

/*
 * Reads the intervals of ttft, or of e2e where nothing streamed. The document has `metric`; `from_ms` and `ratio`: row n
 * holds values from from_ms · ratioⁿ up to the next; `rows`; and `columns`, those with observations, in order:
 * [start_s, length_s, first row, [counts]]. At most 300 columns. Returns as spectrum_read().
 */
int heat_map_read(const char *path, const json_t *summary, json_t **ret_heat);
