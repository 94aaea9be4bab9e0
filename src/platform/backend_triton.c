/*
 * Triton Inference Server, also with TensorRT-LLM behind it. Sources: Triton's documentation, "Metrics"
 * (user_guide/metrics); the README of triton-inference-server/tensorrtllm_backend, "Triton Metrics", for
 * what begins with nv_trt_llm_. Of models that are made of others each part has samples of its own, so that
 * times are means over parts.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

#define US 1e-6
#define MS 1e-3
#define REQUESTS(type)                                                                   \
    .name = "nv_trt_llm_request_metrics", .label = "request_type", .value = (type)
#define BLOCKS(type)                                                                     \
    .name = "nv_trt_llm_kv_cache_block_metrics", .label = "kv_cache_block_type",         \
    .value = (type)

static const struct backend_rule rules[] = {
    {REQUESTS("scheduled"), .quantity = QUANTITY_RUNNING},
    {REQUESTS("waiting"), .quantity = QUANTITY_WAITING},
    {REQUESTS("max"), .quantity = QUANTITY_CAPACITY},
    {.name = "nv_inference_pending_request_count", .quantity = QUANTITY_PENDING},
    {BLOCKS("fraction"), .quantity = QUANTITY_KV_USAGE, .fold = FOLD_MEAN},
    {BLOCKS("used"), .quantity = QUANTITY_KV_USED},
    {BLOCKS("max"), .quantity = QUANTITY_KV_TOTAL},
    {.name = "nv_inference_queue_duration_us", .quantity = QUANTITY_QUEUE_S, .scale = US},
    {.name = "nv_inference_request_success", .quantity = QUANTITY_QUEUED},
    {.name = "nv_inference_request_success", .quantity = QUANTITY_FINISHED},
    {.name = "nv_inference_request_duration_us", .quantity = QUANTITY_E2E_S, .scale = US},
    {.name = "nv_inference_request_success", .quantity = QUANTITY_E2E_COUNT},
    {.name = "nv_inference_first_response_histogram_ms_sum",
     .quantity = QUANTITY_TTFT_S,
     .scale = MS},
    {.name = "nv_inference_first_response_histogram_ms_count",
     .quantity = QUANTITY_TTFT_COUNT},
    {.name = "nv_gpu_utilization",
     .quantity = QUANTITY_GPU_UTILIZATION,
     .fold = FOLD_MEAN},
    {.name = "nv_gpu_memory_used_bytes", .quantity = QUANTITY_GPU_MEMORY_USED},
    {.name = "nv_gpu_memory_total_bytes", .quantity = QUANTITY_GPU_MEMORY_TOTAL},
    {.name = "nv_gpu_power_usage", .quantity = QUANTITY_GPU_POWER},
    {.name = "nv_cpu_utilization", .quantity = QUANTITY_CPU_USAGE, .fold = FOLD_MEAN},
    {.name = "nv_cpu_memory_used_bytes", .quantity = QUANTITY_MEMORY_USED},
    {.name = "nv_cpu_memory_total_bytes", .quantity = QUANTITY_MEMORY_TOTAL},
};

const struct backend_kind backend_kind_triton = {.kind = PLAN_BACKEND_TRITON,
                                                 .name = "triton",
                                                 .prefix = "nv_",
                                                 .rules = rules,
                                                 .rule_count = COUNT_OF(rules)};
