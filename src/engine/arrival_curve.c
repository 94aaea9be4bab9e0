#include "engine/arrival_curve.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "engine/arrival_times.h"
#include "plan/plan.h"

/*
 * An arrival so near to the end of a phase belongs to the next one: sums of gaps and integrals are
 * rounded, and 600 arrivals of 10/s in a minute must not become 601.
 */
#define END_TOLERANCE 1e-9

/* A century. */
#define NEVER_NS 3.2e18

struct arrival_curve {
    struct arrival_times times;
    struct plan_phase *phases; /* owned */
    size_t phase_count;
    size_t phase_cap;
    double
        base; /* arrivals expected before the first phase, below 0 where others took its place */

    size_t index; /* of the phase that the next arrival was looked for in last */
    uint64_t phase_start_ns;
    double phase_start; /* arrivals expected before it */

    bool is_steady; /* set_rate was called: from then on there is but one rate */
    double steady_rate_per_s;
    uint64_t steady_from_ns;
    double steady_from; /* arrivals expected by then */

    struct rng rng;
    enum plan_arrival_kind kind;
    double burstiness;
    uint64_t number; /* of the next arrival, of all workers */
    bool is_known;   /* its moment was worked out already: */
    uint64_t at_ns;
    double due; /* it comes when so many are expected */
    uint32_t worker_index;
    uint32_t worker_count;
};

static struct arrival_curve *of_times(struct arrival_times *times)
{
    return (struct arrival_curve *)(void *)times;
}

/* Of mean 1. */
static double draw_gap(struct arrival_curve *curve)
{
    switch (curve->kind) {
    case PLAN_ARRIVALS_POISSON:
        return rng_exponential(&curve->rng);
    case PLAN_ARRIVALS_GAMMA:
        return rng_gamma(&curve->rng, curve->burstiness) / curve->burstiness;
    case PLAN_ARRIVALS_NONE:
    case PLAN_ARRIVALS_CONSTANT:
    case PLAN_ARRIVALS_TRACE:
        break;
    }
    return 1;
}

/* On to this worker's next one. */
static void take(struct arrival_times *times)
{
    struct arrival_curve *curve = of_times(times);

    curve->is_known = false;
    do {
        curve->number++;
        curve->due += draw_gap(curve);
    } while (curve->number % curve->worker_count != curve->worker_index);
}

static void rewind_phases(struct arrival_curve *curve)
{
    curve->is_known = false;
    curve->index = 0;
    curve->phase_start_ns = 0;
    curve->phase_start = curve->base;
}

static bool peek_steady(const struct arrival_curve *curve, uint64_t *ret_at_ns)
{
    const double left = fmax(curve->due - curve->steady_from, 0);
    const double wait_ns = left / curve->steady_rate_per_s * (double)NS_PER_S;

    /* So seldom that no run lasts until then is never. */
    if (curve->steady_rate_per_s <= 0 || wait_ns > NEVER_NS)
        return false;
    *ret_at_ns = curve->steady_from_ns + (uint64_t)wait_ns;
    return true;
}

static bool peek(struct arrival_times *times, uint64_t *ret_at_ns, uint64_t *ret_number)
{
    struct arrival_curve *curve = of_times(times);

    *ret_number = curve->number;
    if (curve->is_steady)
        return peek_steady(curve, ret_at_ns);
    if (curve->is_known) {
        *ret_at_ns = curve->at_ns;
        return true;
    }
    for (; curve->index < curve->phase_count; curve->index++) {
        const struct plan_phase *phase = &curve->phases[curve->index];
        const double whole = plan_phase_arrivals(phase, phase->duration_ns);
        const double left = curve->due - curve->phase_start;

        if (left < whole - END_TOLERANCE) {
            curve->at_ns =
                curve->phase_start_ns + plan_phase_arrival_ns(phase, left > 0 ? left : 0);
            curve->is_known = true;
            *ret_at_ns = curve->at_ns;
            return true;
        }
        curve->phase_start_ns += phase->duration_ns;
        curve->phase_start += whole;
    }
    return false;
}

