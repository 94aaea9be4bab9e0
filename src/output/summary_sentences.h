/*
 * Parts of the run told in one sentence each: spikes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct run_facts;

/*
 * "100 users: ttft p95 303 ms → 1.9 s → 290 ms, recovered after 2.3s". Returns false, and
 * says nothing, where nobody asked anything in it.
 */
bool summary_say_spike(const struct run_facts *facts, size_t index, struct buf *out);
