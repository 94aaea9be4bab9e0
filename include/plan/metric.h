/*
 * What a metric of the scenario's own is to thresholds.
 */
#pragma once

#include "expr/threshold.h"
#include "plan/script.h"

/* Its kind: which aggregates it has, and what limits on it are written in. */
enum threshold_kind plan_metric_threshold_kind(const struct plan_metric *metric);
