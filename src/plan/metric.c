#include "plan/metric.h"

enum threshold_kind plan_metric_threshold_kind(const struct plan_metric *metric)
{
    switch (metric->kind) {
    case PLAN_METRIC_COUNTER:
        return THRESHOLD_OF_COUNT;
    case PLAN_METRIC_RATE:
        return THRESHOLD_OF_SHARE;
    case PLAN_METRIC_GAUGE:
        return metric->is_time ? THRESHOLD_OF_TIME_LEVEL : THRESHOLD_OF_LEVEL;
    case PLAN_METRIC_TREND:
        break;
    }
    return metric->is_time ? THRESHOLD_OF_TIME : THRESHOLD_OF_NUMBERS;
}
