/*
 * How the answers came, told in one sentence each: over which network, as what streams, how sound,
 * for what money. Each returns false, and says nothing, where there is nothing to say.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct run_facts;

/*
 * "$0.10 for the whole run: $2.50 per 1M tokens, $0.0004 per good answer, …": only where something
 * was spent.
 */
bool summary_say_cost(const struct run_facts *facts, struct buf *out);

/*
 * "held back: the chunks of 93% of 214 answers came in bunches, …": only where somebody holds the
 * streams back.
 */
bool summary_say_stream(const struct run_facts *facts, struct buf *out);

/*
 * "3 of 400 answers: 2 missing_done, 1 crossed. …" with what the worst of them means: the first in
 * the order of the kinds' severity.
 */
bool summary_say_integrity(const struct run_facts *facts, struct buf *out);

/* "3 TCP segments sent again (0.9 per 1,000 requests); 70% of 3,000 requests went to …". */
bool summary_say_network(const struct run_facts *facts, struct buf *out);
