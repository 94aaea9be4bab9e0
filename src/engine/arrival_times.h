/*
 * Arrival times: when the arrivals of an open loop are due, one after the other, as times of the load
 * clock (0: the load begins; pauses by run_control are not in it). Each arrival has its number among
 * those of all workers, from 0: what it asks is keyed by it. The curve of the phases is one body
 * (arrival_curve.h), the times of a trace are another. They read no clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arrival_times;
struct plan;
struct plan_phase;

struct arrival_times_ops {
    /*
     * The next arrival of this worker, which owns the numbers ≡ worker_index mod worker_count. False:
     * there is none any more, until something below says otherwise.
     */
    bool (*peek)(struct arrival_times *times, uint64_t *ret_at_ns, uint64_t *ret_number);
    /* It was taken: on to the one behind it. */
    void (*take)(struct arrival_times *times);
    /* Another plan's load from load time at_ns on; its phases are copied. NULL: it cannot. */
    int (*follow)(struct arrival_times *times, const struct plan *plan, uint64_t at_ns);
    /* A phase behind the last one; from_rate_per_s is filled. 0; -ENOMEM. NULL: it cannot. */
    int (*append)(struct arrival_times *times, const struct plan_phase *phase);
    /* So many arrivals a second, of all workers, from load time at_ns on. NULL: it cannot. */
    void (*set_rate)(struct arrival_times *times, double rate_per_s, uint64_t at_ns);
    void (*free)(struct arrival_times *times);
};

/* The head of every body. */
struct arrival_times {
    const struct arrival_times_ops *ops;
};
