/*
 * llama.cpp's server (`--metrics`). Source: tools/server/README.md of ggml-org/llama.cpp, "GET /metrics".
 * The use of the KV cache is told by versions up to 2025 alone.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

static const struct backend_rule rules[] = {
    {.name = "llamacpp:requests_processing", .quantity = QUANTITY_RUNNING},
    {.name = "llamacpp:requests_deferred", .quantity = QUANTITY_WAITING},
    {.name = "llamacpp:kv_cache_usage_ratio",
     .quantity = QUANTITY_KV_USAGE,
     .fold = FOLD_MEAN},
    {.name = "llamacpp:prompt_tokens_total", .quantity = QUANTITY_PROMPT_TOKENS},
    {.name = "llamacpp:tokens_predicted_total", .quantity = QUANTITY_GENERATION_TOKENS},
};

const struct backend_kind backend_kind_llama_cpp = {.kind = PLAN_BACKEND_LLAMA_CPP,
                                                    .name = "llama.cpp",
                                                    .prefix = "llamacpp:",
                                                    .rules = rules,
                                                    .rule_count = COUNT_OF(rules)};
