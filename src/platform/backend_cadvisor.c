/*
 * cAdvisor, also as part of the kubelet (/metrics/cadvisor): all containers together, which it calls "/".
 * Source: docs/storage/prometheus.md of google/cadvisor.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

#define ALL_CONTAINERS .label = "id", .value = "/"

static const struct backend_rule rules[] = {
    {.name = "container_cpu_usage_seconds_total",
     ALL_CONTAINERS,
     .quantity = QUANTITY_CPU_USED_S},
    {.name = "container_memory_working_set_bytes",
     ALL_CONTAINERS,
     .quantity = QUANTITY_MEMORY_USED},
    {.name = "machine_cpu_cores", .quantity = QUANTITY_CPU_CORES},
    {.name = "machine_memory_bytes", .quantity = QUANTITY_MEMORY_TOTAL},
};

const struct backend_kind backend_kind_cadvisor = {.kind = PLAN_BACKEND_CADVISOR,
                                                   .name = "cadvisor",
                                                   .prefix = "container_",
                                                   .rules = rules,
                                                   .rule_count = COUNT_OF(rules)};
