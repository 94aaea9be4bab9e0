#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/load.h"
#include "plan/plan.h"

static const struct plan_phase up = {
    .kind = PLAN_PHASE_RAMP_UP, .users = 100, .duration_ns = 10 * NS_PER_S};

static void a_linear_ramp_is_the_line_rounded(void **state)
{
    (void)state;
    assert_int_equal(plan_phase_users_at(&up, 0), 0);
    assert_int_equal(plan_phase_users_at(&up, 5 * NS_PER_S), 50);
    assert_int_equal(plan_phase_users_at(&up, 10 * NS_PER_S), 100);
    assert_int_equal(plan_phase_users_at(&up, 50 * NS_PER_MS - 1), 0);
    assert_int_equal(plan_phase_users_at(&up, 50 * NS_PER_MS), 1);
}

static void an_exponential_ramp_grows_by_equal_factors(void **state)
{
    struct plan_phase phase = up;

    (void)state;
    phase.shape = PLAN_SHAPE_EXPONENTIAL;
    phase.from_users = 1;
    assert_int_equal(plan_phase_users_at(&phase, 0), 1);
    assert_int_equal(plan_phase_users_at(&phase, 5 * NS_PER_S), 10);
    assert_int_equal(plan_phase_users_at(&phase, 10 * NS_PER_S), 100);
    phase.from_users = 0;
    assert_int_equal(plan_phase_users_at(&phase, 0), 0);
    assert_int_equal(plan_phase_users_at(&phase, 1), 1);
}

static void a_step_ramp_has_equal_plateaus(void **state)
{
    struct plan_phase phase = up;

    (void)state;
    phase.shape = PLAN_SHAPE_STEP;
    phase.steps = 4;
    assert_int_equal(plan_phase_users_at(&phase, 0), 25);
    assert_int_equal(plan_phase_users_at(&phase, 2500 * NS_PER_MS), 50);
    assert_int_equal(plan_phase_users_at(&phase, 7499 * NS_PER_MS), 75);
    assert_int_equal(plan_phase_users_at(&phase, 7500 * NS_PER_MS), 100);
}

/* Following next_change visits every level once and never leaps over one. */
static void walk_changes(const struct plan_phase *phase)
{
    uint64_t at_ns = 0;
    size_t steps = 0;

    while (at_ns < phase->duration_ns) {
        const uint64_t next_ns = plan_phase_next_change_ns(phase, at_ns);

        assert_true(next_ns > at_ns);
        assert_int_equal(plan_phase_users_at(phase, next_ns - 1),
                         plan_phase_users_at(phase, at_ns));
        if (next_ns < phase->duration_ns)
            assert_int_not_equal(plan_phase_users_at(phase, next_ns),
                                 plan_phase_users_at(phase, at_ns));
        at_ns = next_ns;
        assert_true(++steps < 1000);
    }
}

static void next_change_is_exactly_where_the_level_changes(void **state)
{
    (void)state;
    for (int shape = PLAN_SHAPE_LINEAR; shape <= PLAN_SHAPE_STEP; shape++) {
        for (uint64_t from = 0; from <= 200; from += 50) {
            struct plan_phase phase = up;

            phase.shape = (enum plan_shape)shape;
            phase.steps = 3;
            phase.from_users = from;
            walk_changes(&phase);
        }
    }
}

static void a_spike_and_a_pause_come_back_to_the_level_before(void **state)
{
    const struct plan_phase spike = {.kind = PLAN_PHASE_SPIKE,
                                     .from_users = 60,
                                     .users = 200,
                                     .duration_ns = NS_PER_S};
    const struct plan_phase pause = {
        .kind = PLAN_PHASE_PAUSE, .from_users = 60, .duration_ns = NS_PER_S};

    (void)state;
    assert_int_equal(plan_phase_users_at(&spike, 0), 200);
    assert_int_equal(plan_phase_end_users(&spike), 60);
    assert_int_equal(plan_phase_users_at(&pause, 0), 0);
    assert_int_equal(plan_phase_end_users(&pause), 60);
    assert_int_equal(plan_phase_next_change_ns(&spike, 0), NS_PER_S);
}

static void the_peak_is_the_highest_level_and_the_duration_the_sum(void **state)
{
    const struct plan_phase phases[] = {
        up,
        {.kind = PLAN_PHASE_SPIKE,
         .from_users = 100,
         .users = 250,
         .duration_ns = NS_PER_S},
        {.kind = PLAN_PHASE_PAUSE,
         .from_users = 100,
         .users = 900,
         .duration_ns = NS_PER_S},
        {.kind = PLAN_PHASE_COOL_DOWN, .from_users = 100, .duration_ns = NS_PER_S},
    };
    const struct plan plan = {.phases = phases, .phase_count = 4};

    (void)state;
    assert_int_equal(plan_peak_users(&plan), 250);
    assert_int_equal(plan_duration_ns(&plan), 13 * NS_PER_S);
}

static void the_window_leaves_out_warm_up_and_the_last_cool_downs(void **state)
{
    const struct plan_phase cool = {
        .kind = PLAN_PHASE_COOL_DOWN, .from_users = 100, .duration_ns = NS_PER_S};
    const struct plan_phase phases[] = {up, cool, up, cool, cool};
    struct plan plan = {.phases = phases, .phase_count = 5, .warm_up_ns = 2 * NS_PER_S};
    uint64_t start_ns = 0;
    uint64_t end_ns = 0;

    (void)state;
    plan_window(&plan, &start_ns, &end_ns);
    assert_int_equal(start_ns, 2 * NS_PER_S);
    assert_int_equal(end_ns, 21 * NS_PER_S);
    plan.warm_up_ns = 60 * NS_PER_S;
    plan_window(&plan, &start_ns, &end_ns);
    assert_int_equal(start_ns, end_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_ramp_is_the_line_rounded),
        cmocka_unit_test(an_exponential_ramp_grows_by_equal_factors),
        cmocka_unit_test(a_step_ramp_has_equal_plateaus),
        cmocka_unit_test(next_change_is_exactly_where_the_level_changes),
        cmocka_unit_test(a_spike_and_a_pause_come_back_to_the_level_before),
        cmocka_unit_test(the_peak_is_the_highest_level_and_the_duration_the_sum),
        cmocka_unit_test(the_window_leaves_out_warm_up_and_the_last_cool_downs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
