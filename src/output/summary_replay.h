/* A replay told in one sentence. */
#pragma once

#include <stdbool.h>

struct buf;
struct run_facts;

/*
 * "1,000 of 1,000 entries sent (mooncake); how late, p50 61.0 µs, p99 1.20 ms, at most 4.30 ms". Returns
 * false, and says nothing, where the load was no replay. *ret_degraded: it was untrue to the trace's times,
 * of which a verdict says why.
 */
bool summary_say_replay(const struct run_facts *facts, struct buf *out,
                        bool *ret_degraded);
