/*
 * The population: users by ordinal. User k is wanted iff k < level; this worker owns the
 * ordinals ≡ worker_index mod worker_count. A user is made when first wanted, and stays: who is
 * wanted again goes on with their next iteration.
 */
#pragma once

struct engine;
struct load_source;

/* Returns 0 or -ENOMEM. engine is borrowed. */
int population_new(struct engine *engine, struct load_source **ret_source);
