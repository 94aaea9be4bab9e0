#include "platform/advice.h"

#include <stdio.h>
#include <string.h>

#include "engine/errand.h"
#include "plan/roster.h"

/* The rest of the text is for what to do. */
#define PROBLEM_BYTES 220

static const char *what_to_do(enum plan_platform_call call,
                              const struct errand_result *result)
{
    const uint16_t status = result->status;

    if (status == 401 || status == 403)
        return "give an admin token that may do this: platform.token";
    if (call == PLAN_PLATFORM_REMOVE_ORGANIZATION && status == 409)
        return "it holds what this run did not make: remove that by hand";
    if (status == 404 || status == 405)
        return "if its API has other paths, write them under platform.calls";
    if (status == 429 || status >= 500)
        return "look at the platform's log; fewer calls at once: platform.parallel";
    if (status == 0)
        return "look whether platform.url is right and the platform is up";
    return "write under platform.calls what the platform wants and answers";
}

void advice_write(enum plan_platform_call call, const struct roster_user *who,
                  const struct errand_result *result, char *text, size_t size)
{
    const char *name = who->email ? who->email : who->org_name;
    const char *problem = result->problem[0]
                              ? result->problem
                              : "the answer did not have what is taken from it";

    (void)snprintf(text, size, "%s of %s: %.*s; %s", plan_platform_call_name(call),
                   name ? name : "", PROBLEM_BYTES, problem, what_to_do(call, result));
}
