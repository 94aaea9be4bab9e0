/*
 * The checks at the end of a run: does the bookkeeping add up? A broken one means that a figure of
 * the result may be wrong, whatever it says: trust F. Pure: it only reads the recorder.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct recorder;

/* Hears of one broken check: a sentence with the numbers, borrowed until it returns. */
typedef void check_fn(void *ctx, const char *sentence);

/*
 * Checks a run that is over (nothing in flight) as of now_ns:
 * - every attempt that started ended, and none ended that did not start;
 * - histograms hold as many observations as the counters say there were;
 * - users, and the cells that are shown by labels, add up to the totals;
 * - the integral of requests in flight equals the sum of their latencies within 0.1%;
 * - nothing was lost for want of memory.
 * Returns how many are broken; fn may be NULL.
 */
size_t check_recorder(const struct recorder *recorder, uint64_t now_ns, check_fn *fn,
                      void *ctx);
