/*
 * What was done to a worker's load while it went on, as an archive keeps it: marks, reloads and pauses. Moments are since the
 * worker's start.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/pauses.h"

struct archive;
struct reload_note;
struct run_facts;
struct run_mark;

/* Empty at first: {0}. */
struct worker_notes {
    struct run_mark *marks; /* owned, as is the next */
    size_t mark_count;
    struct reload_note *reloads;
    size_t reload_count;
    struct pauses pauses;
};

/* Those of a run. Returns 0 or -ENOMEM; to be released in each case. */
int worker_notes_take(const struct run_facts *facts, struct worker_notes *ret_notes);

/* Writes them, or reads them into empty ones. */
void worker_notes_walk(struct archive *archive, struct worker_notes *notes);

/* Releases them. */
void worker_notes_deinit(struct worker_notes *notes);
