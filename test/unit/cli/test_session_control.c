/* What is asked of a run is carried out and noted, or neither. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/session_control.h"

struct stage {
    struct run_marks marks;
    int engine_says;
    uint64_t users;
    double rate_per_s;
    unsigned pauses;
    unsigned resumes;
    unsigned stops;
    struct session_control control;
};

static int set_users(void *ctx, uint64_t users)
{
    ((struct stage *)ctx)->users = users;
    return ((struct stage *)ctx)->engine_says;
}

static int set_rate(void *ctx, double rate_per_s)
{
    ((struct stage *)ctx)->rate_per_s = rate_per_s;
    return ((struct stage *)ctx)->engine_says;
}

static int pause_run(void *ctx)
{
    ((struct stage *)ctx)->pauses++;
    return ((struct stage *)ctx)->engine_says;
}

static int resume_run(void *ctx)
{
    ((struct stage *)ctx)->resumes++;
    return ((struct stage *)ctx)->engine_says;
}

static int stop(void *ctx, enum stop_reason reason)
{
    (void)reason;
    ((struct stage *)ctx)->stops++;
    return ((struct stage *)ctx)->engine_says;
}

static int note(void *ctx, enum run_mark_kind kind, const char *text)
{
    struct stage *stage = ctx;

    return run_marks_add(&stage->marks, stage->marks.count, kind, text);
}

static struct run_control open_stage(struct stage *stage, bool is_driven)
{
    const struct session_control_options options = {
        .engine = {.ctx = stage,
                   .set_users = set_users,
                   .set_rate = set_rate,
                   .pause = pause_run,
                   .resume = resume_run,
                   .stop = stop},
        .marks = &stage->marks,
        .note = note,
        .ctx = stage,
        .workers = 2,
        .is_driven = is_driven,
    };

    *stage = (struct stage){.users = 0};
    session_control_init(&stage->control, &options);
    return session_control_of(&stage->control);
}

static void check_last(const struct stage *stage, enum run_mark_kind kind,
                       const char *text)
{
    const struct run_mark *mark = &stage->marks.each[stage->marks.count - 1];

    assert_int_equal(mark->kind, kind);
    assert_string_equal(mark->text, text);
}

static void each_intervention_is_noted(void **state)
{
    struct stage stage;
    const struct run_control asked = open_stage(&stage, false);

    (void)state;
    assert_int_equal(asked.set_users(asked.ctx, 40), 0);
    assert_int_equal(stage.users, 40);
    check_last(&stage, RUN_MARK_CONTROL, "users set to 40 from the live page");
    assert_int_equal(asked.set_rate(asked.ctx, 12.5), 0);
    check_last(&stage, RUN_MARK_CONTROL, "rate set to 12.5/s from the live page");
    assert_int_equal(asked.pause(asked.ctx), 0);
    check_last(&stage, RUN_MARK_CONTROL, "paused from the live page");
    assert_int_equal(asked.resume(asked.ctx), 0);
    check_last(&stage, RUN_MARK_CONTROL, "resumed from the live page");
    assert_int_equal(asked.mark(asked.ctx, "deployed\n\033[31m1.4"), 0);
    check_last(&stage, RUN_MARK_NOTE, "deployed \xEF\xBF\xBD[31m1.4");
    assert_int_equal(asked.stop(asked.ctx, STOP_BY_HAND), 0);
    check_last(&stage, RUN_MARK_CONTROL, "stopped from the live page");
    assert_int_equal(run_marks_controls(stage.marks.each, stage.marks.count), 5);
    run_marks_deinit(&stage.marks);
}

static void what_the_engine_refuses_is_not_noted(void **state)
{
    struct stage stage;
    const struct run_control asked = open_stage(&stage, false);

    (void)state;
    stage.engine_says = -EINVAL;
    assert_int_equal(asked.set_users(asked.ctx, 40), -EINVAL);
    assert_int_equal(asked.set_rate(asked.ctx, 1), -EINVAL);
    assert_int_equal(asked.pause(asked.ctx), -EINVAL);
    assert_int_equal(asked.resume(asked.ctx), -EINVAL);
    assert_int_equal(asked.stop(asked.ctx, STOP_BY_HAND), -EINVAL);
    assert_int_equal(stage.marks.count, 0);
}

static void more_users_than_the_machine_can_have_are_refused(void **state)
{
    struct stage stage;
    const struct run_control asked = open_stage(&stage, false);

    (void)state;
    assert_int_equal(asked.set_users(asked.ctx, UINT64_MAX), -ERANGE);
    assert_int_equal(asked.set_users(asked.ctx, (UINT64_C(1) << 21) + 2), -ERANGE);
    assert_int_equal(stage.users, 0);
    assert_int_equal(stage.marks.count, 0);
}

static void more_arrivals_than_are_made_are_refused(void **state)
{
    struct stage stage;
    const struct run_control asked = open_stage(&stage, false);

    (void)state;
    assert_int_equal(asked.set_rate(asked.ctx, 1e300), -ERANGE);
    assert_int_equal(asked.set_rate(asked.ctx, 1.1e6), -ERANGE);
    assert_true(stage.rate_per_s == 0);
    assert_int_equal(stage.marks.count, 0);
    assert_int_equal(asked.set_rate(asked.ctx, 1e6), 0);
    run_marks_deinit(&stage.marks);
}

static void a_search_is_stopped_but_not_changed(void **state)
{
    struct stage stage;
    const struct run_control asked = open_stage(&stage, true);

    (void)state;
    assert_int_equal(asked.set_users(asked.ctx, 1), -EPERM);
    assert_int_equal(asked.set_rate(asked.ctx, 1), -EPERM);
    assert_int_equal(asked.pause(asked.ctx), -EPERM);
    assert_int_equal(asked.resume(asked.ctx), -EPERM);
    assert_int_equal(asked.mark(asked.ctx, "x"), 0);
    assert_int_equal(asked.stop(asked.ctx, STOP_BY_HAND), 0);
    assert_int_equal(stage.stops, 1);
    run_marks_deinit(&stage.marks);
}

/* What is not noted is not done, but a paused run can always go on, and end. */
static void when_no_more_can_be_noted_nothing_more_is_changed(void **state)
{
    struct stage stage;
    const struct run_control asked = open_stage(&stage, false);
    unsigned notes = 0;

    (void)state;
    assert_int_equal(asked.pause(asked.ctx), 0);
    while (asked.mark(asked.ctx, "x") == 0)
        notes++;
    assert_int_equal(notes, RUN_MARKS_MAX - 3);
    assert_int_equal(asked.set_users(asked.ctx, 5), -ENOSPC);
    assert_int_equal(asked.pause(asked.ctx), -ENOSPC);
    assert_int_equal(stage.users, 0);
    assert_int_equal(stage.pauses, 1);
    assert_int_equal(asked.resume(asked.ctx), 0);
    assert_int_equal(asked.stop(asked.ctx, STOP_BY_HAND), 0);
    assert_int_equal(run_marks_room(&stage.marks), 0);
    run_marks_deinit(&stage.marks);
}

static void long_marks_are_cut_at_a_character(void **state)
{
    struct run_marks marks = {0};
    char text[2 * RUN_MARK_BYTES + 1];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "\xC3\xA4", 2);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(run_marks_add(&marks, 1, RUN_MARK_NOTE, text), 0);
    assert_int_equal(strlen(marks.each[0].text), RUN_MARK_BYTES - 2);
    assert_memory_equal(marks.each[0].text, text, RUN_MARK_BYTES - 2);
    run_marks_deinit(&marks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_intervention_is_noted),
        cmocka_unit_test(what_the_engine_refuses_is_not_noted),
        cmocka_unit_test(more_users_than_the_machine_can_have_are_refused),
        cmocka_unit_test(more_arrivals_than_are_made_are_refused),
        cmocka_unit_test(a_search_is_stopped_but_not_changed),
        cmocka_unit_test(when_no_more_can_be_noted_nothing_more_is_changed),
        cmocka_unit_test(long_marks_are_cut_at_a_character),
    };

    return cmocka_run_group_tests_name("session_control", tests, NULL, NULL);
}
