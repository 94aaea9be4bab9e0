#include "platform/backend_derive.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

/* Two expositions of one server. */
struct pair {
    const struct backend_raw *before; /* NULL: none */
    const struct backend_raw *now;
};

static double level(const struct pair *pair, enum backend_quantity quantity)
{
    return pair->now->samples[quantity] > 0 ? pair->now->values[quantity] : (double)NAN;
}

/* By how much a counter rose; NAN: not known. */
static double increase(const struct pair *pair, enum backend_quantity quantity)
{
    double by;

    if (!pair->before || pair->before->samples[quantity] == 0 ||
        pair->now->samples[quantity] == 0)
        return (double)NAN;
    by = pair->now->values[quantity] - pair->before->values[quantity];
    return by >= 0 ? by : (double)NAN;
}

static double per_second(const struct pair *pair, enum backend_quantity quantity)
{
    const double by = increase(pair, quantity);

    return isnan(by) || pair->now->at_ns <= pair->before->at_ns
               ? (double)NAN
               : by * (double)NS_PER_S / (double)(pair->now->at_ns - pair->before->at_ns);
}

/* NAN where there is nothing to divide by. */
static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static double mean(const struct pair *pair, enum backend_quantity sum,
                   enum backend_quantity count)
{
    return ratio(increase(pair, sum), increase(pair, count));
}

static double first_known(double one, double other)
{
    return isnan(one) ? other : one;
}

static double prefix_hit_rate(const struct pair *pair)
{
    return first_known(ratio(increase(pair, QUANTITY_PREFIX_HITS),
                             increase(pair, QUANTITY_PREFIX_QUERIES)),
                       level(pair, QUANTITY_PREFIX_RATE));
}

static double kv_cache_usage(const struct pair *pair)
{
    return first_known(
        level(pair, QUANTITY_KV_USAGE),
        ratio(level(pair, QUANTITY_KV_USED), level(pair, QUANTITY_KV_TOTAL)));
}

static double gpu_memory_usage(const struct pair *pair)
{
    const double used = level(pair, QUANTITY_GPU_MEMORY_USED);
    const double total = first_known(level(pair, QUANTITY_GPU_MEMORY_TOTAL),
                                     used + level(pair, QUANTITY_GPU_MEMORY_FREE));

    return ratio(used, total);
}

static double cpu_usage(const struct pair *pair)
{
    const double idle =
        ratio(increase(pair, QUANTITY_CPU_IDLE_S), increase(pair, QUANTITY_CPU_ALL_S));
    const double used =
        ratio(per_second(pair, QUANTITY_CPU_USED_S), level(pair, QUANTITY_CPU_CORES));

    return first_known(level(pair, QUANTITY_CPU_USAGE), first_known(1 - idle, used));
}

static double memory_used(const struct pair *pair)
{
    return first_known(level(pair, QUANTITY_MEMORY_USED),
                       level(pair, QUANTITY_MEMORY_TOTAL) -
                           level(pair, QUANTITY_MEMORY_AVAILABLE));
}

static void derive_requests(const struct pair *pair, double *values)
{
    values[BACKEND_RUNNING] = level(pair, QUANTITY_RUNNING);
    values[BACKEND_WAITING] =
        first_known(level(pair, QUANTITY_WAITING), level(pair, QUANTITY_PENDING));
    values[BACKEND_QUEUE_TIME] = mean(pair, QUANTITY_QUEUE_S, QUANTITY_QUEUED);
    values[BACKEND_KV_CACHE_USAGE] = kv_cache_usage(pair);
    values[BACKEND_PREFIX_HIT_RATE] = prefix_hit_rate(pair);
    values[BACKEND_REQUEST_RATE] = per_second(pair, QUANTITY_FINISHED);
    values[BACKEND_PROMPT_RATE] = per_second(pair, QUANTITY_PROMPT_TOKENS);
    values[BACKEND_GENERATION_RATE] = per_second(pair, QUANTITY_GENERATION_TOKENS);
    values[BACKEND_TTFT] = mean(pair, QUANTITY_TTFT_S, QUANTITY_TTFT_COUNT);
    values[BACKEND_E2E] = mean(pair, QUANTITY_E2E_S, QUANTITY_E2E_COUNT);
    values[BACKEND_PREEMPTION_RATE] = per_second(pair, QUANTITY_PREEMPTIONS);
}

static void derive_machine(const struct pair *pair, double *values)
{
    values[BACKEND_GPU_UTILIZATION] = first_known(level(pair, QUANTITY_GPU_UTILIZATION),
                                                  level(pair, QUANTITY_GPU_ENGINE));
    values[BACKEND_GPU_MEMORY_USED] = level(pair, QUANTITY_GPU_MEMORY_USED);
    values[BACKEND_GPU_MEMORY_USAGE] = gpu_memory_usage(pair);
    values[BACKEND_GPU_POWER] = level(pair, QUANTITY_GPU_POWER);
    values[BACKEND_GPU_TEMPERATURE] = level(pair, QUANTITY_GPU_TEMPERATURE);
    values[BACKEND_GPU_THROTTLED] = level(pair, QUANTITY_GPU_THROTTLED);
    values[BACKEND_CPU_USAGE] = cpu_usage(pair);
    values[BACKEND_MEMORY_USED] = memory_used(pair);
    values[BACKEND_MEMORY_USAGE] =
        ratio(values[BACKEND_MEMORY_USED], level(pair, QUANTITY_MEMORY_TOTAL));
}

struct backend_reading backend_derive(const struct backend_raw *before,
                                      const struct backend_raw *now)
{
    const struct pair pair = {.before = before, .now = now};
    struct backend_reading reading = backend_reading_none(now->at_ns);
    const double capacity = level(&pair, QUANTITY_CAPACITY);

    derive_requests(&pair, reading.values);
    derive_machine(&pair, reading.values);
    reading.capacity = capacity > 0 ? capacity : 0;
    return reading;
}
