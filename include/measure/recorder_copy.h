/*
 * A copy of a recorder that is being written: made in slices on the thread that writes, read at
 * leisure on another. So that what takes long (percentiles, a checkpoint) does not hold the loop.
 *
 * Between two slices the run goes on: parts of one copy are up to a few milliseconds apart. What is
 * in it never goes back: each copy holds all that the one before held. Its memory is that of the
 * recorder once more, taken when a part is copied first; what did not change is not copied again.
 */
#pragma once

#include <stddef.h>

struct recorder;
struct recorder_copy;

/* source: borrowed for the copy's life. Returns 0 or -ENOMEM. */
int recorder_copy_new(const struct recorder *source, struct recorder_copy **ret_copy);
/* NULL is allowed. Returns NULL. */
struct recorder_copy *recorder_copy_free(struct recorder_copy *copy);

/*
 * Copies on: some budget_bytes, and at most one histogram (184 KiB) more. Nobody may read the copy
 * meanwhile. Returns 0: there is more to do; 1: it is whole, and the next call begins anew;
 * -ENOMEM: likewise, and it is not whole.
 */
int recorder_copy_step(struct recorder_copy *copy, size_t budget_bytes);

/*
 * The copy, for all that reads a recorder, but for its labels, which it does not have. The values of
 * its dimensions stay the source's. Borrowed until the next step.
 */
const struct recorder *recorder_copy_view(const struct recorder_copy *copy);
