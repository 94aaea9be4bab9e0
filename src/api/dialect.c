#include "api/dialect.h"

#include <string.h>

#include "api/dialects.h"
#include "base/cleanup.h"

/* By API and kind of step; MCP is the same wherever it is spoken, and a replay's lengths become chats. */
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
                [PLAN_STEP_REPLAY] = &dialect_openai_chat,
            },
        [PLAN_API_ANTHROPIC] =
            {
                [PLAN_STEP_CHAT] = &dialect_anthropic_messages,
                [PLAN_STEP_MCP] = &dialect_mcp,
                [PLAN_STEP_REPLAY] = &dialect_anthropic_messages,
            },
    };

    return dialects[api][kind];
}

struct api_auth_words api_auth_words_of(enum api_auth auth)
{
    static const struct api_auth_words words[] = {
        [API_AUTH_BEARER] = {"Authorization", "Bearer "},
        [API_AUTH_X_API_KEY] = {"X-Api-Key", ""}};

    return words[auth];
}

const struct api_dialect *api_dialect_at(const char *path)
{
    /* One that another ends with comes behind it. */
    static const struct api_dialect *const dialects[] = {
        &dialect_openai_chat, &dialect_openai_completions, &dialect_openai_responses,
        &dialect_openai_embeddings, &dialect_anthropic_messages};
    const size_t len = strcspn(path, "?#");

    for (size_t i = 0; i < COUNT_OF(dialects); i++) {
        const size_t own = strlen(dialects[i]->path);

        if (len >= own && memcmp(path + len - own, dialects[i]->path, own) == 0)
            return dialects[i];
    }
    return NULL;
}
