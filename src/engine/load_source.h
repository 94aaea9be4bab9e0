/*
 * A load source: what decides who starts when. Users that are there as long as the curve wants
 * them (population.h), arrivals that take a free user (arrivals.h), and the one who does something for
 * the whole run (errand.h).
 */
#pragma once

#include <stdint.h>

struct arrival_view;
struct load_source;
struct plan;
struct plan_phase;
struct user;

struct load_source_ops {
    /* The curve stands at level from at_ns on. What follows from it is done by advance. */
    void (*set_level)(struct load_source *source, uint64_t level, uint64_t at_ns);
    /* The moment of the next thing to do, UINT64_MAX: nothing. It may have passed. */
    uint64_t (*next_ns)(const struct load_source *source);
    /* Does the next thing: one user starts, or is unwanted. Returns 0; -ENOMEM. */
    int (*advance)(struct load_source *source, uint64_t now_ns);
    /* A user is gone: unwanted, cut off, or at the end of their program. */
    void (*user_gone)(struct load_source *source, struct user *user, uint64_t now_ns);
    /* Nobody is wanted any more, at once and for good. */
    void (*close)(struct load_source *source, uint64_t now_ns);
    /* Ends all that still goes on. */
    void (*cut)(struct load_source *source, uint64_t now_ns);
    /* Goes on with another plan, which is the first one's but for load and think times. NULL: at once. */
    void (*follow)(struct load_source *source, const struct plan *plan);
    /* A pause is over: who should have come meanwhile, or was about to, comes now. NULL: nobody. */
    void (*resume)(struct load_source *source, uint64_t now_ns);
    /* Users wanted of this worker. */
    uint64_t (*wanted)(const struct load_source *source);
    /* Of an open loop, NULL elsewhere: a phase was put behind the last one. 0; -ENOMEM. */
    int (*append)(struct load_source *source, const struct plan_phase *phase);
    /* Likewise: a rate of all workers, and so many people of all workers, in place of the plan's. */
    int (*set_rate)(struct load_source *source, double rate_per_s, uint64_t now_ns);
    int (*set_people)(struct load_source *source, uint64_t people);
    /* Likewise: how its arrivals stand. */
    void (*look)(const struct load_source *source, uint64_t now_ns,
                 struct arrival_view *ret_view);
    void (*free)(struct load_source *source);
};

/* The head of every load source. */
struct load_source {
    const struct load_source_ops *ops;
};
