#include "measure/drift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expr/threshold.h"
#include "measure/metric.h"
#include "plan/plan.h"

#define FIRST_SLICES 1024

/* Of one histogram with 2 digits, and of the times that the censored waited. */
#define HISTOGRAM_BYTES (UINT64_C(26) * 1024)

static bool is_drift(const struct plan_threshold *threshold, const char *selector)
{
    struct threshold expression;
    const char *hint;

    return strcmp(threshold->selector, selector) == 0 &&
           threshold_parse(threshold->expression, &expression, &hint) == 0 &&
           expression.drift;
}

/* What a threshold on this metric reads beside counters. */
static void want(struct drift *drift, const struct plan *plan, const char *metric)
{
    enum metric found;

    if (metric_find(metric, &found) == 0)
        drift->metrics |= UINT64_C(1) << found;
    if (strncmp(metric, "tps", strlen("tps")) == 0)
        drift->metrics |= UINT64_C(1) << METRIC_TPOT;
    for (size_t i = 0; i < plan->metric_count && i < 64; i++)
        if (strcmp(plan->metrics[i].name, metric) == 0)
            drift->own_metrics |= UINT64_C(1) << i;
}

/* Whether any threshold asks for it. */
static bool want_all(struct drift *drift, const struct plan *plan, const char *selector)
{
    bool any = false;

    for (size_t i = 0; i < plan->threshold_count; i++) {
        if (!is_drift(&plan->thresholds[i], selector))
            continue;
        any = true;
        want(drift, plan, plan->thresholds[i].metric);
    }
    return any;
}

static void set_span(struct drift *drift, const struct plan *plan, uint64_t started_ns)
{
    uint64_t start_ns = 0;
    uint64_t end_ns = 0;
    uint64_t window_start_ns = 0;
    uint64_t window_end_ns = 0;
    const size_t phase = plan_longest_sustained(plan, &start_ns, &end_ns);

    plan_window(plan, &window_start_ns, &window_end_ns);
    if (start_ns < window_start_ns)
        start_ns = window_start_ns;
    if (end_ns > window_end_ns)
        end_ns = window_end_ns;
    if (end_ns < start_ns)
        end_ns = start_ns;
    drift->start_ns = started_ns + start_ns;
    drift->end_ns = started_ns + end_ns;
    drift->phase = phase < plan->phase_count ? plan->phases[phase].name : "";
}

static void set_slice(struct drift *drift)
{
    const uint64_t slice_ns = (drift->end_ns - drift->start_ns) / FIRST_SLICES;

    drift->slice_ns = slice_ns > 0 ? slice_ns : 1;
}

int drift_new(const struct plan *plan, const char *selector, uint64_t started_ns,
              struct drift **ret_drift)
{
    struct drift wanted = {0};
    struct drift *drift;

    *ret_drift = NULL;
    if (!want_all(&wanted, plan, selector))
        return 0;
    drift = calloc(1, sizeof(*drift));
    if (!drift)
        return -ENOMEM;
    *drift = wanted;
    set_span(drift, plan, started_ns);
    set_slice(drift);
    *ret_drift = drift;
    return 0;
}

static struct series *slice_free(struct series *slice)
{
    if (slice)
        series_deinit(slice);
    free(slice);
    return NULL;
}

struct drift *drift_free(struct drift *drift)
{
    for (size_t i = 0; drift && i < DRIFT_SLICES; i++)
        slice_free(drift->slices[i]);
    free(drift);
    return NULL;
}

void drift_follow(struct drift *drift, const struct plan *plan, const char *selector,
                  uint64_t started_ns, uint64_t now_ns)
{
    struct drift next = *drift;

    (void)want_all(drift, plan, selector);
    for (size_t i = 0; i < DRIFT_SLICES; i++) {
        if (drift->slices[i]) {
            drift->slices[i]->metrics = drift->metrics;
            drift->slices[i]->own_metrics = drift->own_metrics;
        }
    }
    set_span(&next, plan, started_ns);
    if (now_ns < drift->start_ns) {
        drift->start_ns = next.start_ns;
        drift->end_ns = next.end_ns;
        set_slice(drift);
    } else if (next.start_ns == drift->start_ns) {
        drift->end_ns = next.end_ns;
    } else {
        return; /* the name stays that of what has begun: plans outlive the run's figures */
    }
    drift->phase = next.phase;
}

/* Each two slices become one, and half of the places are free again. */
static int join(struct drift *drift)
{
    struct series *joined[DRIFT_SLICES] = {NULL};
    bool kept = true;

    for (size_t i = 0; i < DRIFT_SLICES; i += 2) {
        struct series *one = drift->slices[i];
        struct series *two = drift->slices[i + 1];

        joined[i / 2] = one ? one : two;
        if (!one || !two)
            continue;
        kept = series_add(one, two) && kept;
        series_reset(two);
        joined[DRIFT_SLICES / 2 + i / 2] = two;
    }
    memcpy((void *)drift->slices, (const void *)joined, sizeof(joined));
    drift->slice_ns *= 2;
    return kept ? 0 : -ENOMEM;
}

int drift_widen(struct drift *drift, uint64_t slice_ns)
{
    while (drift->slice_ns < slice_ns)
        if (join(drift) < 0)
            return -ENOMEM;
    return 0;
}

/* A place that nothing was in yet. */
static struct series *slice_new(const struct drift *drift)
{
    struct series *slice = malloc(sizeof(*slice));

    if (slice) {
        series_init(slice, HISTOGRAM_COARSE);
        slice->metrics = drift->metrics;
        slice->own_metrics = drift->own_metrics;
    }
    return slice;
}

int drift_slice(struct drift *drift, uint64_t moment_ns, struct series **ret_slice)
{
    struct series **slice;

    if (!drift || moment_ns < drift->start_ns || moment_ns >= drift->end_ns)
        return 0;
    while ((moment_ns - drift->start_ns) / drift->slice_ns >= DRIFT_SLICES)
        if (join(drift) < 0)
            return -ENOMEM;
    slice = &drift->slices[(moment_ns - drift->start_ns) / drift->slice_ns];
    if (!*slice)
        *slice = slice_new(drift);
    if (!*slice)
        return -ENOMEM;
    *ret_slice = *slice;
    return 1;
}

bool drift_match(struct drift *copy, const struct drift *from)
{
    const bool same =
        copy->slice_ns == from->slice_ns && copy->start_ns == from->start_ns &&
        copy->metrics == from->metrics && copy->own_metrics == from->own_metrics;

    copy->end_ns = from->end_ns;
    copy->phase = from->phase;
    if (same)
        return false;
    for (size_t i = 0; i < DRIFT_SLICES; i++)
        copy->slices[i] = slice_free(copy->slices[i]);
    copy->metrics = from->metrics;
    copy->own_metrics = from->own_metrics;
    copy->start_ns = from->start_ns;
    copy->slice_ns = from->slice_ns;
    return true;
}

uint64_t drift_bytes(const struct plan *plan, const char *selector)
{
    struct drift wanted = {0};
    uint64_t bytes = sizeof(struct series);

    if (!want_all(&wanted, plan, selector))
        return 0;
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        if (wanted.metrics >> metric & 1)
            bytes += HISTOGRAM_BYTES * (metric_info(metric)->censored ? 2 : 1);
    for (size_t i = 0; i < plan->metric_count && i < 64; i++)
        if (wanted.own_metrics >> i & 1 && plan->metrics[i].kind == PLAN_METRIC_TREND)
            bytes += HISTOGRAM_BYTES;
    return DRIFT_SLICES * bytes;
}
