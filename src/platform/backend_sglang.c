/*
 * SGLang (`--enable-metrics`). Source: its documentation, "Production Metrics", and
 * python/sglang/srt/metrics/collector.py. The ranks of tensor parallelism work on the same requests: where
 * all of them tell, the first is taken.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

#define FIRST_RANK .label = "tp_rank", .value = "0", .may_lack = true

static const struct backend_rule rules[] = {
    {.name = "sglang:num_running_reqs", FIRST_RANK, .quantity = QUANTITY_RUNNING},
    {.name = "sglang:num_queue_reqs", FIRST_RANK, .quantity = QUANTITY_WAITING},
    {.name = "sglang:token_usage",
     FIRST_RANK,
     .quantity = QUANTITY_KV_USAGE,
     .fold = FOLD_MEAN},
    {.name = "sglang:cache_hit_rate",
     FIRST_RANK,
     .quantity = QUANTITY_PREFIX_RATE,
     .fold = FOLD_MEAN},
    {.name = "sglang:queue_time_seconds_sum", FIRST_RANK, .quantity = QUANTITY_QUEUE_S},
    {.name = "sglang:queue_time_seconds_count", FIRST_RANK, .quantity = QUANTITY_QUEUED},
    {.name = "sglang:cached_tokens_total", .quantity = QUANTITY_PREFIX_HITS},
    {.name = "sglang:prompt_tokens_total", .quantity = QUANTITY_PREFIX_QUERIES},
    {.name = "sglang:prompt_tokens_total", .quantity = QUANTITY_PROMPT_TOKENS},
    {.name = "sglang:generation_tokens_total", .quantity = QUANTITY_GENERATION_TOKENS},
    {.name = "sglang:num_requests_total", .quantity = QUANTITY_FINISHED},
    {.name = "sglang:time_to_first_token_seconds_sum", .quantity = QUANTITY_TTFT_S},
    {.name = "sglang:time_to_first_token_seconds_count", .quantity = QUANTITY_TTFT_COUNT},
    {.name = "sglang:e2e_request_latency_seconds_sum", .quantity = QUANTITY_E2E_S},
    {.name = "sglang:e2e_request_latency_seconds_count", .quantity = QUANTITY_E2E_COUNT},
};

const struct backend_kind backend_kind_sglang = {.kind = PLAN_BACKEND_SGLANG,
                                                 .name = "sglang",
                                                 .prefix = "sglang:",
                                                 .rules = rules,
                                                 .rule_count = COUNT_OF(rules)};
