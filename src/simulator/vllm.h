/*
 * What vLLM's server tells of itself at /metrics, for a simulated one: counts and times of
 * generations → text for Prometheus.
 * Source: vLLM's documentation, "Production Metrics": names, labels and meaning; the buckets are
 * those of its engine.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

#define VLLM_MAX_BOUNDS 22
#define VLLM_MODEL_BYTES 128

enum vllm_timing {
    VLLM_TTFT,  /* arrival to the first token */
    VLLM_ITL,   /* between two tokens that were sent apart */
    VLLM_E2E,   /* arrival to the end */
    VLLM_QUEUE, /* arrival to its turn */
    VLLM_TIMINGS,
};

enum vllm_finish { VLLM_STOP, VLLM_LENGTH, VLLM_ABORT, VLLM_FINISHES };

struct vllm_histogram {
    uint64_t counts[VLLM_MAX_BOUNDS + 1]; /* of one bucket each */
    uint64_t sum_ns;
};

struct vllm {
    char
        model[VLLM_MODEL_BYTES]; /* the first that was asked for: a vLLM server has one */
    uint64_t prompt_tokens;      /* all of them were looked for in the prefix cache … */
    uint64_t cached_tokens;      /* … and these were found */
    uint64_t generation_tokens;
    uint64_t finished[VLLM_FINISHES];
    struct vllm_histogram timings[VLLM_TIMINGS];
};

/* What goes on at this moment. */
struct vllm_load {
    uint64_t running;
    uint64_t waiting;
    double cache_usage; /* 0 to 1 */
};

void vllm_observe(struct vllm *vllm, enum vllm_timing timing, uint64_t from_ns,
                  uint64_t to_ns);

/* Returns buf_error. */
int vllm_write(const struct vllm *vllm, const struct vllm_load *load, struct buf *out);
