#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/schedule.h"
#include "plan/plan.h"

#define S(s) ((uint64_t)(s) * NS_PER_S)
#define ZERO S(1000)

static const struct plan_phase phases[] = {
    {.kind = PLAN_PHASE_RAMP_UP, .name = "up", .users = 10, .duration_ns = S(10)},
    {.kind = PLAN_PHASE_SUSTAINED, .from_users = 10, .users = 10, .duration_ns = S(5)},
    {.kind = PLAN_PHASE_SPIKE, .from_users = 10, .users = 100, .duration_ns = S(2)},
    {.kind = PLAN_PHASE_PAUSE, .from_users = 10, .users = 10, .duration_ns = S(3)},
    {.kind = PLAN_PHASE_COOL_DOWN, .from_users = 10, .users = 0, .duration_ns = S(10)},
};
static const struct plan plan = {.phases = phases, .phase_count = 5};

/* Takes all changes due by a moment and returns the last; the moments must not go back. */
static struct schedule_change last_by(struct schedule *schedule, uint64_t now_ns)
{
    struct schedule_change change = {0};
    uint64_t before_ns = 0;

    while (schedule_step(schedule, now_ns, &change)) {
        assert_true(change.at_ns >= before_ns);
        before_ns = change.at_ns;
    }
    return change;
}

static void each_change_has_the_moment_at_which_the_curve_makes_it(void **state)
{
    struct schedule schedule;
    struct schedule_change change;

    (void)state;
    schedule_init(&schedule, &plan);
    schedule_start(&schedule, ZERO);
    assert_int_equal(schedule_next_ns(&schedule), ZERO);
    /* Looked at only when all is over: the moments are exact all the same. */
    assert_true(schedule_step(&schedule, ZERO + S(100), &change));
    assert_true(change.entered);
    assert_int_equal(change.users, 0);
    for (uint64_t k = 1; k <= 10; k++) {
        assert_true(schedule_step(&schedule, ZERO + S(100), &change));
        assert_int_equal(change.users, k);
        /* The curve, rounded to the nearest, reaches k at k − 1/2. */
        assert_in_range(change.at_ns, ZERO + S(k) - S(1) / 2 - 1,
                        ZERO + S(k) - S(1) / 2 + 1);
    }
    schedule_deinit(&schedule);
}

static void phases_follow_each_other_and_come_to_an_end(void **state)
{
    struct schedule schedule;
    struct schedule_change change;

    (void)state;
    schedule_init(&schedule, &plan);
    schedule_start(&schedule, ZERO);
    assert_null(schedule_phase(&schedule));
    assert_int_equal(schedule_left_ns(&schedule, ZERO), S(30));
    assert_int_equal(last_by(&schedule, ZERO + S(12)).users, 10);
    assert_ptr_equal(schedule_phase(&schedule), &phases[1]);
    assert_int_equal(last_by(&schedule, ZERO + S(15)).users, 100);
    assert_int_equal(schedule_phase_left_ns(&schedule, ZERO + S(16)), S(1));
    assert_int_equal(schedule_left_ns(&schedule, ZERO + S(16)), S(14));
    assert_int_equal(last_by(&schedule, ZERO + S(17)).users, 0);
    assert_int_equal(last_by(&schedule, ZERO + S(20)).users, 10);
    change = last_by(&schedule, ZERO + S(30));
    assert_true(change.over);
    assert_int_equal(change.at_ns, ZERO + S(30));
    assert_null(schedule_phase(&schedule));
    assert_int_equal(schedule_next_ns(&schedule), UINT64_MAX);
    assert_false(schedule_step(&schedule, UINT64_MAX, &change));
    schedule_deinit(&schedule);
}

static void the_load_clock_stands_still_while_paused(void **state)
{
    struct schedule schedule;
    struct schedule_change change;

    (void)state;
    schedule_init(&schedule, &plan);
    schedule_start(&schedule, ZERO);
    last_by(&schedule, ZERO + S(5));
    schedule_pause(&schedule, ZERO + S(5));
    schedule_pause(&schedule, ZERO + S(6));
    assert_false(schedule_step(&schedule, ZERO + S(100), &change));
    assert_int_equal(schedule_next_ns(&schedule), UINT64_MAX);
    assert_int_equal(schedule_elapsed_ns(&schedule, ZERO + S(100)), S(5));
    schedule_resume(&schedule, ZERO + S(105));
    schedule_resume(&schedule, ZERO + S(106));
    assert_int_equal(schedule_elapsed_ns(&schedule, ZERO + S(107)), S(7));
    assert_int_equal(last_by(&schedule, ZERO + S(115)).users, 100);
    schedule_deinit(&schedule);
}

