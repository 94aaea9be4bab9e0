#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "plan/plan.h"

static void replays_are_alike_in_all_that_is_sent_and_when(void **state)
{
    static const struct plan_replay base = {.path = "a", .time_scale = 1, .origin = "b"};
    const struct plan_replay others[] = {
        {.path = "c", .time_scale = 1, .origin = "b"},
        {.path = NULL, .time_scale = 1, .origin = "b"},
        {.path = "a", .time_scale = 2, .origin = "b"},
        {.path = "a", .time_scale = 1, .origin = "d"},
        {.path = "a", .time_scale = 1},
        {.path = "a", .time_scale = 1, .origin = "b", .from_ns = 1},
        {.path = "a", .time_scale = 1, .origin = "b", .for_ns = 1},
        {.path = "a", .time_scale = 1, .origin = "b", .limit_entries = 1},
        {.path = "a", .time_scale = 1, .origin = "b", .skip_bad_rows = true},
        {.path = "a", .time_scale = 1, .origin = "b", .format = PLAN_TRACE_HAR},
    };
    const struct plan plan = {.replay = base};
    const struct plan none = {0};
    struct plan other = {.replay = base};

    (void)state;
    other.replay.line = 7; /* where it is named says nothing */
    assert_true(plan_replays_alike(&plan, &other));
    assert_true(plan_replays_alike(&none, &none));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        other.replay = others[i];
        assert_false(plan_replays_alike(&plan, &other));
    }
}

static void a_replay_is_given_its_length(void **state)
{
    static const struct plan_phase phase = {.kind = PLAN_PHASE_REPLAY, .name = "replay"};
    struct plan plan = {.phases = &phase, .phase_count = 1};

    (void)state;
    assert_int_equal(arena_new(&plan.arena), 0);
    assert_int_equal(plan_set_replay_length(&plan, 5 * NS_PER_S), 0);
    assert_int_equal(plan_duration_ns(&plan), 5 * NS_PER_S);
    assert_string_equal(plan.phases[0].name, "replay");
    assert_int_equal(phase.duration_ns, 0);
    arena_free(plan.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replays_are_alike_in_all_that_is_sent_and_when),
        cmocka_unit_test(a_replay_is_given_its_length),
    };

    return cmocka_run_group_tests_name("plan_replay", tests, NULL, NULL);
}
