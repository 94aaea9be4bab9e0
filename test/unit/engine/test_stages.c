/*
 * What is done before the load and behind it: for the whole run, and by each user.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/variables.h"
#include "words.h"

static struct plan_instruction rest[16];

/* A program of its own for one step, as number `index`: [first, first + 1]. */
static void make_stage(struct words *words, uint32_t index, uint32_t step)
{
    struct plan_instruction *first = &rest[(size_t)index * 2];

    first[0] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = step};
    first[1] = (struct plan_instruction){.op = PLAN_OP_END};
    words->programs[index] =
        (struct plan_program){.instructions = first, .instruction_count = 2};
    if (words->stage.plan.program_count <= index)
        words->stage.plan.program_count = index + 1;
    words->steps[step].unmeasured = true;
}

/* Step 0: the flow's; 1: setup; 2: teardown, of users. */
static void begin(struct words *words)
{
    words_init(words);
    words_step(words, 0, "GET /work");
    words_step(words, 1, "GET /in");
    words_step(words, 2, "GET /out");
    words_do(words, PLAN_OP_REQUEST, 0, 0);
    words_do(words, PLAN_OP_END, 0, 0);
    make_stage(words, 1, 1);
    make_stage(words, 2, 2);
    words->stage.classes[0].setup = 1;
    words->stage.classes[0].teardown = 2;
}

static void assert_heard(const struct words *words, size_t index, const char *expected)
{
    assert_true(index < words->heard_count);
    assert_string_equal(words->heard[index].line, expected);
}

static void users_set_up_before_their_first_iteration_and_tear_down_behind(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words_play(&words, MS(35));
    assert_heard(&words, 0, "GET /in");
    assert_heard(&words, 1, "GET /work");
    assert_heard(&words, 2, "GET /work");
    assert_heard(&words, 3, "GET /work");
    assert_heard(&words, 4, "GET /out");
    assert_int_equal(words.heard_count, 5);
    /* What frames the load is not measured. */
    assert_int_equal(words.stage.samples, 3);
    assert_int_equal(recorder_total(words.stage.recorder, RECORDER_ALL).counters->started,
                     3);
    assert_int_equal(
        recorder_total(words.stage.recorder, RECORDER_ALL).counters->operations, 3);
    words_free(&words);
}

static void each_incarnation_sets_up_anew(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.stage.classes[0].iterations = 1;
    words_play(&words, MS(55));
    assert_heard(&words, 0, "GET /in");
    assert_heard(&words, 1, "GET /work");
    assert_heard(&words, 2, "GET /out");
    assert_heard(&words, 3, "GET /in");
    assert_heard(&words, 4, "GET /work");
    assert_heard(&words, 5, "GET /out");
    words_free(&words);
}

static void who_pauses_when_they_are_unwanted_still_tears_down(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.instruction_count = 1;
    words_do(&words, PLAN_OP_THINK, 0, 0);
    words_do(&words, PLAN_OP_END, 0, 0);
    words.stage.classes[0].think = (struct plan_pause){
        .kind = PLAN_PAUSE_CONSTANT, .base_ns = S(100), .max_ns = UINT64_MAX};
    words_play(&words, S(1));
    assert_int_equal(words.heard_count, 3);
    assert_heard(&words, 2, "GET /out");
    assert_int_equal(words.heard[2].sent_ns, S(1));
    words_free(&words);
}

static void hang_work(struct words *words, const struct virtual_request *request,
                      struct virtual_answer *ret_answer)
{
    (void)words;
    if (strstr(request->request->url, "/work"))
        *ret_answer = (struct virtual_answer){.status = 200, .hangs = true};
}

static void a_request_cut_off_by_the_ramp_down_is_followed_by_the_teardown(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = hang_work;
    words.stage.plan.graceful_ramp_down_ns = S(2);
    stage_phase(&words.stage, PLAN_PHASE_SUSTAINED, 1, S(1));
    stage_phase(&words.stage, PLAN_PHASE_PAUSE, 0, S(10));
    stage_open(&words.stage);
    stage_finish(&words.stage);
    assert_heard(&words, 2, "GET /out");
    assert_int_equal(words.stage.outcomes[OUTCOME_CANCELLED], 1);
    words_free(&words);
}

