/*
 * vLLM. Source: its documentation, "Production Metrics", and vllm/v1/metrics/loggers.py for what engine V1
 * tells, vllm/engine/metrics.py for V0; each name stands here as prometheus_client writes it, counters with
 * `_total`. Servers with several engines (data parallel) have one sample for each.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

static const struct backend_rule rules[] = {
    {.name = "vllm:num_requests_running", .quantity = QUANTITY_RUNNING},
    {.name = "vllm:num_requests_waiting", .quantity = QUANTITY_WAITING},
    /* V0: they had a place and lost it. */
    {.name = "vllm:num_requests_swapped", .quantity = QUANTITY_WAITING},
    {.name = "vllm:kv_cache_usage_perc",
     .quantity = QUANTITY_KV_USAGE,
     .fold = FOLD_MEAN},
    /* V0, and V1 before 0.10. */
    {.name = "vllm:gpu_cache_usage_perc",
     .quantity = QUANTITY_KV_USAGE,
     .fold = FOLD_MEAN},
    {.name = "vllm:request_queue_time_seconds_sum", .quantity = QUANTITY_QUEUE_S},
    {.name = "vllm:request_queue_time_seconds_count", .quantity = QUANTITY_QUEUED},
    {.name = "vllm:prefix_cache_hits_total", .quantity = QUANTITY_PREFIX_HITS},
    {.name = "vllm:prefix_cache_queries_total", .quantity = QUANTITY_PREFIX_QUERIES},
    {.name = "vllm:gpu_prefix_cache_hits_total", .quantity = QUANTITY_PREFIX_HITS},
    {.name = "vllm:gpu_prefix_cache_queries_total", .quantity = QUANTITY_PREFIX_QUERIES},
    {.name = "vllm:gpu_prefix_cache_hit_rate",
     .quantity = QUANTITY_PREFIX_RATE,
     .fold = FOLD_MEAN}, /* V0, as a level */
    {.name = "vllm:request_success_total", .quantity = QUANTITY_FINISHED},
    {.name = "vllm:prompt_tokens_total", .quantity = QUANTITY_PROMPT_TOKENS},
    {.name = "vllm:generation_tokens_total", .quantity = QUANTITY_GENERATION_TOKENS},
    {.name = "vllm:time_to_first_token_seconds_sum", .quantity = QUANTITY_TTFT_S},
    {.name = "vllm:time_to_first_token_seconds_count", .quantity = QUANTITY_TTFT_COUNT},
    {.name = "vllm:e2e_request_latency_seconds_sum", .quantity = QUANTITY_E2E_S},
    {.name = "vllm:e2e_request_latency_seconds_count", .quantity = QUANTITY_E2E_COUNT},
    {.name = "vllm:num_preemptions_total", .quantity = QUANTITY_PREEMPTIONS},
};

const struct backend_kind backend_kind_vllm = {.kind = PLAN_BACKEND_VLLM,
                                               .name = "vllm",
                                               .prefix = "vllm:",
                                               .rules = rules,
                                               .rule_count = COUNT_OF(rules)};
