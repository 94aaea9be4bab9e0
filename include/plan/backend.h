/*
 * Backends: the servers behind the target, as their own metrics tell of them. They are asked while
 * the load goes on, over connections of their own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct plan_pair;
struct secret;

/* Who writes the exposition: which names stand for what. */
enum plan_backend_kind {
    PLAN_BACKEND_AUTO, /* found from the names in it */
    PLAN_BACKEND_VLLM,
    PLAN_BACKEND_SGLANG,
    PLAN_BACKEND_TGI,
    PLAN_BACKEND_TRITON,
    PLAN_BACKEND_LLAMA_CPP,
    PLAN_BACKEND_DCGM,
    PLAN_BACKEND_NODE_EXPORTER,
    PLAN_BACKEND_CADVISOR,
};

/* One address that is asked for metrics. */
struct plan_backend {
    const char *name; /* label `backend` */
    const char *url;  /* whole, with its path; NULL: the target's /metrics */
    uint32_t
        target; /* whose /metrics it is where url is NULL, and who is compared with it */
    enum plan_backend_kind kind;
    uint64_t interval_ns;
    uint64_t timeout_ns;
    uint64_t
        capacity; /* requests that it can run at once; 0: not stated, the most seen counts */
    const struct secret *token; /* bearer; NULL: none */
    const struct plan_pair *headers;
    size_t header_count;
};
