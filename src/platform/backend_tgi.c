/*
 * Text Generation Inference. Source: its documentation, "Metrics" (reference/metrics). It tells neither
 * of its KV cache nor of the time to the first token.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

static const struct backend_rule rules[] = {
    {.name = "tgi_batch_current_size", .quantity = QUANTITY_RUNNING},
    {.name = "tgi_queue_size", .quantity = QUANTITY_WAITING},
    {.name = "tgi_request_queue_duration_sum", .quantity = QUANTITY_QUEUE_S},
    {.name = "tgi_request_queue_duration_count", .quantity = QUANTITY_QUEUED},
    {.name = "tgi_request_success", .quantity = QUANTITY_FINISHED},
    {.name = "tgi_request_input_length_sum", .quantity = QUANTITY_PROMPT_TOKENS},
    {.name = "tgi_request_generated_tokens_sum", .quantity = QUANTITY_GENERATION_TOKENS},
    {.name = "tgi_request_duration_sum", .quantity = QUANTITY_E2E_S},
    {.name = "tgi_request_duration_count", .quantity = QUANTITY_E2E_COUNT},
};

const struct backend_kind backend_kind_tgi = {.kind = PLAN_BACKEND_TGI,
                                              .name = "tgi",
                                              .prefix = "tgi_",
                                              .rules = rules,
                                              .rule_count = COUNT_OF(rules)};
