/*
 * Service level objectives: how long what people ask for may take at most. What met all of its own is
 * the goodput (measure/slo.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct plan;

/* What an SLO may be on: metrics of the same names (measure/metric.h). */
enum plan_slo_metric {
    PLAN_SLO_TTFT,
    PLAN_SLO_TTFO,
    PLAN_SLO_TPOT,
    PLAN_SLO_E2E,
    PLAN_SLO_TTFB,
    PLAN_SLO_HTTP_REQ_DURATION,
    PLAN_SLO_OPERATION_DURATION,
    PLAN_SLO_COUNT,
};

/* The SLOs of a step. */
struct plan_slo {
    uint64_t limit_ns[PLAN_SLO_COUNT]; /* what took no longer met it; 0: none */
};

/* The metrics that some measured step has an SLO on: a bit (1 << enum plan_slo_metric) each. */
uint32_t plan_slo_metrics(const struct plan *plan);
