/*
 * Tenants: the organizations, users and keys of one worker, as the platform has them. They are planned,
 * then made one by one, and are the roster of the load; or they are read from what a run wrote down of
 * them (platform/ledger.h), to be removed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/roster.h"

struct arena;
struct plan;
struct tenancy;

enum tenant_state {
    TENANT_ABSENT,  /* it is not there, as far as is known */
    TENANT_ASKED,   /* this run asked for it, and does not know whether it is there */
    TENANT_MADE,    /* by this run, which removes it */
    TENANT_REUSED,  /* it was there before, and stays */
    TENANT_REMOVED, /* it was made, and is gone */
    TENANT_STATES,
};

/* Its word in the ledger: "made". */
const char *tenant_state_name(enum tenant_state state);

struct tenant_organization {
    struct roster_user as; /* an errand for it: no user and no key */
    uint64_t index;        /* from 1; 0: not known */
    uint64_t head_count;   /* users that it is to have, whoever makes them */
    enum tenant_state state;
    bool is_doubtful; /* MADE, though it may have been there before: an answer was lost */
    size_t *users;    /* places of its users */
    size_t user_count;
};

struct tenant_user {
    size_t organization;
    enum tenant_state state;
    enum tenant_state key_state;
};

/* Strings and secrets are the arena's. */
struct tenants {
    struct arena *arena; /* owned */
    struct tenant_organization *organizations;
    size_t organization_count;
    struct tenant_user *users; /* the i-th is the one of people[i] */
    struct roster_user *people;
    size_t user_count;
};

/*
 * Those that this worker is to make: the first user of each organization, then the second of each, so that
 * any number of people of the load is spread over all. Returns 0 or -ENOMEM.
 */
int tenants_of_plan(const struct plan *plan, struct tenants *ret_tenants);

/* The same for a dry run: what only a platform would say has a name in its place, "{{org.id}}". */
int tenants_on_paper(const struct plan *plan, struct tenants *ret_tenants);
void tenants_deinit(struct tenants *tenants);

/* The people as the engine takes them, borrowed. */
struct roster tenants_roster(const struct tenants *tenants);

/* Counts what was removed, is left and was kept. */
void tenants_count(const struct tenants *tenants, struct tenancy *tenancy);
