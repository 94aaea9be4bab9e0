#include "scenario/scale.h"

#include "plan/plan.h"

/* Wide enough for the product of two 64-bit numbers. */
__extension__ typedef unsigned __int128 uint128;

/* value × numerator ÷ denominator, rounded down. value is at most twice the denominator. */
static uint64_t share_of(uint64_t value, uint64_t numerator, uint64_t denominator)
{
    return (uint64_t)((uint128)value * numerator / denominator);
}

static uint64_t scaled_users(uint64_t users, uint64_t peak, uint64_t old_peak)
{
    const uint64_t scaled = share_of(users * 2, peak, old_peak);

    if (users == 0)
        return 0;
    return scaled < 2 ? 1 : (scaled + 1) / 2;
}

bool scale_users(struct plan_phase *phases, size_t count, uint64_t peak)
{
    uint64_t old_peak = 0;

    for (size_t i = 0; i < count; i++) {
        if (phases[i].users > old_peak)
            old_peak = phases[i].users;
    }
    if (old_peak == 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        phases[i].users = scaled_users(phases[i].users, peak, old_peak);
        phases[i].from_users = scaled_users(phases[i].from_users, peak, old_peak);
    }
    return true;
}

bool scale_rates(struct plan_phase *phases, size_t count, double peak_per_s)
{
    double old_peak = 0;

    for (size_t i = 0; i < count; i++)
        old_peak = phases[i].rate_per_s > old_peak ? phases[i].rate_per_s : old_peak;
    if (old_peak <= 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        phases[i].rate_per_s *= peak_per_s / old_peak;
        phases[i].from_rate_per_s *= peak_per_s / old_peak;
    }
    return true;
}

void scale_duration(struct plan *plan, struct plan_phase *phases, uint64_t duration_ns)
{
    uint64_t old_sum_ns = 0;
    uint64_t old_end_ns = 0;
    uint64_t start_ns = 0;

    for (size_t i = 0; i < plan->phase_count; i++)
        old_sum_ns += phases[i].duration_ns;
    if (old_sum_ns == 0)
        return;
    /* Ends are scaled, not lengths, so that roundings do not add up. */
    for (size_t i = 0; i < plan->phase_count; i++) {
        uint64_t end_ns;

        old_end_ns += phases[i].duration_ns;
        end_ns = share_of(old_end_ns, duration_ns, old_sum_ns);
        phases[i].duration_ns = end_ns - start_ns;
        start_ns = end_ns;
    }
    plan->warm_up_ns = share_of(plan->warm_up_ns, duration_ns, old_sum_ns);
    plan->cool_down_out_ns = share_of(plan->cool_down_out_ns, duration_ns, old_sum_ns);
}
