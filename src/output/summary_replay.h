/* A replay told in one sentence. */
#pragma once

#include <stdbool.h>

struct buf;
struct run_facts;

/*
 * "1,000 of 1,000 entries sent (mooncake), p50 0.1 ms, p99 1.2 ms after their moments". Returns false, and
 * says nothing, where the load was no replay. *ret_degraded: it was untrue to the trace's times, and that
 * is said as well.
 */
bool summary_say_replay(const struct run_facts *facts, struct buf *out,
                        bool *ret_degraded);
