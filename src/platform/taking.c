#include "platform/taking.h"

#include <errno.h>

#include "base/arena.h"
#include "engine/errand.h"
#include "engine/variables.h"
#include "measure/tenancy.h"
#include "plan/plan.h"
#include "platform/ledger.h"
#include "platform/tenants.h"

bool taking_finds(const struct taking *taking, const struct errand_result *result,
                  enum plan_platform_find find, struct variable *ret_value)
{
    return variables_get_own(result->found, taking->plan->platform.finds[find],
                             ret_value) &&
           ret_value->len > 0;
}

int taking_text(const struct taking *taking, const struct errand_result *result,
                enum plan_platform_find find, const char **text)
{
    struct variable value;

    if (!taking_finds(taking, result, find, &value))
        return 0;
    *text = arena_copy(taking->tenants->arena, value.text);
    return *text ? 1 : -ENOMEM;
}

static bool existed(const struct taking *taking, const struct errand_result *result)
{
    struct variable value;

    return taking_finds(taking, result, PLAN_PLATFORM_EXISTED, &value);
}

int taking_organization(const struct taking *taking, size_t at,
                        const struct errand_result *result, bool may_be_own)
{
    struct tenant_organization *organization = &taking->tenants->organizations[at];
    const bool was_there = existed(taking, result);
    int r = taking_text(taking, result, PLAN_PLATFORM_ORG_ID, &organization->as.org_id);

    if (r <= 0)
        return r;
    r = taking_text(taking, result, PLAN_PLATFORM_ORG_SLUG, &organization->as.org_slug);
    organization->state = was_there && !may_be_own ? TENANT_REUSED : TENANT_MADE;
    organization->is_doubtful = was_there && may_be_own;
    ledger_note(taking->ledger, TENANCY_ORGANIZATIONS, organization->state,
                &organization->as);
    return r < 0 ? r : 1;
}

static void settle_doubt(const struct taking *taking,
                         struct tenant_organization *organization)
{
    if (!organization->is_doubtful)
        return;
    organization->is_doubtful = false;
    organization->state = TENANT_REUSED;
    ledger_note(taking->ledger, TENANCY_ORGANIZATIONS, TENANT_REUSED, &organization->as);
}

/*
 * In an organization that the run made and removes, all that the run asks for is its own: somebody below may
 * have sent the call again without a word, as libcurl does on a connection that it had used before.
 */
static bool is_own(const struct taking *taking,
                   const struct tenant_organization *organization)
{
    const struct plan_platform *platform = &taking->plan->platform;

    return organization->state == TENANT_MADE && !organization->is_doubtful &&
           platform->calls[PLAN_PLATFORM_REMOVE_ORGANIZATION] != PLAN_NONE;
}

int taking_user(const struct taking *taking, size_t at,
                const struct errand_result *result, bool may_be_own)
{
    struct tenants *tenants = taking->tenants;
    struct tenant_user *user = &tenants->users[at];
    struct tenant_organization *organization =
        &tenants->organizations[user->organization];
    const bool may_stay = !may_be_own && !is_own(taking, organization);
    const int r =
        taking_text(taking, result, PLAN_PLATFORM_USER_ID, &tenants->people[at].user_id);

    if (r <= 0)
        return r;
    user->state = existed(taking, result) && may_stay ? TENANT_REUSED : TENANT_MADE;
    ledger_note(taking->ledger, TENANCY_USERS, user->state, &tenants->people[at]);
    if (user->state == TENANT_REUSED)
        settle_doubt(taking, organization);
    return r;
}
