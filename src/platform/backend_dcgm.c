/*
 * NVIDIA's DCGM exporter. Sources: etc/default-counters.csv of NVIDIA/dcgm-exporter for names and units
 * (memory in MiB, utilization in percent); nvml.h, nvmlClocksEventReasons, for the bits of what slows
 * a GPU down. A GPU that is cut into parts (MIG) has no utilization, but the activity of its engine.
 */
#include "base/cleanup.h"
#include "platform/backend_kind.h"

#define MIB 1048576.0
#define PERCENT 0.01

/* Limits of power, in software and hardware, and of temperature likewise; not idleness, nor what was set. */
#define SLOWED_BITS (0x4U | 0x8U | 0x20U | 0x40U | 0x80U)

static const struct backend_rule rules[] = {
    {.name = "DCGM_FI_DEV_GPU_UTIL",
     .quantity = QUANTITY_GPU_UTILIZATION,
     .fold = FOLD_MEAN,
     .scale = PERCENT},
    {.name = "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
     .quantity = QUANTITY_GPU_ENGINE,
     .fold = FOLD_MEAN},
    {.name = "DCGM_FI_DEV_FB_USED", .quantity = QUANTITY_GPU_MEMORY_USED, .scale = MIB},
    {.name = "DCGM_FI_DEV_FB_FREE", .quantity = QUANTITY_GPU_MEMORY_FREE, .scale = MIB},
    {.name = "DCGM_FI_DEV_POWER_USAGE", .quantity = QUANTITY_GPU_POWER},
    {.name = "DCGM_FI_DEV_GPU_TEMP",
     .quantity = QUANTITY_GPU_TEMPERATURE,
     .fold = FOLD_MAX},
    {.name = "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS",
     .quantity = QUANTITY_GPU_THROTTLED,
     .fold = FOLD_SHARE,
     .bits = SLOWED_BITS},
    /* The same, as DCGM 4 names it. */
    {.name = "DCGM_FI_DEV_CLOCKS_EVENT_REASONS",
     .quantity = QUANTITY_GPU_THROTTLED,
     .fold = FOLD_SHARE,
     .bits = SLOWED_BITS},
};

const struct backend_kind backend_kind_dcgm = {.kind = PLAN_BACKEND_DCGM,
                                               .name = "dcgm",
                                               .prefix = "DCGM_FI_",
                                               .rules = rules,
                                               .rule_count = COUNT_OF(rules)};
