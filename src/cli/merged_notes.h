/*
 * What was done to the load of several workers while it went on → marks and reloads of the whole, in the order of time, each
 * with the worker it was done to.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct merging_worker;
struct recorder;
struct reload_note;
struct run_mark;

/* Empty at first: {0}. */
struct merged_notes {
    struct run_mark *marks; /* owned, as is the next */
    size_t mark_count;
    struct reload_note *reloads;
    size_t reload_count;
};

/* Those of workers that began at started_ns, monotonic. Returns 0 or -ENOMEM; to be released in each case. */
int merged_notes_take(const struct merging_worker *workers, size_t count,
                      uint64_t started_ns, struct merged_notes *ret_notes);

/* Tells the recorder of the whole of the pauses of that worker which was paused longest: the measured window ended with its. */
void merged_notes_pause(const struct merging_worker *workers, size_t count,
                        uint64_t started_ns, struct recorder *recorder);

/* Releases them. */
void merged_notes_deinit(struct merged_notes *notes);
