#include "measure/spike.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "measure/recorder.h"
#include "measure/recovery.h"
#include "plan/plan.h"

const char *spike_recovery_name(enum spike_recovery recovery)
{
    switch (recovery) {
    case SPIKE_RECOVERED:
        return "recovered";
    case SPIKE_NOT_RECOVERED:
        return "not_recovered";
    case SPIKE_UNKNOWN:
        break;
    }
    return "unknown";
}

size_t spike_count(const struct recorder *recorder)
{
    return recorder_recoveries(recorder)->count;
}

/* Where the figures of a spike's phases go, by the phases' names. */
struct stages {
    const char *names[3];
    struct spike_stage *stages[3];
};

static struct histogram_quantile quantile_of(const struct series_view *series,
                                             enum metric metric, double q)
{
    const struct histogram *histogram = series->histograms[metric];

    return histogram ? histogram_quantile(histogram, q) : (struct histogram_quantile){0};
}

static struct spike_stage stage_of(const struct series_view *series)
{
    const struct counters *counters = series->counters;
    const uint64_t ended = counters->ok + counters->degraded + counters->failed;

    return (struct spike_stage){
        .requests = counters->started,
        .failed = counters->failed,
        .error_rate = ended > 0 ? (double)counters->failed / (double)ended : (double)NAN,
        .ttft_p50 = quantile_of(series, METRIC_TTFT, 0.50),
        .ttft_p95 = quantile_of(series, METRIC_TTFT, 0.95),
        .e2e_p95 = quantile_of(series, METRIC_E2E, 0.95),
    };
}

static void on_series(void *ctx, const struct series_view *series)
{
    const struct stages *stages = ctx;

    if (strcmp(series->key, "phase") != 0)
        return;
    for (size_t i = 0; i < 3; i++) {
        if (!stages->names[i] || strcmp(stages->names[i], series->value) != 0)
            continue;
        *stages->stages[i] = stage_of(series);
        stages->stages[i]->phase =
            stages->names[i]; /* the plan's: the view's ends here */
    }
}

static void judge(struct spike_view *spike, struct recovery *recovery,
                  uint64_t load_end_ns)
{
    const struct histogram_quantile *ttft = &spike->before.ttft_p95;
    const bool streamed = spike->before.ttft_p50.known;
    const struct histogram_quantile *before = streamed ? ttft : &spike->before.e2e_p95;
    const struct recovery_rule rule = {
        .streamed = streamed,
        .limit_ns = (uint64_t)((double)before->value_ns * SPIKE_RECOVERY_FACTOR),
        .until_ns = load_end_ns,
    };

    spike->metric = streamed ? METRIC_TTFT : METRIC_E2E;
    spike->recovery = SPIKE_UNKNOWN;
    if (!before->known || before->above)
        return;
    switch (recovery_find(recovery, &rule, &spike->recovery_ns)) {
    case RECOVERY_FOUND:
        spike->recovery = SPIKE_RECOVERED;
        break;
    case RECOVERY_NOT_FOUND:
        spike->recovery = SPIKE_NOT_RECOVERED;
        break;
    case RECOVERY_TOO_FEW:
        break;
    }
}

void spike_of(const struct recorder *recorder, size_t index, uint64_t load_end_ns,
              struct spike_view *ret_spike)
{
    const struct recoveries *recoveries = recorder_recoveries(recorder);
    const struct plan *plan = recorder_options(recorder)->plan;
    struct stages stages = {
        .stages = {&ret_spike->before, &ret_spike->during, &ret_spike->after}};
    size_t phase;

    assert(index < recoveries->count);
    phase = recoveries->each[index].spike;
    *ret_spike = (struct spike_view){.phase = phase, .users = plan->phases[phase].users};
    for (size_t i = 0; i < 3; i++)
        stages.stages[i]->error_rate = (double)NAN;
    stages.names[0] = phase > 0 ? plan->phases[phase - 1].name : NULL;
    stages.names[1] = plan->phases[phase].name;
    stages.names[2] = phase + 1 < plan->phase_count ? plan->phases[phase + 1].name : NULL;
    recorder_each(recorder, RECORDER_ALL, on_series, &stages);
    judge(ret_spike, &recoveries->each[index],
          recorder_planned_ns(recorder, load_end_ns));
}