/* By a moment of the load, from where the phases begin. */
static double expected_of_phases(const struct plan_phase *phases, size_t count,
                                 uint64_t at_ns)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += plan_phase_arrivals(&phases[i], at_ns);
        if (at_ns <= phases[i].duration_ns)
            break;
        at_ns -= phases[i].duration_ns;
    }
    return sum;
}

static double expected_by(const struct arrival_curve *curve, uint64_t at_ns)
{
    if (curve->is_steady)
        return curve->steady_from + curve->steady_rate_per_s *
                                        (double)(at_ns - curve->steady_from_ns) /
                                        (double)NS_PER_S;
    return curve->base + expected_of_phases(curve->phases, curve->phase_count, at_ns);
}

static int reserve(struct arrival_curve *curve, size_t count)
{
    struct plan_phase *phases;
    const size_t cap = count > curve->phase_cap * 2 ? count : curve->phase_cap * 2;

    if (count <= curve->phase_cap)
        return 0;
    phases = reallocarray(curve->phases, cap, sizeof(*phases));
    if (!phases)
        return -ENOMEM;
    curve->phases = phases;
    curve->phase_cap = cap;
    return 0;
}

static int append(struct arrival_times *times, const struct plan_phase *phase)
{
    struct arrival_curve *curve = of_times(times);
    const int r = reserve(curve, curve->phase_count + 1);

    if (r == 0)
        curve->phases[curve->phase_count++] = *phase;
    return r;
}

static int take_plan(struct arrival_curve *curve, const struct plan *plan)
{
    const int r = reserve(curve, plan->phase_count);

    if (r < 0)
        return r;
    if (plan->phase_count > 0)
        memcpy(curve->phases, plan->phases, plan->phase_count * sizeof(*plan->phases));
    curve->phase_count = plan->phase_count;
    curve->kind = plan->arrivals.kind;
    curve->burstiness = plan->arrivals.burstiness > 0 ? plan->arrivals.burstiness : 1;
    return 0;
}

/* What was expected so far stays so: the arrival that is due next comes no earlier and no later for it. */
static int follow(struct arrival_times *times, const struct plan *plan, uint64_t at_ns)
{
    struct arrival_curve *curve = of_times(times);
    const double expected = expected_by(curve, at_ns);
    const int r = take_plan(curve, plan);

    if (r < 0)
        return r;
    curve->base = expected - expected_of_phases(curve->phases, curve->phase_count, at_ns);
    rewind_phases(curve);
    return 0;
}

static void set_rate(struct arrival_times *times, double rate_per_s, uint64_t at_ns)
{
    struct arrival_curve *curve = of_times(times);

    curve->steady_from = expected_by(curve, at_ns);
    curve->steady_from_ns = at_ns;
    curve->steady_rate_per_s = rate_per_s;
    curve->is_steady = true;
}

static void free_curve(struct arrival_times *times)
{
    struct arrival_curve *curve = of_times(times);

    free(curve->phases);
    free(curve);
}

int arrival_curve_new(const struct plan *plan, struct arrival_times **ret_times)
{
    static const struct arrival_times_ops ops = {
        .peek = peek,
        .take = take,
        .follow = follow,
        .append = append,
        .set_rate = set_rate,
        .free = free_curve,
    };
    struct arrival_curve *curve = calloc(1, sizeof(*curve));

    if (!curve)
        return -ENOMEM;
    curve->times.ops = &ops;
    curve->worker_index = plan->worker_index;
    curve->worker_count = plan->worker_count;
    if (take_plan(curve, plan) < 0) {
        free(curve);
        return -ENOMEM;
    }
    rng_init(&curve->rng, plan->seed, 0, 0, RNG_ARRIVAL);
    curve->due = curve->kind == PLAN_ARRIVALS_CONSTANT ? 0 : draw_gap(curve);
    if (curve->worker_index > 0)
        take(&curve->times);
    *ret_times = &curve->times;
    return 0;
}
