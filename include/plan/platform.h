/*
 * The platform: the service through which the system under test is operated: organizations, users
 * and keys that are made before the load and removed behind it. What is sent for it are steps like
 * any other, in programs that are not measured; what is made fills the roster (plan/roster.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_cleanup { PLAN_CLEANUP_ALWAYS, PLAN_CLEANUP_ON_SUCCESS, PLAN_CLEANUP_NEVER };

/* How many users an organization has: drawn from the seed and its index, the same in every run. */
enum plan_head_count {
    PLAN_HEAD_COUNT_FIXED,   /* min, which equals max */
    PLAN_HEAD_COUNT_UNIFORM, /* from min to max */
    PLAN_HEAD_COUNT_GAUSSIAN, /* mean (min + max) / 2, deviation (max − min) / 4, outside drawn again */
};

/* What one organization may spend; the others have none, or the platform's `budget`. */
struct plan_budget {
    const char *organization; /* its name */
    int64_t pusd;
};

/* Calls to the platform's API: each an index into the plan's programs, or PLAN_NONE where it has none. */
enum plan_platform_call {
    PLAN_PLATFORM_MAKE_ORGANIZATION,
    PLAN_PLATFORM_MAKE_USER,
    PLAN_PLATFORM_MAKE_KEY,
    PLAN_PLATFORM_REMOVE_KEY,
    PLAN_PLATFORM_REMOVE_USER,
    PLAN_PLATFORM_REMOVE_ORGANIZATION,
    PLAN_PLATFORM_CALLS,
};

/* What the calls take from answers, into the user's variables of these names. */
enum plan_platform_find {
    PLAN_PLATFORM_ORG_ID,   /* org_id */
    PLAN_PLATFORM_ORG_SLUG, /* org_slug; without it the id */
    PLAN_PLATFORM_USER_ID,  /* user_id */
    PLAN_PLATFORM_KEY_ID,   /* key_id */
    PLAN_PLATFORM_KEY,      /* api_key: a secret */
    PLAN_PLATFORM_EXISTED,  /* existed: any value says that it was there before */
    PLAN_PLATFORM_FINDS,
};

/* The name of the target that it is. */
#define PLAN_PLATFORM_TARGET "platform"

struct plan_platform {
    bool
        is_used; /* false: everybody acts with the target's key, and nothing below counts */
    uint32_t
        target; /* index into targets: the one named "platform"; its api_key is the admin token */
    const char *health; /* path asked before the run, or NULL */
    uint64_t organization_count;
    const char *name;  /* "loadtest-org-{index}", index from 1 */
    const char *email; /* "{organization}-user-{index}@…", index from 1, of four digits */
    const struct plan_budget *budgets;
    size_t budget_count;
    int64_t budget_pusd; /* of organizations without one of their own; 0: none */
    enum plan_head_count head_count;
    uint64_t users_min; /* per organization */
    uint64_t users_max;
    bool share_keys; /* more simulated users than were made share what there is */
    enum plan_cleanup cleanup;
    uint64_t bootstrap_timeout_ns; /* exit 100 */
    uint64_t cleanup_timeout_ns;   /* exit 101 */
    uint64_t parallel;             /* calls at the same time, at least 1 */
    uint32_t calls[PLAN_PLATFORM_CALLS];
    uint32_t finds[PLAN_PLATFORM_FINDS]; /* index into variables */
};

/* Whether any organization has a budget. */
bool plan_has_budgets(const struct plan_platform *platform);

/* The key under `platform.calls`: "make_user". */
const char *plan_platform_call_name(enum plan_platform_call call);

/* The name of the variable: "user_id". */
const char *plan_platform_find_name(enum plan_platform_find find);