static void a_cut_skips_the_teardown(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = hang_work;
    stage_phase(&words.stage, PLAN_PHASE_SUSTAINED, 1, S(10));
    stage_open(&words.stage);
    stage_run_to(&words.stage, S(1));
    engine_stop(words.stage.engine, STOP_SIGNAL, 0);
    stage_finish(&words.stage);
    assert_int_equal(words.heard_count, 2);
    words_free(&words);
}

static void fail_twice(struct words *words, const struct virtual_request *request,
                       struct virtual_answer *ret_answer)
{
    (void)request;
    if (words->heard_count <= 2) {
        words_say(words, ret_answer, "{\"detail\":\"not yet\"}");
        ret_answer->status = 503;
    }
}

static void who_cannot_set_up_tries_again_after_a_pause(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = fail_twice;
    words_play(&words, S(2) + MS(35));
    assert_heard(&words, 0, "GET /in");
    assert_heard(&words, 1, "GET /in");
    assert_heard(&words, 2, "GET /in");
    assert_heard(&words, 3, "GET /work");
    assert_int_equal(words.heard[2].sent_ns - words.heard[0].sent_ns, S(2) + MS(20));
    assert_int_equal(words.stage.warnings, 1);
    assert_string_equal(words.stage.warning,
                        "a user could not be set up, and tries again: GET /in: http_5xx "
                        "(status 503): {\"detail\":\"not yet\"}");
    assert_int_equal(words.stage.outcomes[OUTCOME_HTTP_5XX], 0);
    words_free(&words);
}

/* Plays a run-wide stage. */
static void play_stage(struct words *words, enum engine_stage stage, uint32_t step)
{
    struct plan_stages *stages = &words->stage.plan.stages;

    words->stage.classes[0].setup = PLAN_NONE;
    words->stage.classes[0].teardown = PLAN_NONE;
    make_stage(words, 3, step);
    stages->run_setup = 3;
    stages->run_teardown = 3;
    stages->setup_timeout_ns = S(5);
    stages->teardown_timeout_ns = S(5);
    words->stage.engine_stage = stage;
    words_play(words, S(100));
}

static void find_token(struct words *words, const struct virtual_request *request,
                       struct virtual_answer *ret_answer)
{
    (void)request;
    words_say(words, ret_answer, "{\"token\":\"t-1\"}");
}

static void what_the_setup_finds_everybody_knows(void **state)
{
    struct plan_assignment initials[2];
    struct plan_extract extract;
    struct variables *finding = NULL;
    struct variable value;
    struct words words;

    (void)state;
    begin(&words);
    words.answer = find_token;
    extract = (struct plan_extract){.variable = words_variable(&words, "token"),
                                    .query = words_query(&words, ".token")};
    initials[0] = (struct plan_assignment){.variable = words_variable(&words, "id"),
                                           .text = words_text(&words, "{{ uuid }}")};
    initials[1] = (struct plan_assignment){.variable = words_variable(&words, "size"),
                                           .text = words_text(&words, "20")};
    words.stage.plan.initials = initials;
    words.stage.plan.initial_count = 2;
    words.steps[1].extracts = &extract;
    words.steps[1].extract_count = 1;
    assert_int_equal(variables_new(3, NULL, &finding), 0);
    words.stage.finding = finding;
    play_stage(&words, ENGINE_SETUP, 1);
    assert_int_equal(words.heard_count, 1);
    assert_null(engine_problem(words.stage.engine));
    assert_int_equal(engine_view(words.stage.engine)->stop_reason, STOP_COMPLETED);
    assert_int_equal(words.stage.samples, 0);
    assert_true(variables_get(finding, extract.variable, &value));
    assert_string_equal(value.text, "t-1");
    /* Each has an id of their own, and the size is everybody's anyway. */
    assert_false(variables_get(finding, initials[0].variable, &value));
    assert_false(variables_get(finding, initials[1].variable, &value));
    words_free(&words);

    begin(&words);
    words.stage.classes[0].setup = PLAN_NONE;
    words.stage.found = finding;
    assert_int_equal(words_variable(&words, "token"), extract.variable);
    (void)words_variable(&words, "id");
    (void)words_variable(&words, "size");
    words_step(&words, 0, "GET /task/{{ vars.token }}");
    words_play(&words, MS(5));
    assert_heard(&words, 0, "GET /task/t-1");
    words_free(&words);
    variables_free(finding);
}

