#include "measure/backend_metric.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

#define MS_PER_S 1e3

static const struct backend_metric_info infos[BACKEND_METRIC_COUNT] = {
    [BACKEND_RUNNING] = {"backend_running", "throng_backend_requests_running",
                         "Requests that the server works on", BACKEND_UNIT_REQUESTS},
    [BACKEND_WAITING] = {"backend_waiting", "throng_backend_requests_waiting",
                         "Requests that wait in the server's queue",
                         BACKEND_UNIT_REQUESTS},
    [BACKEND_SATURATION] = {"backend_saturation", "throng_backend_saturation_ratio",
                            "Running requests over those that the server can run at once "
                            "(`capacity`, else the most that were seen running)",
                            BACKEND_UNIT_FRACTION},
    [BACKEND_QUEUE_TIME] = {"backend_queue_time", "throng_backend_queue_time_seconds",
                            "Mean time in the queue of the requests that left it since "
                            "the reading before",
                            BACKEND_UNIT_SECONDS},
    [BACKEND_KV_CACHE_USAGE] = {"backend_kv_cache_usage",
                                "throng_backend_kv_cache_usage_ratio",
                                "Share of the KV cache that is in use",
                                BACKEND_UNIT_FRACTION},
    [BACKEND_PREFIX_HIT_RATE] = {"backend_prefix_cache_hit_rate",
                                 "throng_backend_prefix_cache_hit_ratio",
                                 "Share of prompt tokens that were found in the prefix "
                                 "cache since the reading before",
                                 BACKEND_UNIT_FRACTION},
    [BACKEND_REQUEST_RATE] = {"backend_requests_per_second",
                              "throng_backend_requests_per_second",
                              "Requests that the server finished per second",
                              BACKEND_UNIT_PER_S},
    [BACKEND_PROMPT_RATE] = {"backend_prompt_tokens_per_second",
                             "throng_backend_prompt_tokens_per_second",
                             "Prompt tokens that the server processed per second",
                             BACKEND_UNIT_PER_S},
    [BACKEND_GENERATION_RATE] = {"backend_generation_tokens_per_second",
                                 "throng_backend_generation_tokens_per_second",
                                 "Tokens that the server generated per second",
                                 BACKEND_UNIT_PER_S},
    [BACKEND_TTFT] = {"backend_ttft", "throng_backend_time_to_first_token_seconds",
                      "Mean time to the first token by the server's own clock, since the "
                      "reading before",
                      BACKEND_UNIT_SECONDS},
    [BACKEND_E2E] = {"backend_e2e", "throng_backend_request_duration_seconds",
                     "Mean duration of a request by the server's own clock, since the "
                     "reading before",
                     BACKEND_UNIT_SECONDS},
    [BACKEND_PREEMPTION_RATE] = {"backend_preemptions_per_second",
                                 "throng_backend_preemptions_per_second",
                                 "Requests per second that lost their place, since the "
                                 "KV cache was full",
                                 BACKEND_UNIT_PER_S},
    [BACKEND_GPU_UTILIZATION] = {"gpu_utilization",
                                 "throng_backend_gpu_utilization_ratio",
                                 "Share of the time in which the GPU worked, as a mean "
                                 "over the server's GPUs",
                                 BACKEND_UNIT_FRACTION},
    [BACKEND_GPU_MEMORY_USED] = {"gpu_memory_used",
                                 "throng_backend_gpu_memory_used_bytes",
                                 "GPU memory in use, of all GPUs", BACKEND_UNIT_BYTES},
    [BACKEND_GPU_MEMORY_USAGE] = {"gpu_memory_usage",
                                  "throng_backend_gpu_memory_usage_ratio",
                                  "Share of the GPU memory that is in use",
                                  BACKEND_UNIT_FRACTION},
    [BACKEND_GPU_POWER] = {"gpu_power", "throng_backend_gpu_power_watts",
                           "Power that all GPUs draw", BACKEND_UNIT_WATTS},
    [BACKEND_GPU_TEMPERATURE] = {"gpu_temperature",
                                 "throng_backend_gpu_temperature_celsius",
                                 "Temperature of the hottest GPU", BACKEND_UNIT_CELSIUS},
    [BACKEND_GPU_THROTTLED] = {"gpu_throttled", "throng_backend_gpu_throttled_ratio",
                               "Share of the GPUs that are slowed down by a limit of "
                               "power or temperature, or of the time in which one is",
                               BACKEND_UNIT_FRACTION},
    [BACKEND_CPU_USAGE] = {"host_cpu_usage", "throng_backend_cpu_usage_ratio",
                           "Share of the CPUs, or of what the container may have of "
                           "them, that is in use",
                           BACKEND_UNIT_FRACTION},
    [BACKEND_MEMORY_USED] = {"host_memory_used", "throng_backend_memory_used_bytes",
                             "Memory in use, of the machine or the container",
                             BACKEND_UNIT_BYTES},
    [BACKEND_MEMORY_USAGE] = {"host_memory_usage", "throng_backend_memory_usage_ratio",
                              "Share of the memory that is in use",
                              BACKEND_UNIT_FRACTION},
};

const struct backend_metric_info *backend_metric_info(enum backend_metric metric)
{
    assert(metric < BACKEND_METRIC_COUNT);
    return &infos[metric];
}

int backend_metric_find(const char *name, enum backend_metric *ret_metric)
{
    for (size_t i = 0; i < COUNT_OF(infos); i++) {
        if (strcmp(infos[i].name, name) == 0) {
            *ret_metric = (enum backend_metric)i;
            return 0;
        }
    }
    return -ENOENT;
}

const char *backend_unit_name(enum backend_unit unit)
{
    static const char *const names[] = {
        [BACKEND_UNIT_REQUESTS] = "requests", [BACKEND_UNIT_SECONDS] = "ms",
        [BACKEND_UNIT_FRACTION] = "fraction", [BACKEND_UNIT_PER_S] = "per_second",
        [BACKEND_UNIT_BYTES] = "bytes",       [BACKEND_UNIT_WATTS] = "watts",
        [BACKEND_UNIT_CELSIUS] = "celsius",
    };

    return names[unit];
}

double backend_value_of(enum backend_metric metric, double value)
{
    return infos[metric].unit == BACKEND_UNIT_SECONDS ? value * MS_PER_S : value;
}
