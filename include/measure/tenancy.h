/*
 * Tenancy: what it took to make the tenants of a run and to remove them, and what is left of them.
 * Of one worker. Filled by who makes and removes them; no names and no credentials are in it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plan/platform.h"

struct histogram;

/* One kind of call, with all its requests and their retries. */
struct tenancy_call {
    uint64_t done;              /* it was made, or removed */
    uint64_t reused;            /* subset of done: it was there before */
    uint64_t failed;            /* after all retries, or cut short */
    struct histogram *duration; /* owned: of those that were done */
};

/* Whatever has a life of its own at the platform. */
enum tenancy_kind {
    TENANCY_KEYS,
    TENANCY_USERS,
    TENANCY_ORGANIZATIONS,
    TENANCY_KINDS,
};

struct tenancy {
    struct tenancy_call calls[PLAN_PLATFORM_CALLS];
    uint64_t organizations; /* that the run was to have */
    uint64_t users;
    uint64_t make_ns;                /* from the first call to the last answer */
    uint64_t remove_ns;              /* likewise; 0: nothing was removed */
    uint64_t removed[TENANCY_KINDS]; /* of those that this run made … */
    uint64_t left[TENANCY_KINDS];    /* … and those that are still there */
    uint64_t kept[TENANCY_KINDS];    /* were there before, and stay */
    bool was_cleaned;                /* the removal was tried */
};

/* The word for a kind, in the plural: "users". */
const char *tenancy_kind_name(enum tenancy_kind kind);

/* Returns 0 or -ENOMEM. */
int tenancy_init(struct tenancy *tenancy);
void tenancy_deinit(struct tenancy *tenancy);

enum tenancy_outcome { TENANCY_DONE, TENANCY_REUSED, TENANCY_FAILED };

/* A call is over. */
void tenancy_note(struct tenancy *tenancy, enum plan_platform_call call,
                  enum tenancy_outcome outcome, uint64_t duration_ns);

/* Everything that is still there of what the run made. */
uint64_t tenancy_left(const struct tenancy *tenancy);
uint64_t tenancy_removed(const struct tenancy *tenancy);
