#include "measure/recovery.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "measure/observe.h"
#include "measure/spike.h"
#include "plan/plan.h"

#define FIRST_POINTS ((size_t)256)

int recoveries_init(struct recoveries *recoveries, const struct plan *plan,
                    uint64_t started_ns)
{
    uint64_t end_ns = started_ns;
    size_t spikes = 0;

    *recoveries = (struct recoveries){0};
    for (size_t i = 0; i < plan->phase_count; i++)
        spikes += plan->phases[i].kind == PLAN_PHASE_SPIKE;
    if (spikes == 0)
        return 0;
    recoveries->each = calloc(spikes, sizeof(*recoveries->each));
    if (!recoveries->each)
        return -ENOMEM;
    for (size_t i = 0; i < plan->phase_count; i++) {
        end_ns += plan->phases[i].duration_ns;
        if (plan->phases[i].kind != PLAN_PHASE_SPIKE)
            continue;
        recoveries->each[recoveries->count++] = (struct recovery){
            .spike = i,
            .from_ns = end_ns,
            .until_ns = i + 1 < plan->phase_count
                            ? end_ns + plan->phases[i + 1].duration_ns
                            : end_ns,
        };
    }
    return 0;
}

void recoveries_deinit(struct recoveries *recoveries)
{
    for (size_t i = 0; i < recoveries->count; i++)
        free(recoveries->each[i].points);
    free(recoveries->each);
    *recoveries = (struct recoveries){0};
}

int recoveries_follow(struct recoveries *recoveries, const struct plan *plan,
                      uint64_t started_ns)
{
    struct recoveries next;
    const int r = recoveries_init(&next, plan, started_ns);

    if (r < 0)
        return r;
    for (size_t i = 0; i < next.count; i++) {
        struct recovery *into = &next.each[i];

        for (size_t j = 0; j < recoveries->count; j++) {
            struct recovery *from = &recoveries->each[j];

            if (from->from_ns != into->from_ns || !from->points)
                continue;
            into->points = from->points;
            into->count = from->count;
            into->cap = from->cap;
            from->points = NULL;
        }
    }
    recoveries_deinit(recoveries);
    *recoveries = next;
    return 0;
}

static uint32_t clamp(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

bool recovery_add_point(struct recovery *recovery, struct recovery_point point)
{
    if (recovery->count == RECOVERY_POINTS_MAX)
        return true;
    if (recovery->count == recovery->cap) {
        const size_t cap = recovery->cap ? recovery->cap * 2 : FIRST_POINTS;
        struct recovery_point *points =
            reallocarray(recovery->points, cap, sizeof(*points));

        if (!points)
            return false;
        recovery->points = points;
        recovery->cap = cap;
    }
    recovery->points[recovery->count++] = point;
    return true;
}

static bool add_sample(struct recovery *recovery, const struct sample *sample)
{
    const bool streamed = sample->flags & SAMPLE_STREAMED;
    const enum metric metric = streamed ? METRIC_TTFT : METRIC_E2E;
    struct observation observations[METRIC_COUNT];
    const size_t count = observe_sample(sample, observations);

    for (size_t i = 0; i < count; i++) {
        if (observations[i].metric != metric)
            continue;
        return recovery_add_point(
            recovery,
            (struct recovery_point){
                .due_ms = clamp((sample->due_ns - recovery->from_ns) / NS_PER_MS),
                .latency_us = clamp(observations[i].value_ns / NS_PER_US),
                .streamed = streamed,
                .censored = observations[i].censored,
                .withdrawn = outcome_is_withdrawn(sample->outcome),
            });
    }
    return true;
}

bool recoveries_add(struct recoveries *recoveries, const struct sample *sample)
{
    for (size_t i = 0; i < recoveries->count; i++) {
        struct recovery *recovery = &recoveries->each[i];

        if (sample->due_ns >= recovery->from_ns && sample->due_ns < recovery->until_ns)
            return add_sample(recovery, sample);
    }
    return true;
}

static int sooner_due_first(const void *a, const void *b)
{
    const struct recovery_point *one = a;
    const struct recovery_point *other = b;

    return one->due_ms < other->due_ms ? -1 : one->due_ms > other->due_ms;
}

/* The requests of a stretch of time. */
struct window {
    const struct recovery_rule *rule;
    size_t counted;
    size_t slow; /* of them */
};

/* Takes a request into the window (by 1) or out of it (by −1). */
static void count_point(struct window *window, const struct recovery_point *point,
                        size_t by)
{
    const bool long_wait = point->latency_us > clamp(window->rule->limit_ns / NS_PER_US);

    if (point->streamed != window->rule->streamed)
        return;
    /* Cut off before the limit, it could have become a good one as well. */
    if (point->censored && point->withdrawn && !long_wait)
        return;
    window->counted += by;
    if (point->censored || long_wait)
        window->slow += by;
}

/* Whether its p95 (nearest rank) is within the limit. */
static bool is_good(const struct window *window)
{
    return window->counted >= SPIKE_RECOVERY_REQUESTS &&
           window->slow <= window->counted / 20;
}

enum recovery_found recovery_find(struct recovery *recovery,
                                  const struct recovery_rule *rule,
                                  uint64_t *ret_after_ns)
{
    const uint64_t until_ns =
        rule->until_ns < recovery->until_ns ? rule->until_ns : recovery->until_ns;
    const struct recovery_point *points = recovery->points;
    struct window window = {.rule = rule};
    enum recovery_found found = RECOVERY_TOO_FEW;
    size_t from = 0;
    size_t to = 0;

    if (recovery->count > 0)
        qsort(recovery->points, recovery->count, sizeof(*points), sooner_due_first);
    for (uint64_t at_ns = 0;
         recovery->from_ns + at_ns + SPIKE_RECOVERY_WINDOW_NS <= until_ns;
         at_ns += SPIKE_RECOVERY_STEP_NS) {
        const uint64_t at_ms = at_ns / NS_PER_MS;
        const uint64_t end_ms = at_ms + SPIKE_RECOVERY_WINDOW_NS / NS_PER_MS;

        for (; from < to && points[from].due_ms < at_ms; from++)
            count_point(&window, &points[from], SIZE_MAX);
        for (; from == to && to < recovery->count && points[to].due_ms < at_ms; to++)
            from++;
        for (; to < recovery->count &&
               (points[to].due_ms < end_ms || window.counted < SPIKE_RECOVERY_REQUESTS);
             to++)
            count_point(&window, &points[to], 1);
        if (is_good(&window)) {
            *ret_after_ns = at_ns;
            return RECOVERY_FOUND;
        }
        if (window.counted >= SPIKE_RECOVERY_REQUESTS)
            found = RECOVERY_NOT_FOUND;
    }
    return found;
}
