/*
 * Spikes: the recorder's figures before, during and after each, and how long it took to recover.
 * It reads the recorder and changes nothing.
 *
 * The figures are those of the phases before, at and behind the spike. Recovered is the first
 * moment after the spike's end, in steps of 100 ms, from which on the p95 of what is due within
 * two seconds is at most 1.2 times the p95 before: of ttft, or of e2e where nothing streamed
 * before. Where less than 20 requests are due within two seconds, the next 20 count. A failed
 * request is worse than any limit; one that throng cancelled sooner than the limit says nothing.
 * Only the phase behind the spike is looked at: what is due later is under another load.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "measure/metric.h"

struct recorder;

#define SPIKE_RECOVERY_FACTOR 1.2
#define SPIKE_RECOVERY_WINDOW_NS (2 * NS_PER_S)
#define SPIKE_RECOVERY_STEP_NS (100 * NS_PER_MS)
#define SPIKE_RECOVERY_REQUESTS 20 /* a p95 of fewer is not known */

/* One of the three. */
struct spike_stage {
    const char *phase; /* NULL: there is no such phase, or nothing was asked in it */
    uint64_t requests;
    uint64_t failed;
    double error_rate; /* of those not cancelled; NAN where none */
    struct histogram_quantile ttft_p50;
    struct histogram_quantile ttft_p95;
    struct histogram_quantile e2e_p95;
};

enum spike_recovery {
    SPIKE_RECOVERED,
    SPIKE_NOT_RECOVERED, /* not within the phase behind it */
    SPIKE_UNKNOWN, /* the p95 before is not known, or too few requests are behind it */
};

/* Snake-case name for results: "not_recovered". */
const char *spike_recovery_name(enum spike_recovery recovery);

struct spike_view {
    size_t phase;   /* index into the plan's */
    uint64_t users; /* wanted during it */
    struct spike_stage before;
    struct spike_stage during;
    struct spike_stage after;
    enum metric metric; /* what recovery is judged by */
    enum spike_recovery recovery;
    uint64_t
        recovery_ns; /* where recovered: since the spike's end; 0: it was never worse */
};

/* How many spikes the plan has. */
size_t spike_count(const struct recorder *recorder);

/* Spike index (from 0) of a run whose load ended at load_end_ns. */
void spike_of(const struct recorder *recorder, size_t index, uint64_t load_end_ns,
              struct spike_view *ret_spike);
