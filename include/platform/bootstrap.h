/*
 * The bootstrap: makes the tenants at the platform, organization → its users → their keys, as errands for
 * an engine of ENGINE_MAKE. What fails after its retries ends it: nothing more is begun, and what was made
 * is known to whoever removes it.
 */
#pragma once

#include <stdint.h>

#include "engine/errand.h"

struct bootstrap;
struct ledger;
struct plan;
struct tenancy;
struct tenants;

struct bootstrap_options {
    const struct plan *plan; /* borrowed, like all below */
    struct tenants *tenants; /* as planned: gets ids and keys */
    struct ledger *ledger;   /* NULL: nothing is written down */
    struct tenancy *tenancy;
};

/* Returns 0 or -ENOMEM. */
int bootstrap_new(const struct bootstrap_options *options,
                  struct bootstrap **ret_bootstrap);

/* NULL is allowed. Returns NULL. */
struct bootstrap *bootstrap_free(struct bootstrap *bootstrap);

/* Its errands; borrowed. */
const struct errand_giver *bootstrap_giver(const struct bootstrap *bootstrap);

/* Users who are ready, for progress. */
uint64_t bootstrap_ready(const struct bootstrap *bootstrap);

/*
 * The first thing that went wrong: which call for whom, what came back, and what to do; no full stop. NULL:
 * nothing did. -ENOMEM is told by bootstrap_error().
 */
const char *bootstrap_problem(const struct bootstrap *bootstrap);
int bootstrap_error(const struct bootstrap *bootstrap);
