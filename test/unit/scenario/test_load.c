#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "written.h"

static struct plan *plan_of_load(const char *load, const struct scenario_options *options)
{
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "scenario: a\ntarget: simulator\nusers: {one: {flow: [http: /a]}}\n%s",
                   load);
    return written_plan(text, options);
}

static const char all_phases[] =
    "load:\n"
    "  - {phase: ramp-up, users: 60, over: 30s}\n"
    "  - {phase: sustained, for: 5m}\n"
    "  - {phase: spike, users: 200, for: 20s}\n"
    "  - {phase: pause, for: 10s}\n"
    "  - {phase: sustained, for: 1m, users: 40}\n"
    "  - {phase: cool-down, at: 4/s, shape: step, steps: 3}\n";

static void each_phase_starts_where_the_last_ended(void **state)
{
    static const uint64_t expected[][3] = {{0, 60, 30}, {60, 60, 300}, {60, 200, 20},
                                           {60, 0, 10}, {60, 40, 60},  {40, 0, 10}};
    struct plan *plan = plan_of_load(all_phases, NULL);

    (void)state;
    assert_int_equal(plan->phase_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(plan->phases[i].from_users, expected[i][0]);
        assert_int_equal(plan->phases[i].users, expected[i][1]);
        assert_int_equal(plan->phases[i].duration_ns, expected[i][2] * NS_PER_S);
    }
    assert_string_equal(plan->phases[1].name, "sustained");
    assert_string_equal(plan->phases[4].name, "sustained-2");
    assert_int_equal(plan->phases[5].shape, PLAN_SHAPE_STEP);
    assert_int_equal(plan->phases[5].steps, 3);
    assert_int_equal(plan_peak_users(plan), 200);
    plan_free(plan);
}

static void users_scale_so_that_the_peak_is_exact(void **state)
{
    static const uint64_t peaks[] = {1, 7, 100, 199, 200, 201, 1000, 1000000};

    (void)state;
    for (size_t i = 0; i < sizeof(peaks) / sizeof(peaks[0]); i++) {
        const struct scenario_options options = {.users = peaks[i]};
        struct plan *plan = plan_of_load(all_phases, &options);

        assert_int_equal(plan_peak_users(plan), peaks[i]);
        for (size_t at = 0; at < plan->phase_count; at++) {
            const struct plan_phase *phase = &plan->phases[at];

            if (phase->kind != PLAN_PHASE_COOL_DOWN && phase->kind != PLAN_PHASE_PAUSE)
                assert_true(phase->users >= 1);
            if (at > 0)
                assert_int_equal(phase->from_users,
                                 plan_phase_end_users(&plan->phases[at - 1]));
        }
        plan_free(plan);
    }
}

static void durations_scale_so_that_the_sum_is_exact(void **state)
{
    static const uint64_t durations_ns[] = {1000003, NS_PER_S, 43 * NS_PER_S + 1,
                                            UINT64_C(86400) * NS_PER_S};

    (void)state;
    for (size_t i = 0; i < sizeof(durations_ns) / sizeof(durations_ns[0]); i++) {
        const struct scenario_options options = {.duration_ns = durations_ns[i]};
        struct plan *plan = plan_of_load(all_phases, &options);

        assert_int_equal(plan_duration_ns(plan), durations_ns[i]);
        assert_int_equal(plan_peak_users(plan), 200);
        plan_free(plan);
    }
}

static void warm_up_scales_with_the_duration(void **state)
{
    const struct scenario_options options = {.duration_ns = 10 * NS_PER_S};
    struct plan *plan = plan_of_load(
        "warm_up: 20s\nload: [{phase: sustained, users: 5, for: 100s}]\n", &options);

    (void)state;
    assert_int_equal(plan->warm_up_ns, 2 * NS_PER_S);
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_phase_starts_where_the_last_ended),
        cmocka_unit_test(users_scale_so_that_the_peak_is_exact),
        cmocka_unit_test(durations_scale_so_that_the_sum_is_exact),
        cmocka_unit_test(warm_up_scales_with_the_duration),
    };

    return cmocka_run_group_tests_name("scenario/load", tests, NULL, NULL);
}
