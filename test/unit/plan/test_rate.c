/* LOAD-2: rates over phases, their integral, and the moments that it gives. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/load.h"
#include "plan/plan.h"

#define S(s) ((uint64_t)(s) * NS_PER_S)

static struct plan_phase ramp(double from, double to, enum plan_shape shape)
{
    return (struct plan_phase){.kind = PLAN_PHASE_RAMP_UP,
                               .shape = shape,
                               .steps = 4,
                               .from_rate_per_s = from,
                               .rate_per_s = to,
                               .duration_ns = S(20)};
}

static void near(double value, double expected)
{
    assert_true(fabs(value - expected) <= 1e-9 * fmax(1, fabs(expected)));
}

static void a_level_phase_expects_rate_times_time(void **state)
{
    struct plan_phase phase = {.kind = PLAN_PHASE_SUSTAINED,
                               .from_rate_per_s = 3,
                               .rate_per_s = 10,
                               .duration_ns = S(60)};

    (void)state;
    near(plan_phase_arrivals(&phase, S(60)), 600);
    near(plan_phase_arrivals(&phase, S(90)), 600);
    assert_int_equal(plan_phase_arrival_ns(&phase, 25), 2500 * NS_PER_MS);
    near(plan_phase_end_rate(&phase), 10);
    phase.kind = PLAN_PHASE_SPIKE;
    near(plan_phase_arrivals(&phase, S(6)), 60);
    near(plan_phase_end_rate(&phase), 3);
    phase.kind = PLAN_PHASE_PAUSE;
    near(plan_phase_arrivals(&phase, S(60)), 0);
    near(plan_phase_rate_at(&phase, S(1)), 0);
    near(plan_phase_end_rate(&phase), 3);
}

static void a_linear_ramp_expects_the_area_under_the_line(void **state)
{
    const struct plan_phase phase = ramp(0, 10, PLAN_SHAPE_LINEAR);

    (void)state;
    near(plan_phase_arrivals(&phase, S(20)), 100);
    near(plan_phase_arrivals(&phase, S(10)), 25);
    assert_int_equal(plan_phase_arrival_ns(&phase, 25), S(10));
    near(plan_phase_rate_at(&phase, S(5)), 2.5);
}

static void a_step_ramp_has_equal_plateaus(void **state)
{
    const struct plan_phase phase = ramp(0, 8, PLAN_SHAPE_STEP);

    (void)state;
    near(plan_phase_rate_at(&phase, 0), 2);
    near(plan_phase_rate_at(&phase, S(5)), 4);
    near(plan_phase_rate_at(&phase, S(19)), 8);
    near(plan_phase_arrivals(&phase, S(20)), 5 * (2 + 4 + 6 + 8));
    near(plan_phase_arrivals(&phase, S(6)), 14);
}

static void an_exponential_ramp_grows_by_equal_factors(void **state)
{
    struct plan_phase phase = ramp(1, 100, PLAN_SHAPE_EXPONENTIAL);

    (void)state;
    near(plan_phase_rate_at(&phase, S(10)), 10);
    near(plan_phase_arrivals(&phase, S(20)), 99 * 20 / log(100));
    phase.from_rate_per_s = 0;
    near(plan_phase_rate_at(&phase, 0), 1);
    phase.rate_per_s = 0;
    phase.from_rate_per_s = 100;
    near(plan_phase_rate_at(&phase, S(10)), 10);
}

/* Of every shape, up and down: the moment by which n are expected is that by which n are expected. */
static void moments_invert_the_integral(void **state)
{
    static const double ends[][2] = {{0, 50}, {50, 0}, {5, 50},
                                     {50, 5}, {7, 7},  {0.01, 0.5}};

    (void)state;
    for (enum plan_shape shape = PLAN_SHAPE_LINEAR; shape <= PLAN_SHAPE_STEP; shape++) {
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
            const struct plan_phase phase = ramp(ends[i][0], ends[i][1], shape);
            const double whole = plan_phase_arrivals(&phase, phase.duration_ns);

            for (int part = 0; part < 100; part++) {
                const double wanted = whole * part / 100;
                const uint64_t at_ns = plan_phase_arrival_ns(&phase, wanted);

                assert_true(at_ns < phase.duration_ns);
                /* Half a nanosecond off at most: of a rate of 50 that is 2.5e-8. */
                assert_true(fabs(plan_phase_arrivals(&phase, at_ns) - wanted) < 1e-7);
            }
        }
    }
}

static void a_load_expects_the_sum_of_its_phases(void **state)
{
    const struct plan_phase phases[] = {
        ramp(0, 10, PLAN_SHAPE_LINEAR),
        {.kind = PLAN_PHASE_SPIKE,
         .from_rate_per_s = 10,
         .rate_per_s = 40,
         .duration_ns = S(5)},
        {.kind = PLAN_PHASE_PAUSE, .from_rate_per_s = 10, .duration_ns = S(5)},
    };
    struct plan plan = {.phases = phases, .phase_count = 3};

    (void)state;
    near(plan_expected_arrivals(&plan), 0);
    plan.arrivals.kind = PLAN_ARRIVALS_POISSON;
    near(plan_expected_arrivals(&plan), 300);
    near(plan_peak_rate(&plan), 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_phase_expects_rate_times_time),
        cmocka_unit_test(a_linear_ramp_expects_the_area_under_the_line),
        cmocka_unit_test(a_step_ramp_has_equal_plateaus),
        cmocka_unit_test(an_exponential_ramp_grows_by_equal_factors),
        cmocka_unit_test(moments_invert_the_integral),
        cmocka_unit_test(a_load_expects_the_sum_of_its_phases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