static void users_that_were_asked_for_stay_while_the_phases_go_by(void **state)
{
    struct schedule schedule;
    struct schedule_change change;

    (void)state;
    schedule_init(&schedule, &plan);
    schedule_start(&schedule, ZERO);
    last_by(&schedule, ZERO + S(5));
    schedule_set_users(&schedule, 42, ZERO + S(5));
    assert_int_equal(schedule_next_ns(&schedule), ZERO + S(5));
    assert_true(schedule_step(&schedule, ZERO + S(5), &change));
    assert_int_equal(change.users, 42);
    assert_int_equal(change.at_ns, ZERO + S(5));
    assert_false(change.entered);
    assert_int_equal(schedule_next_ns(&schedule), ZERO + S(10));
    change = last_by(&schedule, ZERO + S(16));
    assert_true(change.entered);
    assert_int_equal(change.users, 42);
    assert_true(last_by(&schedule, ZERO + S(30)).over);
    schedule_deinit(&schedule);
}

static void a_phase_appended_while_running_starts_where_the_last_ends(void **state)
{
    const struct plan_phase more = {
        .kind = PLAN_PHASE_RAMP_UP, .name = "more", .users = 4, .duration_ns = S(4)};
    struct schedule schedule;

    (void)state;
    schedule_init(&schedule, &plan);
    schedule_start(&schedule, ZERO);
    last_by(&schedule, ZERO + S(25));
    for (int i = 0; i < 20; i++)
        assert_int_equal(schedule_append(&schedule, &more), 0);
    assert_int_equal(schedule_left_ns(&schedule, ZERO + S(30)), S(80));
    assert_int_equal(last_by(&schedule, ZERO + S(32)).users, 2);
    assert_string_equal(schedule_phase(&schedule)->name, "more");
    assert_int_equal(last_by(&schedule, ZERO + S(36)).users, 4);
    assert_true(last_by(&schedule, ZERO + S(110)).over);
    assert_int_equal(schedule_append(&schedule, &more), -EINVAL);
    schedule_deinit(&schedule);
}

static void a_phase_that_is_left_early_gives_way_to_the_next(void **state)
{
    struct schedule schedule;
    struct schedule_change change;

    (void)state;
    schedule_init(&schedule, &plan);
    schedule_start(&schedule, ZERO);
    assert_int_equal(schedule_leave(&schedule, ZERO), -EINVAL);
    last_by(&schedule, ZERO + S(11));
    assert_int_equal(schedule_leave(&schedule, ZERO + S(12)), 0);
    assert_int_equal(schedule_next_ns(&schedule), ZERO + S(12));
    assert_true(schedule_step(&schedule, ZERO + S(13), &change));
    assert_true(change.entered);
    assert_int_equal(change.at_ns, ZERO + S(12));
    assert_int_equal(change.users, 100);
    /* What follows keeps its own length, from there on. */
    assert_int_equal(schedule_next_ns(&schedule), ZERO + S(14));
    assert_int_equal(schedule_left_ns(&schedule, ZERO + S(13)), S(14));
    last_by(&schedule, ZERO + S(20));
    assert_int_equal(schedule_leave(&schedule, ZERO + S(20)), 0);
    change = last_by(&schedule, ZERO + S(20));
    assert_true(change.over);
    assert_int_equal(schedule_leave(&schedule, ZERO + S(21)), -EINVAL);
    schedule_deinit(&schedule);
}

static void a_phase_without_duration_is_passed_at_once(void **state)
{
    static const struct plan_phase short_phases[] = {
        {.kind = PLAN_PHASE_RAMP_UP, .users = 5},
        {.kind = PLAN_PHASE_SUSTAINED, .from_users = 5, .users = 5, .duration_ns = S(1)},
    };
    const struct plan short_plan = {.phases = short_phases, .phase_count = 2};
    struct schedule schedule;

    (void)state;
    schedule_init(&schedule, &short_plan);
    schedule_start(&schedule, ZERO);
    assert_int_equal(last_by(&schedule, ZERO).users, 5);
    assert_ptr_equal(schedule_phase(&schedule), &short_phases[1]);
    schedule_deinit(&schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_has_the_moment_at_which_the_curve_makes_it),
        cmocka_unit_test(phases_follow_each_other_and_come_to_an_end),
        cmocka_unit_test(the_load_clock_stands_still_while_paused),
        cmocka_unit_test(users_that_were_asked_for_stay_while_the_phases_go_by),
        cmocka_unit_test(a_phase_appended_while_running_starts_where_the_last_ends),
        cmocka_unit_test(a_phase_that_is_left_early_gives_way_to_the_next),
        cmocka_unit_test(a_phase_without_duration_is_passed_at_once),
    };

    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
