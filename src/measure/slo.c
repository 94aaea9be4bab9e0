#include "measure/slo.h"

#include "measure/observe.h"
#include "measure/recorder.h"

/* One operation while it is judged. */
struct judging {
    const struct plan_slo *slo;
    bool open_loop;
    uint32_t observed;
    uint32_t missed;
};

enum metric slo_metric(enum plan_slo_metric metric)
{
    static const enum metric metrics[PLAN_SLO_COUNT] = {
        [PLAN_SLO_TTFT] = METRIC_TTFT,
        [PLAN_SLO_TTFO] = METRIC_TTFO,
        [PLAN_SLO_TPOT] = METRIC_TPOT,
        [PLAN_SLO_E2E] = METRIC_E2E,
        [PLAN_SLO_TTFB] = METRIC_TTFB,
        [PLAN_SLO_HTTP_REQ_DURATION] = METRIC_HTTP_REQ_DURATION,
        [PLAN_SLO_OPERATION_DURATION] = METRIC_OPERATION_DURATION,
    };

    return metrics[metric];
}

/* An arrival waits from the moment it was due, whenever it was sent. */
static enum metric source_of(enum plan_slo_metric metric, bool open_loop)
{
    if (open_loop && metric == PLAN_SLO_TTFT)
        return METRIC_TTFT_FROM_DUE;
    if (open_loop && metric == PLAN_SLO_E2E)
        return METRIC_E2E_FROM_DUE;
    return slo_metric(metric);
}

static void hold_against(struct judging *judging, enum plan_slo_metric metric,
                         uint64_t value_ns)
{
    const uint64_t limit_ns = judging->slo->limit_ns[metric];

    if (limit_ns == 0)
        return;
    judging->observed |= UINT32_C(1) << metric;
    if (value_ns > limit_ns)
        judging->missed |= UINT32_C(1) << metric;
}

static void hold_observation(struct judging *judging, const struct observation *seen)
{
    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++)
        if (source_of(metric, judging->open_loop) == seen->metric)
            hold_against(judging, metric, seen->value_ns);
}

/*
 * Where the first output came in a heap that throng read late, nobody knows the time per token, and no tpot
 * is recorded. It may have been as long as from the first moment at which that output can have come.
 */
static void hold_unknown_tpot(struct judging *judging, const struct sample *sample)
{
    const uint64_t first_ns = sample->ttft_width_ns
                                  ? sample->first_output_ns - sample->ttft_width_ns
                                  : sample->sent_ns;

    if ((sample->flags & SAMPLE_GENERATION_UNKNOWN) && sample->chunks >= 2 &&
        sample->completion_tokens >= 2 && outcome_is_whole(sample->outcome))
        hold_against(judging, PLAN_SLO_TPOT,
                     (sample->last_output_ns - first_ns) /
                         (sample->completion_tokens - 1));
}

static void hold_attempt(struct judging *judging, const struct sample *sample)
{
    struct observation seen[METRIC_COUNT];
    const size_t count = observe_sample(sample, seen);

    judging->open_loop = sample->flags & SAMPLE_OPEN_LOOP;
    for (size_t i = 0; i < count; i++)
        hold_observation(judging, &seen[i]);
    hold_unknown_tpot(judging, sample);
}

struct slo_judgement slo_judge(const struct plan_slo *slo,
                               const struct operation *operation,
                               const struct sample *last)
{
    struct judging judging = {.slo = slo};
    const struct observation whole = observe_operation(operation);

    if (!slo)
        return (struct slo_judgement){.judged = false};
    if (operation->failed)
        return (struct slo_judgement){.judged = true};
    hold_observation(&judging, &whole);
    if (last)
        hold_attempt(&judging, last);
    /* How one that was withdrawn would have ended is not known, unless it was too late by then. */
    if (operation->withdrawn)
        judging.observed = judging.missed;
    return (struct slo_judgement){
        .judged = judging.observed != 0,
        .met = judging.observed != 0 && judging.missed == 0,
        .observed = judging.observed,
        .missed = judging.missed,
    };
}

uint32_t slo_ignored(const struct plan *plan, const struct counters *counters)
{
    uint32_t ignored = plan_slo_metrics(plan);

    if (counters->ok + counters->degraded == 0)
        return 0;
    for (uint32_t metric = 0; metric < PLAN_SLO_COUNT; metric++)
        if (counters->slo_observed[metric] > 0)
            ignored &= ~(UINT32_C(1) << metric);
    return ignored;
}
