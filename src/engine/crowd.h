/*
 * A crowd: the users of this worker, by their places in it. A user is made when first reached, and
 * stays. Place p of worker w of N is the ordinal p × N + w.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct crowd_block;
struct engine;
struct plan;
struct user;

/* All zero but the engine, which is borrowed: nobody. */
struct crowd {
    struct engine *engine;
    struct crowd_block *blocks; /* owned: in the order of their ordinals */
    size_t block_count;
};

/* How many of so many ordinals belong to this worker. */
uint64_t crowd_share(const struct plan *plan, uint64_t users);

/* How many were made: the places below it. */
uint64_t crowd_count(const struct crowd *crowd);

/* Makes all up to this place. Returns 0 or -ENOMEM. */
int crowd_reach(struct crowd *crowd, uint64_t place);

/* place must be below the count. */
struct user *crowd_at(const struct crowd *crowd, uint64_t place);

/* Everybody's class is read from another plan, which is the first one's but for load and think times. */
void crowd_follow(struct crowd *crowd, const struct plan *plan);

/* What each was at is cut off. */
void crowd_cut(struct crowd *crowd, uint64_t now_ns);

void crowd_deinit(struct crowd *crowd);
