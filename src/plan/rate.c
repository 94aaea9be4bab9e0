/*
 * Rates of arrivals over a phase, and their integral in closed form, so that the moment of the n-th
 * arrival is exact however long the phase is.
 */
#include <math.h>

#include "base/clock.h"
#include "plan/load.h"
#include "plan/plan.h"

/* Where an exponential ramp from or to nothing begins or ends, as a share of its other end. */
#define EXPONENTIAL_FLOOR 0.01

static double seconds_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

double plan_phase_end_rate(const struct plan_phase *phase)
{
    switch (phase->kind) {
    case PLAN_PHASE_RAMP_UP:
    case PLAN_PHASE_SUSTAINED:
    case PLAN_PHASE_COOL_DOWN:
        return phase->rate_per_s;
    case PLAN_PHASE_SPIKE:
    case PLAN_PHASE_PAUSE:
        return phase->from_rate_per_s;
    case PLAN_PHASE_REPLAY:
        return 0;
    }
    return 0;
}

/* The rate of all that is no ramp. */
static double held_rate(const struct plan_phase *phase)
{
    return phase->kind == PLAN_PHASE_PAUSE || phase->kind == PLAN_PHASE_REPLAY
               ? 0
               : phase->rate_per_s;
}

static bool is_level(const struct plan_phase *phase)
{
    return !plan_phase_is_ramp(phase) || phase->duration_ns == 0 ||
           phase->from_rate_per_s == phase->rate_per_s;
}

/* The ends of an exponential ramp, both above 0. */
static void exponential_ends(const struct plan_phase *phase, double *ret_from,
                             double *ret_to)
{
    const double floor_per_s =
        fmax(phase->from_rate_per_s, phase->rate_per_s) * EXPONENTIAL_FLOOR;

    *ret_from = phase->from_rate_per_s > 0 ? phase->from_rate_per_s : floor_per_s;
    *ret_to = phase->rate_per_s > 0 ? phase->rate_per_s : floor_per_s;
}

static double step_count(const struct plan_phase *phase)
{
    return phase->steps > 0 ? (double)phase->steps : 1.0;
}

/* The level of plateau number `step`, from 0. */
static double step_rate(const struct plan_phase *phase, double step)
{
    return phase->from_rate_per_s +
           (phase->rate_per_s - phase->from_rate_per_s) * (step + 1) / step_count(phase);
}

double plan_phase_rate_at(const struct plan_phase *phase, uint64_t offset_ns)
{
    const double share = (double)offset_ns / (double)phase->duration_ns;
    double from;
    double to;

    if (is_level(phase) || offset_ns >= phase->duration_ns)
        return held_rate(phase);
    switch (phase->shape) {
    case PLAN_SHAPE_LINEAR:
        return phase->from_rate_per_s +
               (phase->rate_per_s - phase->from_rate_per_s) * share;
    case PLAN_SHAPE_EXPONENTIAL:
        exponential_ends(phase, &from, &to);
        return from * pow(to / from, share);
    case PLAN_SHAPE_STEP:
        return step_rate(phase, floor(share * step_count(phase)));
    }
    return held_rate(phase);
}

/* ∫ from·(to/from)^(x/D) dx = from·D/ln(to/from) · (exp(ln(to/from)·x/D) − 1). */
static double exponential_arrivals(const struct plan_phase *phase, double seconds)
{
    const double whole_s = seconds_of(phase->duration_ns);
    double from;
    double to;

    exponential_ends(phase, &from, &to);
    return from * whole_s / log(to / from) * expm1(log(to / from) * seconds / whole_s);
}

static double step_arrivals(const struct plan_phase *phase, double seconds)
{
    const double step_s = seconds_of(phase->duration_ns) / step_count(phase);
    double arrivals = 0;

    for (uint32_t step = 0; step < step_count(phase) && seconds > step * step_s; step++)
        arrivals += step_rate(phase, step) * fmin(seconds - step * step_s, step_s);
    return arrivals;
}

