/*
 * What is known of the servers behind the target: one table of figures that all kinds of servers are
 * normalised to, whatever each calls them (platform/backend_kind.h). Thresholds, results, exposition and
 * documents have their names from here.
 */
#pragma once

#include <stddef.h>

enum backend_metric {
    BACKEND_RUNNING,
    BACKEND_WAITING,
    BACKEND_SATURATION, /* no server tells it: the book makes it of the running (measure/backend_book.h) */
    BACKEND_QUEUE_TIME,
    BACKEND_KV_CACHE_USAGE,
    BACKEND_PREFIX_HIT_RATE,
    BACKEND_REQUEST_RATE,
    BACKEND_PROMPT_RATE,
    BACKEND_GENERATION_RATE,
    BACKEND_TTFT,
    BACKEND_E2E,
    BACKEND_PREEMPTION_RATE,
    BACKEND_GPU_UTILIZATION,
    BACKEND_GPU_MEMORY_USED,
    BACKEND_GPU_MEMORY_USAGE,
    BACKEND_GPU_POWER,
    BACKEND_GPU_TEMPERATURE,
    BACKEND_GPU_THROTTLED,
    BACKEND_CPU_USAGE,
    BACKEND_MEMORY_USED,
    BACKEND_MEMORY_USAGE,
    BACKEND_METRIC_COUNT,
};

/* What a value counts; values are kept in base units (seconds, bytes, fractions). */
enum backend_unit {
    BACKEND_UNIT_REQUESTS,
    BACKEND_UNIT_SECONDS, /* results and thresholds have it in ms, as all times */
    BACKEND_UNIT_FRACTION,
    BACKEND_UNIT_PER_S,
    BACKEND_UNIT_BYTES,
    BACKEND_UNIT_WATTS,
    BACKEND_UNIT_CELSIUS,
};

struct backend_metric_info {
    const char *name;   /* of thresholds and results: "backend_waiting" */
    const char *family; /* of the exposition: "throng_backend_requests_waiting" */
    const char *help;   /* one sentence, without its full stop */
    enum backend_unit unit;
};

/* The names of a metric and what it says; static. */
const struct backend_metric_info *backend_metric_info(enum backend_metric metric);

/* Finds a metric by its name. Returns 0 or -ENOENT. */
int backend_metric_find(const char *name, enum backend_metric *ret_metric);

/* The unit of results: "requests", "ms", "fraction", "per_second", "bytes", "watts", "celsius". */
const char *backend_unit_name(enum backend_unit unit);

/* A value in base units → in the unit of results and thresholds. */
double backend_value_of(enum backend_metric metric, double value);
