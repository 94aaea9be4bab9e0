/*
 * File descriptors: each open connection takes one, so the limit is raised before a run.
 */
#pragma once

#include <stdint.h>

/*
 * Raises the soft limit as far as the hard one allows. Returns the descriptors that this process
 * may have, or -errno.
 */
int64_t descriptors_raise(void);

/* How many a run of this many users needs: one connection each, and throng's own. */
uint64_t descriptors_needed(uint64_t users);
