/*
 * The removal: takes away what a run made at the platform, keys → users → organizations, as errands for an
 * engine of ENGINE_REMOVE. What was there before the run stays. What fails after its retries is left, and
 * all else goes on; what is not there any more counts as removed. What the run asked for without an answer
 * is asked for again first, so that it is known.
 */
#pragma once

#include "engine/errand.h"

struct ledger;
struct plan;
struct removal;
struct tenancy;
struct tenants;

struct removal_options {
    const struct plan *plan; /* borrowed, like all below */
    struct tenants *tenants; /* their states change */
    struct ledger *ledger;   /* NULL: nothing is written down */
    struct tenancy *tenancy;
};

/* Returns 0 or -ENOMEM. */
int removal_new(const struct removal_options *options, struct removal **ret_removal);

/* NULL is allowed. Returns NULL. */
struct removal *removal_free(struct removal *removal);

/* Its errands; borrowed. */
const struct errand_giver *removal_giver(const struct removal *removal);

/* Whether there is anything to remove at all. */
bool removal_is_needed(const struct removal *removal);

/* The first thing that could not be removed: as bootstrap_problem(). NULL: there is none. */
const char *removal_problem(const struct removal *removal);

/* 0, or -ENOMEM. */
int removal_error(const struct removal *removal);
