/*
 * What the answers of calls that make something tell about it: its ids, and whether it was there before the
 * run. It goes into the tenants and the ledger.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plan/platform.h"

struct errand_result;
struct ledger;
struct plan;
struct tenants;
struct variable;

/* Where it goes; all borrowed. */
struct taking {
    const struct plan *plan;
    struct tenants *tenants;
    struct ledger *ledger; /* NULL: nothing is written down */
};

/* Whether an answer had it, and what it is: borrowed from the result. */
bool taking_finds(const struct taking *taking, const struct errand_result *result,
                  enum plan_platform_find find, struct variable *ret_value);

/* Keeps it as a text of the tenants'. Returns 1; 0: no answer had it; -ENOMEM. */
int taking_text(const struct taking *taking, const struct errand_result *result,
                enum plan_platform_find find, const char **text);

/*
 * Take an organization, a user, at their places. may_be_own: what was there before the call may have been
 * made by an earlier attempt of the run, and counts as its own. A user who was there before shows that
 * their organization was too. Return as taking_text() for the id.
 */
int taking_organization(const struct taking *taking, size_t at,
                        const struct errand_result *result, bool may_be_own);
int taking_user(const struct taking *taking, size_t at,
                const struct errand_result *result, bool may_be_own);
