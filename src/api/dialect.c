#include "api/dialect.h"

#include "api/dialects.h"

/* By API and kind of step; MCP is the same wherever it is spoken. */
const struct api_dialect *api_dialect_of(enum plan_api api, enum plan_step_kind kind)
{
    static const struct api_dialect *const dialects[][PLAN_STEP_THINK + 1] = {
        [PLAN_API_OPENAI] =
            {
                [PLAN_STEP_CHAT] = &dialect_openai_chat,
                [PLAN_STEP_COMPLETION] = &dialect_openai_completions,
                [PLAN_STEP_RESPONSES] = &dialect_openai_responses,
                [PLAN_STEP_EMBEDDINGS] = &dialect_openai_embeddings,
                [PLAN_STEP_MCP] = &dialect_mcp,
            },
        [PLAN_API_ANTHROPIC] =
            {
                [PLAN_STEP_CHAT] = &dialect_anthropic_messages,
                [PLAN_STEP_MCP] = &dialect_mcp,
            },
    };

    return dialects[api][kind];
}
