/* The samples.bin of several workers → one, with one set of labels, and operations that have numbers of their own. */
#pragma once

struct merging;

/*
 * Writes path from the samples of all workers that have any. Returns 0; -EBADMSG: one is damaged; -ENOMEM; -errno.
 */
int merged_samples_write(const struct merging *merging, const char *path);
