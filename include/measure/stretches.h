/*
 * What was observed of one series by stretches of time, for contrasts (measure/contrast.h): some latencies as
 * histograms of 2 digits and some sums in each. Where there would be more than STRETCHES_MOST of them, two become
 * one and all are twice as long, so that a day takes as much memory as a minute: per latency that is observed, at
 * most 26 KiB a stretch, of which only pages with values in them are memory. Reads no clock.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/contrast.h"

struct stretches;

#define STRETCHES_MOST 64

/*
 * From start_ns on, stretches of length_ns (at least 1) at first, with so many latencies and sums each. Returns 0 or
 * -ENOMEM.
 */
int stretches_new(uint64_t start_ns, uint64_t length_ns, size_t latencies, size_t sums,
                  struct stretches **ret_stretches);
/* NULL is allowed. Returns NULL. */
struct stretches *stretches_free(struct stretches *stretches);

/*
 * An observation at a moment, in any order; one before the start counts at the start. censored: it had not happened
 * after so long. Returns 0 or -ENOMEM: it is not counted then.
 */
int stretches_record(struct stretches *stretches, uint64_t at_ns, size_t which,
                     uint64_t value_ns);
int stretches_record_censored(struct stretches *stretches, uint64_t at_ns, size_t which,
                              uint64_t waited_ns);
/* Likewise many at once. histogram: of 2 digits. */
int stretches_merge(struct stretches *stretches, uint64_t at_ns, size_t which,
                    const struct histogram *histogram);
/* Adds to a sum. */
void stretches_add(struct stretches *stretches, uint64_t at_ns, size_t sum, double value);

/*
 * Nothing comes any more: all is in whole stretches up to end_ns, and what lies behind that is part of the last one.
 * A rest shorter than half a stretch belongs to the one before it.
 */
void stretches_end(struct stretches *stretches, uint64_t end_ns);

/* How long each is; the last may be longer or shorter. */
uint64_t stretches_length_ns(const struct stretches *stretches);

/* Sides of a contrast, after stretches_end(). Borrowed. */
struct contrast_values stretches_values(const struct stretches *stretches, size_t which);
struct contrast_sums stretches_sums(const struct stretches *stretches, size_t over,
                                    size_t under);
/* Over the seconds that each stretch is long. */
struct contrast_sums stretches_per_second(const struct stretches *stretches, size_t over);
