/*
 * Prefixes: beginnings that prompts share, so that a prefix cache can be tested on purpose. A share of
 * the prompts begins with one of a pool, the others with one that nobody had before, of the same length:
 * so what the cache gains is all that differs.
 */
#pragma once

struct buf;
struct plan_prefix;
struct turn_key;

/*
 * Appends the prefix of a turn and a blank line behind it; nothing where the plan has none. The shared ones
 * are the run's, so that the first request that begins with one never hits. Returns 0 or out's error.
 */
int prefix_write(const struct plan_prefix *prefix, const struct turn_key *key,
                 struct buf *out);
