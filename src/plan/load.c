#include "plan/load.h"

#include <math.h>

#include "plan/plan.h"

const char *plan_phase_kind_name(enum plan_phase_kind kind)
{
    switch (kind) {
    case PLAN_PHASE_RAMP_UP:
        return "ramp-up";
    case PLAN_PHASE_SUSTAINED:
        return "sustained";
    case PLAN_PHASE_SPIKE:
        return "spike";
    case PLAN_PHASE_PAUSE:
        return "pause";
    case PLAN_PHASE_COOL_DOWN:
        return "cool-down";
    case PLAN_PHASE_REPLAY:
        return "replay";
    }
    return "";
}

bool plan_phase_is_ramp(const struct plan_phase *phase)
{
    return phase->kind == PLAN_PHASE_RAMP_UP || phase->kind == PLAN_PHASE_COOL_DOWN;
}

uint64_t plan_phase_end_users(const struct plan_phase *phase)
{
    switch (phase->kind) {
    case PLAN_PHASE_RAMP_UP:
    case PLAN_PHASE_SUSTAINED:
    case PLAN_PHASE_COOL_DOWN:
    case PLAN_PHASE_REPLAY:
        return phase->users;
    case PLAN_PHASE_SPIKE:
    case PLAN_PHASE_PAUSE:
        return phase->from_users;
    }
    return phase->users;
}

/* How far a ramp has come at a share (0 to 1) of its time, in users, not yet rounded. */
static double ramp_level(const struct plan_phase *phase, double share)
{
    const double from = (double)phase->from_users;
    const double to = (double)phase->users;

    switch (phase->shape) {
    case PLAN_SHAPE_LINEAR:
        return from + (to - from) * share;
    case PLAN_SHAPE_EXPONENTIAL: {
        const double low = fmax(from, 1.0);
        const double high = fmax(to, 1.0);

        if (share <= 0)
            return from;
        if (share >= 1)
            return to;
        return low * pow(high / low, share);
    }
    case PLAN_SHAPE_STEP: {
        const double steps = phase->steps > 0 ? (double)phase->steps : 1.0;
        const double reached = fmin(floor(share * steps) + 1.0, steps);

        return from + (to - from) * reached / steps;
    }
    }
    return to;
}

uint64_t plan_phase_users_at(const struct plan_phase *phase, uint64_t offset_ns)
{
    if (phase->kind == PLAN_PHASE_PAUSE)
        return 0;
    if (!plan_phase_is_ramp(phase) || phase->duration_ns == 0 ||
        offset_ns >= phase->duration_ns)
        return phase->users;
    return (uint64_t)llround(
        ramp_level(phase, (double)offset_ns / (double)phase->duration_ns));
}

uint64_t plan_phase_next_change_ns(const struct plan_phase *phase, uint64_t offset_ns)
{
    const uint64_t now_users = plan_phase_users_at(phase, offset_ns);
    uint64_t low = offset_ns; /* the level here is now_users */
    uint64_t high = phase->duration_ns;

    if (!plan_phase_is_ramp(phase) || offset_ns >= high)
        return phase->duration_ns;
    /* Each shape only rises or only falls, so the change is where a bisection ends. */
    if (plan_phase_users_at(phase, high - 1) == now_users)
        return phase->duration_ns;
    high--;
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;

        if (plan_phase_users_at(phase, middle) == now_users)
            low = middle;
        else
            high = middle;
    }
    return high;
}

bool plan_is_open(const struct plan *plan)
{
    return plan->arrivals.kind != PLAN_ARRIVALS_NONE;
}

uint64_t plan_duration_ns(const struct plan *plan)
{
    uint64_t sum_ns = 0;

    for (size_t i = 0; i < plan->phase_count; i++)
        sum_ns += plan->phases[i].duration_ns;
    return sum_ns;
}

uint64_t plan_peak_users(const struct plan *plan)
{
    uint64_t peak = 0;

    if (plan_is_open(plan))
        return plan->arrivals.users;
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];

        if (phase->kind == PLAN_PHASE_PAUSE)
            continue;
        if (plan_phase_is_ramp(phase) && phase->from_users > peak)
            peak = phase->from_users;
        if (phase->users > peak)
            peak = phase->users;
    }
    return peak;
}

size_t plan_longest_sustained(const struct plan *plan, uint64_t *ret_start_ns,
                              uint64_t *ret_end_ns)
{
    size_t longest = plan->phase_count;
    uint64_t at_ns = 0;

    *ret_start_ns = 0;
    *ret_end_ns = 0;
    for (size_t i = 0; i < plan->phase_count; i++) {
        const uint64_t duration_ns = plan->phases[i].duration_ns;

        if (plan->phases[i].kind == PLAN_PHASE_SUSTAINED &&
            duration_ns > *ret_end_ns - *ret_start_ns) {
            longest = i;
            *ret_start_ns = at_ns;
            *ret_end_ns = at_ns + duration_ns;
        }
        at_ns += duration_ns;
    }
    return longest;
}

void plan_window(const struct plan *plan, uint64_t *ret_start_ns, uint64_t *ret_end_ns)
{
    uint64_t end_ns = plan_duration_ns(plan);
    uint64_t start_ns = plan->warm_up_ns;

    for (size_t i = plan->phase_count; i > 0; i--) {
        if (plan->phases[i - 1].kind != PLAN_PHASE_COOL_DOWN)
            break;
        end_ns -= plan->phases[i - 1].duration_ns;
    }
    end_ns -= end_ns < plan->cool_down_out_ns ? end_ns : plan->cool_down_out_ns;
    if (start_ns > end_ns)
        start_ns = end_ns;
    *ret_start_ns = start_ns;
    *ret_end_ns = end_ns;
}
