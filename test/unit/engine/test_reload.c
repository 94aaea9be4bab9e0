/* RUN-5: a run goes on with another plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/threshold.h"
#include "stage.h"

/* The stage's plan once more, to be changed: in memory of its own. */
struct other {
    struct plan plan;
    struct plan_class classes[STAGE_CLASSES];
    struct plan_step steps[STAGE_STEPS];
    struct plan_phase phases[STAGE_PHASES];
};

static void copy_plan(const struct stage *stage, struct other *other)
{
    other->plan = stage->plan;
    for (size_t i = 0; i < STAGE_CLASSES; i++)
        other->classes[i] = stage->classes[i];
    for (size_t i = 0; i < STAGE_STEPS; i++)
        other->steps[i] = stage->steps[i];
    for (size_t i = 0; i < STAGE_PHASES; i++)
        other->phases[i] = stage->phases[i];
    other->plan.classes = other->classes;
    other->plan.steps = other->steps;
    other->plan.phases = other->phases;
}

static void reload(struct stage *stage, struct other *other)
{
    assert_int_equal(
        recorder_follow(stage->recorder, &other->plan, virtual_world_now(stage->world)),
        0);
    assert_int_equal(engine_reload(stage->engine, &other->plan), 0);
}

static uint64_t active(struct stage *stage)
{
    return recorder_user_counts(engine_view(stage->engine)->recorder).active;
}

static void the_new_curve_is_read_at_the_same_run_clock(void **state)
{
    struct stage stage;
    struct other other;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 5, S(20));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    copy_plan(&stage, &other);
    other.phases[0].users = 8;
    other.phases[0].duration_ns = S(10);
    other.phases[1] = (struct plan_phase){.kind = PLAN_PHASE_RAMP_UP,
                                          .name = "ramp-up",
                                          .shape = PLAN_SHAPE_LINEAR,
                                          .from_users = 8,
                                          .users = 28,
                                          .duration_ns = S(20)};
    stage_open(&stage);
    stage_run_to(&stage, S(15));
    assert_int_equal(active(&stage), 5);
    reload(&stage, &other);
    /* Five seconds into the ramp, not at its beginning. */
    stage_run_to(&stage, S(15) + MS(1));
    assert_int_equal(active(&stage), 13);
    assert_string_equal(engine_view(stage.engine)->phase, "ramp-up");
    stage_run_to(&stage, S(25) + MS(1));
    assert_int_equal(active(&stage), 23);
    stage_finish(&stage);
    assert_in_range(stage.done_ns, S(30), S(31));
    stage_close(&stage);
}

static void
fewer_users_go_at_once_and_a_curve_that_is_past_its_end_ends_the_run(void **state)
{
    struct stage stage;
    struct other fewer;
    struct other shorter;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 9, S(60));
    copy_plan(&stage, &fewer);
    copy_plan(&stage, &shorter);
    fewer.phases[0].users = 2;
    shorter.phases[0].duration_ns = S(5);
    stage_open(&stage);
    stage_run_to(&stage, S(10));
    reload(&stage, &fewer);
    stage_run_to(&stage, S(11));
    assert_int_equal(active(&stage), 2);
    reload(&stage, &shorter);
    stage_finish(&stage);
    assert_in_range(stage.done_ns, S(11), S(12));
    stage_close(&stage);
}

static void think_times_are_the_new_ones_from_the_next_pause_on(void **state)
{
    struct stage stage;
    struct other other;
    uint64_t before;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(100));
    copy_plan(&stage, &other);
    other.classes[0].think.base_ns = S(9);
    stage_open(&stage);
    stage_run_to(&stage, S(50));
    before = stage.samples;
    assert_in_range(before, 47, 50);
    reload(&stage, &other);
    stage_finish(&stage);
    assert_in_range(stage.samples - before, 5, 7);
    stage_close(&stage);
}

static void limits_are_the_new_ones_and_what_was_sent_counts_on(void **state)
{
    struct stage stage;
    struct other other;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(100));
    copy_plan(&stage, &other);
    other.plan.limits.requests = 20;
    stage_open(&stage);
    stage_run_to(&stage, S(10));
    reload(&stage, &other);
    stage_finish(&stage);
    assert_int_equal(stage.samples, 20);
    stage_close(&stage);

    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(100));
    copy_plan(&stage, &other);
    other.plan.limits.duration_ns = S(30);
    stage_open(&stage);
    stage_run_to(&stage, S(10));
    reload(&stage, &other);
    stage_finish(&stage);
    assert_in_range(stage.done_ns, S(30), S(31));
    stage_close(&stage);
}

static void a_selector_that_is_new_begins_empty_and_says_since_when(void **state)
{
    static const struct plan_threshold old = {
        .metric = "requests", .selector = "class:asker", .expression = "count>0"};
    static const struct plan_threshold both[] = {
        {.metric = "requests", .selector = "class:asker", .expression = "count>0"},
        {.metric = "requests", .selector = "step:ask", .expression = "count>0"},
    };
    struct threshold_judgement judged_old;
    struct threshold_judgement judged_new;
    struct stage stage;
    struct other other;

    (void)state;
    stage_init(&stage);
    stage.plan.thresholds = &old;
    stage.plan.threshold_count = 1;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(40));
    copy_plan(&stage, &other);
    other.plan.thresholds = both;
    other.plan.threshold_count = 2;
    stage_open(&stage);
    stage_run_to(&stage, S(20));
    reload(&stage, &other);
    stage_finish(&stage);
    judged_old = threshold_judge(&both[0], stage.recorder, BEGIN + S(40), NULL);
    judged_new = threshold_judge(&both[1], stage.recorder, BEGIN + S(40), NULL);
    assert_int_equal(judged_old.since_ns, 0);
    assert_int_equal(judged_new.since_ns, BEGIN + S(20));
    assert_int_equal((uint64_t)judged_old.value, stage.samples);
    assert_in_range((uint64_t)judged_new.value, stage.samples / 2 - 1,
                    stage.samples / 2 + 1);
    stage_close(&stage);
}

static void a_run_that_stops_follows_no_other_plan(void **state)
{
    struct stage stage;
    struct other other;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(10));
    copy_plan(&stage, &other);
    stage_open(&stage);
    stage_run_to(&stage, S(5));
    engine_stop(stage.engine, STOP_ASKED, S(1));
    assert_true(engine_reload(stage.engine, &other.plan) < 0);
    stage_finish(&stage);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_new_curve_is_read_at_the_same_run_clock),
        cmocka_unit_test(
            fewer_users_go_at_once_and_a_curve_that_is_past_its_end_ends_the_run),
        cmocka_unit_test(think_times_are_the_new_ones_from_the_next_pause_on),
        cmocka_unit_test(limits_are_the_new_ones_and_what_was_sent_counts_on),
        cmocka_unit_test(a_selector_that_is_new_begins_empty_and_says_since_when),
        cmocka_unit_test(a_run_that_stops_follows_no_other_plan),
    };

    return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
