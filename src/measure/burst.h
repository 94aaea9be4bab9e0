/*
 * Bursts: how many requests were due at once. A load generator that sends one after the other lets
 * the last of many wait, however fast it is: this says of how many.
 */
#pragma once

#include <stdint.h>

/* Moments that are counted as one, and how many of them are told apart while sending lags behind. */
#define BURST_NS UINT64_C(10000000)
#define BURST_SLOTS 64

/* All zero: none yet. */
struct burst {
    uint64_t most; /* requests due within BURST_NS, at most */
    struct burst_slot {
        uint64_t number; /* of the moment, since the clock's beginning */
        uint64_t count;
    } slots[BURST_SLOTS];
};

/* One was due then. In any order, as long as it is not further back than the slots reach. */
void burst_add(struct burst *burst, uint64_t due_ns);
