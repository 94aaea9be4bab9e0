/*
 * The people of an open loop, and who of them is free to take an arrival. Whoever has been free longest
 * takes the next one, so that all of them, and their credentials, get their turn.
 *
 * A class whose people set something up, or take it down, has people of its own: by the mix of the
 * ordinals. All other classes share theirs, and whoever takes an arrival acts as its class.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "engine/crowd.h"

struct engine;
struct user;

/* The fields are private but for people. */
struct arrival_pool {
    struct crowd crowd;
    struct list *free; /* owned: by class, and of those who are shared */
    size_t groups;
    uint64_t people; /* of this worker: those at the places below it take arrivals */
    uint64_t begun;  /* so many were told that they do */
    bool sets_up;    /* somebody has a setup */
};

/* engine is borrowed. Returns 0 or -ENOMEM. */
int arrival_pool_init(struct arrival_pool *pool, struct engine *engine);
void arrival_pool_deinit(struct arrival_pool *pool);

/* Who takes the arrivals of a class: an index below groups. */
size_t arrival_pool_group(const struct arrival_pool *pool, size_t class_index);

/* Whether somebody may be free. */
bool arrival_pool_has(const struct arrival_pool *pool, size_t group);

/* Somebody who is free, and no more so; *ret_user NULL: nobody is. Returns 0 or -ENOMEM. */
int arrival_pool_take(struct arrival_pool *pool, size_t group, uint64_t now_ns,
                      struct user **ret_user);

/* Whether people must still be told to set up, which is not for an arrival to wait for. */
bool arrival_pool_sets_up(const struct arrival_pool *pool);

/* Tells one more. Returns 0 or -ENOMEM. */
int arrival_pool_begin_one(struct arrival_pool *pool, uint64_t now_ns);

/* They are free again. */
void arrival_pool_give(struct arrival_pool *pool, struct user *user);

/* So many people of all workers from now on; who is beyond finishes what they are at. */
void arrival_pool_resize(struct arrival_pool *pool, uint64_t people);

/* Nobody takes any more: they do their last things, and go. */
void arrival_pool_close(struct arrival_pool *pool, uint64_t now_ns);