static void say_no(struct words *words, const struct virtual_request *request,
                   struct virtual_answer *ret_answer)
{
    (void)request;
    words_say(words, ret_answer, "{\"detail\":\"no\"}");
    ret_answer->status = 500;
}

static void a_setup_that_fails_says_where_and_why(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = say_no;
    play_stage(&words, ENGINE_SETUP, 1);
    assert_int_equal(words.heard_count, 1);
    assert_string_equal(engine_problem(words.stage.engine),
                        "GET /in: http_5xx (status 500): {\"detail\":\"no\"}");
    words_free(&words);
}

static void nothing_follows_what_fails_in_a_setup(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = say_no;
    words.stage.classes[0].teardown = PLAN_NONE;
    rest[12] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 1};
    rest[13] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 2};
    rest[14] = (struct plan_instruction){.op = PLAN_OP_END};
    words.programs[1] =
        (struct plan_program){.instructions = &rest[12], .instruction_count = 3};
    words_play(&words, MS(500));
    assert_int_equal(words.heard_count, 1);
    assert_heard(&words, 0, "GET /in");
    words_free(&words);
}

static void hang(struct words *words, const struct virtual_request *request,
                 struct virtual_answer *ret_answer)
{
    (void)words;
    (void)request;
    *ret_answer = (struct virtual_answer){.status = 200, .hangs = true};
}

static void a_setup_that_takes_too_long_is_cut_short(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = hang;
    play_stage(&words, ENGINE_SETUP, 1);
    assert_int_equal(engine_view(words.stage.engine)->stop_reason, STOP_DURATION);
    assert_int_equal(words.stage.done_ns, S(5));
    words_free(&words);
}

static void a_teardown_goes_on_past_what_fails(void **state)
{
    struct words words;

    (void)state;
    begin(&words);
    words.answer = say_no;
    rest[8] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 1};
    rest[9] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 2};
    rest[10] = (struct plan_instruction){.op = PLAN_OP_END};
    words.stage.classes[0].setup = PLAN_NONE;
    words.stage.classes[0].teardown = PLAN_NONE;
    words.programs[3] =
        (struct plan_program){.instructions = &rest[8], .instruction_count = 3};
    words.stage.plan.program_count = 4;
    words.stage.plan.stages.run_teardown = 3;
    words.stage.engine_stage = ENGINE_TEARDOWN;
    words_play(&words, S(1));
    assert_int_equal(words.heard_count, 2);
    assert_heard(&words, 1, "GET /out");
    assert_non_null(engine_problem(words.stage.engine));
    words_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_set_up_before_their_first_iteration_and_tear_down_behind),
        cmocka_unit_test(each_incarnation_sets_up_anew),
        cmocka_unit_test(who_pauses_when_they_are_unwanted_still_tears_down),
        cmocka_unit_test(a_request_cut_off_by_the_ramp_down_is_followed_by_the_teardown),
        cmocka_unit_test(a_cut_skips_the_teardown),
        cmocka_unit_test(who_cannot_set_up_tries_again_after_a_pause),
        cmocka_unit_test(what_the_setup_finds_everybody_knows),
        cmocka_unit_test(a_setup_that_fails_says_where_and_why),
        cmocka_unit_test(nothing_follows_what_fails_in_a_setup),
        cmocka_unit_test(a_setup_that_takes_too_long_is_cut_short),
        cmocka_unit_test(a_teardown_goes_on_past_what_fails),
    };

    return cmocka_run_group_tests_name("stages", tests, NULL, NULL);
}
