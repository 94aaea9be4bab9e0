/*
 * The histograms of a run with fewer stretches of time: neighbouring intervals are merged, exactly, so that no
 * metric has more than so many. What keeps a run for comparisons needs no more of them, whatever it took.
 */
#pragma once

#include <stddef.h>

#include "result/hlog.h"

struct run_files;

/* Four for each of the blocks that a comparison draws (measure/contrast.h). */
#define HLOG_BLOCKS_OF_COMPARISON 128

/*
 * Calls back as run_files_each_histogram(), and returns likewise; intervals come as at most `most` (≥ 1) of each
 * metric, in order.
 */
int hlog_blocks_each(const struct run_files *run, size_t most, hlog_line_fn *fn,
                     void *ctx);
