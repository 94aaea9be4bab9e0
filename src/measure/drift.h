/*
 * A drift: one stretch of a sustained phase in slices of time, so that its last quarter can be compared
 * with its first. There is one for each selector that a threshold with drift() has, and it keeps what
 * those thresholds are about, and nothing else.
 *
 * How long the phase will really be nobody knows: it may end early, or a reload may change it. So slices
 * begin at 1/1024 of what was planned; where they run out, each two become one. At any time after the
 * first 1/16 of the plan 32 to 64 of them are in use, whatever becomes of the rest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/series.h"

struct plan;

#define DRIFT_SLICES 64

struct drift {
    uint64_t metrics; /* as in struct series */
    uint64_t own_metrics;
    uint64_t start_ns; /* of the phase in the measured window, monotonic */
    uint64_t end_ns;
    uint64_t slice_ns;                   /* how long a slice is */
    const char *phase;                   /* its name: the plan's */
    struct series *slices[DRIFT_SLICES]; /* NULL: nothing was in it yet */
};

/*
 * The drift of a selector ("" for all) in a run that started at started_ns. Returns 0, with NULL where no
 * threshold of the plan asks for one; -ENOMEM.
 */
int drift_new(const struct plan *plan, const char *selector, uint64_t started_ns,
              struct drift **ret_drift);
/* NULL is allowed. Returns NULL. */
struct drift *drift_free(struct drift *drift);

/*
 * Goes on with another plan of the same scenario: the phase may end at another time, and thresholds may
 * ask for more. A phase that has begun is not given up for another.
 */
void drift_follow(struct drift *drift, const struct plan *plan, const char *selector,
                  uint64_t started_ns, uint64_t now_ns);

/*
 * The slice that a moment lies in: returns 1; 0: it is in none; -ENOMEM.
 */
int drift_slice(struct drift *drift, uint64_t moment_ns, struct series **ret_slice);

/* Joins slices until they are so long at least. Returns 0 or -ENOMEM. */
int drift_widen(struct drift *drift, uint64_t slice_ns);

/*
 * Makes a copy as wide as the other is by now, and empties it where the other's slices became longer or
 * were begun anew. Returns whether it was emptied.
 */
bool drift_match(struct drift *copy, const struct drift *from);

/* What one can take at most: bytes, when each metric was observed over its whole range in each slice. */
uint64_t drift_bytes(const struct plan *plan, const char *selector);
