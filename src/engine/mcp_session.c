#include "engine/mcp_session.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/attempt.h"
#include "engine/user_script.h"
#include "engine/variables.h"
#include "plan/plan.h"

#define STATUS_NOT_FOUND 404

const char *mcp_session_of(const struct attempt *attempt)
{
    const struct plan_step *step = attempt->step;
    struct variable value;

    if (step->kind != PLAN_STEP_MCP || step->mcp.session == PLAN_NONE ||
        !user_script_variable(attempt->user, step->mcp.session, &value))
        return NULL;
    return value.len > 0 ? value.text : NULL;
}

static bool is_over(const struct attempt *attempt)
{
    if (strcmp(attempt->step->mcp.method, "initialize") == 0)
        return !outcome_is_whole(attempt->sample.outcome);
    return attempt->sample.status == STATUS_NOT_FOUND && mcp_session_of(attempt);
}

void mcp_session_settle(struct attempt *attempt)
{
    const struct plan_step *step = attempt->step;

    if (step->kind == PLAN_STEP_MCP && step->mcp.session != PLAN_NONE && is_over(attempt))
        user_script_set(attempt->user, step->mcp.session, NULL);
}
