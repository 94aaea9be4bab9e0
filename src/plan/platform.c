#include "plan/platform.h"

const char *plan_platform_call_name(enum plan_platform_call call)
{
    static const char *const names[PLAN_PLATFORM_CALLS] = {
        [PLAN_PLATFORM_MAKE_ORGANIZATION] = "make_organization",
        [PLAN_PLATFORM_MAKE_USER] = "make_user",
        [PLAN_PLATFORM_MAKE_KEY] = "make_key",
        [PLAN_PLATFORM_REMOVE_KEY] = "remove_key",
        [PLAN_PLATFORM_REMOVE_USER] = "remove_user",
        [PLAN_PLATFORM_REMOVE_ORGANIZATION] = "remove_organization",
    };

    return names[call];
}

const char *plan_platform_find_name(enum plan_platform_find find)
{
    static const char *const names[PLAN_PLATFORM_FINDS] = {
        [PLAN_PLATFORM_ORG_ID] = "org_id",   [PLAN_PLATFORM_ORG_SLUG] = "org_slug",
        [PLAN_PLATFORM_USER_ID] = "user_id", [PLAN_PLATFORM_KEY_ID] = "key_id",
        [PLAN_PLATFORM_KEY] = "api_key",     [PLAN_PLATFORM_EXISTED] = "existed",
    };

    return names[find];
}

bool plan_has_budgets(const struct plan_platform *platform)
{
    return platform->is_used && (platform->budget_count > 0 || platform->budget_pusd > 0);
}
