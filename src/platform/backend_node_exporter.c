/*
 * Prometheus' node_exporter: the machine. Source: its collectors `cpu` and `meminfo`, documented at
 * prometheus.io/docs/guides/node-exporter; waiting for a disk counts as idle.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

static const struct backend_rule rules[] = {
    {.name = "node_cpu_seconds_total", .quantity = QUANTITY_CPU_ALL_S},
    {.name = "node_cpu_seconds_total",
     .label = "mode",
     .value = "idle",
     .quantity = QUANTITY_CPU_IDLE_S},
    {.name = "node_cpu_seconds_total",
     .label = "mode",
     .value = "iowait",
     .quantity = QUANTITY_CPU_IDLE_S},
    {.name = "node_memory_MemTotal_bytes", .quantity = QUANTITY_MEMORY_TOTAL},
    {.name = "node_memory_MemAvailable_bytes", .quantity = QUANTITY_MEMORY_AVAILABLE},
};

const struct backend_kind backend_kind_node_exporter = {.kind =
                                                            PLAN_BACKEND_NODE_EXPORTER,
                                                        .name = "node_exporter",
                                                        .prefix = "node_",
                                                        .rules = rules,
                                                        .rule_count = COUNT_OF(rules)};
