/*
 * Goodput: which operations met the service level objectives of their step. The last attempt decides
 * about latencies, `operation_duration` spans them all. doc/metrics.md has the rules.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "measure/metric.h"
#include "plan/slo.h"

struct counters;
struct operation;
struct plan;
struct sample;

/* What became of one operation. Metrics are bits, 1 << enum plan_slo_metric. */
struct slo_judgement {
    bool judged; /* it had an SLO, and whether it met all of them is known */
    bool met;
    uint32_t observed; /* what had a value that an SLO is on; of one that failed: none */
    uint32_t missed;   /* of them: over their limit */
};

/* The metric that an SLO is on. */
enum metric slo_metric(enum plan_slo_metric metric);

/* Judges an operation that is over. slo: of its step, NULL: none; last: its last attempt, NULL: none. */
struct slo_judgement slo_judge(const struct plan_slo *slo,
                               const struct operation *operation,
                               const struct sample *last);

/*
 * The metrics that the plan has an SLO on and no operation had a value of, though there were good answers:
 * those SLOs were ignored.
 */
uint32_t slo_ignored(const struct plan *plan, const struct counters *counters);
