/*
 * The pauses of a load: its own clock, which stands still while it is paused ↔ moments. What is planned (phases, the
 * measured window) is at times of the load's clock; what happened, at moments. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Those after so many are not told from load. */
#define PAUSES_MAX 256

struct pause_span {
    uint64_t start_ns; /* monotonic, like the next */
    uint64_t end_ns;
};

/* Those that are over, in their order. Empty at first: {0}. */
struct pauses {
    struct pause_span each[PAUSES_MAX];
    size_t count;
};

/* Adds one that is over. */
void pauses_add(struct pauses *pauses, uint64_t start_ns, uint64_t end_ns);

/* The moment at which the load's clock shows load_ns, of a load that began at started_ns. */
uint64_t pauses_moment_ns(const struct pauses *pauses, uint64_t started_ns,
                          uint64_t load_ns);

/* What the load's clock shows at a moment; 0 before the load. */
uint64_t pauses_load_ns(const struct pauses *pauses, uint64_t started_ns,
                        uint64_t moment_ns);
