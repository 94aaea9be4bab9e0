/*
 * Results of a run → options of the simulator with which it answers likewise: `simulate --like`.
 */
#pragma once

struct buf;
struct simulator_options;

/*
 * Sets what the results tell, and leaves the rest as it is. told gets a line or two that say what the
 * likeness is made of, and what it lacks. Returns 0 or a negative errno; on failure reterr gets a
 * sentence.
 */
int likeness_take(const char *results, struct simulator_options *options,
                  struct buf *told, struct buf *reterr);