double plan_phase_arrivals(const struct plan_phase *phase, uint64_t offset_ns)
{
    const uint64_t within_ns =
        offset_ns < phase->duration_ns ? offset_ns : phase->duration_ns;
    const double seconds = seconds_of(within_ns);

    if (is_level(phase)) /* whole rates over whole seconds stay whole */
        return held_rate(phase) * (double)within_ns / (double)NS_PER_S;
    switch (phase->shape) {
    case PLAN_SHAPE_LINEAR:
        return seconds * (phase->from_rate_per_s +
                          (phase->rate_per_s - phase->from_rate_per_s) * seconds / 2 /
                              seconds_of(phase->duration_ns));
    case PLAN_SHAPE_EXPONENTIAL:
        return exponential_arrivals(phase, seconds);
    case PLAN_SHAPE_STEP:
        return step_arrivals(phase, seconds);
    }
    return 0;
}

/* a·x + (b − a)·x²/2D = n, solved for x in the form that loses no digits where b is near a. */
static double linear_moment(const struct plan_phase *phase, double arrivals)
{
    const double from = phase->from_rate_per_s;
    const double slope = (phase->rate_per_s - from) / seconds_of(phase->duration_ns);
    const double root = sqrt(fmax(from * from + 2 * slope * arrivals, 0));

    return from + root > 0 ? 2 * arrivals / (from + root) : 0;
}

static double exponential_moment(const struct plan_phase *phase, double arrivals)
{
    const double whole_s = seconds_of(phase->duration_ns);
    double from;
    double to;

    exponential_ends(phase, &from, &to);
    return whole_s / log(to / from) * log1p(arrivals * log(to / from) / (from * whole_s));
}

static double step_moment(const struct plan_phase *phase, double arrivals)
{
    const double step_s = seconds_of(phase->duration_ns) / step_count(phase);

    for (uint32_t step = 0; step < step_count(phase); step++) {
        const double rate = step_rate(phase, step);

        if (arrivals < rate * step_s)
            return step * step_s + arrivals / rate;
        arrivals -= rate * step_s;
    }
    return seconds_of(phase->duration_ns);
}

static double moment_of(const struct plan_phase *phase, double arrivals)
{
    if (is_level(phase))
        return held_rate(phase) > 0 ? arrivals / held_rate(phase) : 0;
    switch (phase->shape) {
    case PLAN_SHAPE_LINEAR:
        return linear_moment(phase, arrivals);
    case PLAN_SHAPE_EXPONENTIAL:
        return exponential_moment(phase, arrivals);
    case PLAN_SHAPE_STEP:
        return step_moment(phase, arrivals);
    }
    return 0;
}

uint64_t plan_phase_arrival_ns(const struct plan_phase *phase, double arrivals)
{
    const double moment_ns = round(moment_of(phase, arrivals) * (double)NS_PER_S);

    /* Rounding must not carry it past the phase. */
    if (phase->duration_ns == 0 || moment_ns <= 0)
        return 0;
    return moment_ns < (double)phase->duration_ns ? (uint64_t)moment_ns
                                                  : phase->duration_ns - 1;
}

double plan_peak_rate(const struct plan *plan)
{
    double peak = 0;

    for (size_t i = 0; plan_is_open(plan) && i < plan->phase_count; i++) {
        peak = fmax(peak, held_rate(&plan->phases[i]));
        if (plan_phase_is_ramp(&plan->phases[i]))
            peak = fmax(peak, plan->phases[i].from_rate_per_s);
    }
    return peak;
}

double plan_expected_arrivals(const struct plan *plan)
{
    double sum = 0;

    for (size_t i = 0; plan_is_open(plan) && i < plan->phase_count; i++)
        sum += plan_phase_arrivals(&plan->phases[i], plan->phases[i].duration_ns);
    return sum;
}

uint64_t plan_arrivals_moment_ns(const struct plan *plan, double arrivals)
{
    uint64_t start_ns = 0;

    for (size_t i = 0; plan_is_open(plan) && i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];
        const double whole = plan_phase_arrivals(phase, phase->duration_ns);

        if (arrivals < whole)
            return start_ns + plan_phase_arrival_ns(phase, arrivals);
        arrivals -= whole;
        start_ns += phase->duration_ns;
    }
    return UINT64_MAX;
}
