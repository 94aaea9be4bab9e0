/*
 * Parts of the run told in one sentence each: spikes and conversations.
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

/*
 * "prompts of 512 tokens, 519 counted: 1.4% off". Returns false, and says nothing, where no lengths were
 * asked for.
 */
bool summary_say_lengths(const struct run_facts *facts, struct buf *out);

/*
 * "vars.token had no value: 12 texts were sent without; 3 setups of users failed and were tried again".
 * Returns false, and says nothing, where the scenario got done as it says.
 */
bool summary_say_gaps(const struct run_facts *facts, struct buf *out);

/*
 * "prompt tokens by turn: 1: 52, 2: 168, 3: 281, 4: 399". Returns false, and says nothing, where no
 * conversation had a second turn.
 */
bool summary_say_turns(const struct run_facts *facts, struct buf *out);
