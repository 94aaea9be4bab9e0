/*
 * A recorder in an archive (base/archive.h): what a worker recorded, as bytes, and added to what others recorded. Counters,
 * histograms with what they hold of the censored, users, checks and all the rest add up exactly. What only one process can
 * know of itself (intervals, what Prometheus is shown) is left out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct archive;
struct recorder;
struct recorder_options;

/*
 * Writes a recorder, or a copy of one. now_ns: the moment up to which levels count, monotonic.
 */
void recorder_archive_write(struct archive *archive, const struct recorder *recorder,
                            uint64_t now_ns);

/*
 * A recorder to add archives to: as recorder_new(), with the plan that all workers have, for one worker. It records nothing
 * by itself. Returns 0 or -ENOMEM.
 */
int recorder_archive_new(const struct recorder_options *options,
                         struct recorder **ret_recorder);

/* Whether a recorder was made so: it has nothing by combinations of labels. */
bool recorder_is_merged(const struct recorder *recorder);

/* Whether a run was added that was not over: its books need not be balanced. */
bool recorder_is_partial(const struct recorder *recorder);

/*
 * Adds what was written, of a run of the same plan. now_ns: of this recorder, the moment up to which levels count;
 * is_over: that run was. After a failure (archive_error()) part of it may have been added.
 */
void recorder_archive_read(struct archive *archive, struct recorder *recorder,
                           uint64_t now_ns, bool is_over);
