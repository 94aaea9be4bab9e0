/*
 * What servers tell, in one vocabulary: sums, counters and levels as their expositions have them, before
 * rates and shares are made of them (platform/backend_derive.h).
 */
#pragma once

#include <stdint.h>

enum backend_quantity {
    QUANTITY_RUNNING,
    QUANTITY_WAITING,
    QUANTITY_PENDING, /* waiting, of servers that tell nothing better */
    QUANTITY_CAPACITY,
    QUANTITY_QUEUE_S, /* counter: seconds in the queue … */
    QUANTITY_QUEUED,  /* … of so many requests, a counter too */
    QUANTITY_KV_USAGE,
    QUANTITY_KV_USED, /* blocks */
    QUANTITY_KV_TOTAL,
    QUANTITY_PREFIX_HITS,    /* counter, as the next */
    QUANTITY_PREFIX_QUERIES, /* of these so many were hits */
    QUANTITY_PREFIX_RATE,
    QUANTITY_FINISHED,          /* counter: requests */
    QUANTITY_PROMPT_TOKENS,     /* counter */
    QUANTITY_GENERATION_TOKENS, /* counter */
    QUANTITY_TTFT_S,            /* counters: seconds, and of so many requests */
    QUANTITY_TTFT_COUNT,
    QUANTITY_E2E_S,
    QUANTITY_E2E_COUNT,
    QUANTITY_PREEMPTIONS, /* counter */
    QUANTITY_GPU_UTILIZATION,
    QUANTITY_GPU_ENGINE, /* the same, of GPUs that are shared */
    QUANTITY_GPU_MEMORY_USED,
    QUANTITY_GPU_MEMORY_FREE,
    QUANTITY_GPU_MEMORY_TOTAL,
    QUANTITY_GPU_POWER,
    QUANTITY_GPU_TEMPERATURE,
    QUANTITY_GPU_THROTTLED,
    QUANTITY_CPU_USAGE,
    QUANTITY_CPU_IDLE_S, /* counter, of all CPUs */
    QUANTITY_CPU_ALL_S,  /* counter: idle and not */
    QUANTITY_CPU_USED_S, /* counter: not idle */
    QUANTITY_CPU_CORES,
    QUANTITY_MEMORY_USED,
    QUANTITY_MEMORY_AVAILABLE,
    QUANTITY_MEMORY_TOTAL,
    QUANTITY_COUNT,
};

/* What one exposition tells. All zero: nothing. */
struct backend_raw {
    uint64_t at_ns;
    double values[QUANTITY_COUNT];
    uint32_t samples[QUANTITY_COUNT]; /* that a value is made of; 0: it is not told */
};
