#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "plan/roster.h"
#include "stage.h"

#define USERS 20

/* What each user's requests said, end to end. */
struct heard {
    struct buf bodies[USERS];
    size_t counts[USERS];
    bool fail_second; /* every user's second request is answered with 500 */
};

static void serve_and_hear(void *ctx, const struct virtual_request *request,
                           struct virtual_answer *ret_answer)
{
    struct stage *stage = ctx;
    struct heard *heard = stage->notes;
    const uint64_t user = request->request->user;

    assert_true(user < USERS);
    buf_append(&heard->bodies[user], request->request->body, request->request->body_len);
    buf_append_char(&heard->bodies[user], '\n');
    heard->counts[user]++;
    stage_serve(ctx, request, ret_answer);
    if (heard->fail_second && heard->counts[user] == 2)
        *ret_answer = (struct virtual_answer){.status = 500};
}

static void begin(struct stage *stage, struct heard *heard)
{
    *heard = (struct heard){0};
    for (size_t i = 0; i < USERS; i++)
        heard->bodies[i] = BUF_INIT((size_t)1 << 24);
    stage_init(stage);
    stage->server = serve_and_hear;
    stage->notes = heard;
}

static void forget(struct heard *heard)
{
    for (size_t i = 0; i < USERS; i++)
        buf_deinit(&heard->bodies[i]);
}

/* How often a word stands in the n-th line, from 0. */
static size_t count_in_line(const struct buf *lines, size_t line, const char *word)
{
    const char *at = buf_str(lines);
    const char *end;
    size_t count = 0;

    for (; line > 0; line--)
        at = strchr(at, '\n') + 1;
    end = strchr(at, '\n');
    while ((at = strstr(at, word)) != NULL && at < end) {
        count++;
        at += strlen(word);
    }
    return count;
}

static void
a_conversation_grows_by_question_and_answer_and_ends_with_its_repeat(void **state)
{
    static const struct plan_instruction talk[] = {
        {.op = PLAN_OP_LOOP_BEGIN, .a = 0, .b = 3},
        {.op = PLAN_OP_REQUEST, .a = 0},
        {.op = PLAN_OP_THINK, .a = 1},
        {.op = PLAN_OP_LOOP_END, .a = 0, .b = 1},
        {.op = PLAN_OP_END},
    };
    struct heard heard;
    struct stage stage;

    (void)state;
    begin(&stage, &heard);
    memcpy(stage.instructions, talk, sizeof(talk));
    stage.steps[0].chat.conversation = PLAN_CONVERSATION_KEEP;
    stage.steps[0].chat.system = (struct plan_text)PLAN_LITERAL("Be kind.");
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(8));
    stage_play(&stage);
    assert_true(heard.counts[0] >= 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(count_in_line(&heard.bodies[0], i, "\"role\":\"system\""), 1);
        assert_int_equal(count_in_line(&heard.bodies[0], i, "\"role\":\"user\""),
                         i % 3 + 1);
        assert_int_equal(count_in_line(&heard.bodies[0], i, "one two three"), i % 3);
    }
    assert_int_equal(stage.last.turn, (heard.counts[0] - 1) % 3 + 1);
    forget(&heard);
}

static void a_turn_that_failed_is_not_sent_back(void **state)
{
    struct heard heard;
    struct stage stage;

    (void)state;
    begin(&stage, &heard);
    heard.fail_second = true;
    stage.instructions[0] = (struct plan_instruction){.op = PLAN_OP_LOOP_BEGIN, .b = 10};
    stage.instructions[1] = (struct plan_instruction){.op = PLAN_OP_REQUEST};
    stage.instructions[2] = (struct plan_instruction){.op = PLAN_OP_THINK, .a = 1};
    stage.instructions[3] = (struct plan_instruction){.op = PLAN_OP_LOOP_END, .b = 1};
    stage.instructions[4] = (struct plan_instruction){.op = PLAN_OP_END};
    stage.steps[0].chat.conversation = PLAN_CONVERSATION_KEEP;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(4));
    stage_play(&stage);
    assert_int_equal(count_in_line(&heard.bodies[0], 1, "\"role\":\"user\""), 2);
    /* The third asks with the first turn behind it, and without the second. */
    assert_int_equal(count_in_line(&heard.bodies[0], 2, "\"role\":\"user\""), 2);
    assert_int_equal(count_in_line(&heard.bodies[0], 2, "one two three"), 1);
    forget(&heard);
}

static void a_window_limits_what_is_sent_back(void **state)
{
    struct heard heard;
    struct stage stage;

    (void)state;
    begin(&stage, &heard);
    stage.instructions[0] = (struct plan_instruction){.op = PLAN_OP_LOOP_BEGIN, .b = 10};
    stage.instructions[1] = (struct plan_instruction){.op = PLAN_OP_REQUEST};
    stage.instructions[2] = (struct plan_instruction){.op = PLAN_OP_THINK, .a = 1};
    stage.instructions[3] = (struct plan_instruction){.op = PLAN_OP_LOOP_END, .b = 1};
    stage.instructions[4] = (struct plan_instruction){.op = PLAN_OP_END};
    stage.steps[0].chat.conversation = PLAN_CONVERSATION_KEEP;
    stage.steps[0].chat.window = 2;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(8));
    stage_play(&stage);
    assert_int_equal(count_in_line(&heard.bodies[0], 6, "\"role\":\"user\""), 3);
    assert_int_equal(stage.last.turn, heard.counts[0]);
    forget(&heard);
}

static void a_chat_that_stands_alone_takes_nothing_from_a_kept_conversation(void **state)
{
    struct heard heard;
    struct stage stage;

    (void)state;
    begin(&stage, &heard);
    stage.steps[0].chat.conversation = PLAN_CONVERSATION_KEEP;
    stage.steps[2] = stage.steps[0];
    stage.steps[2].chat.conversation = PLAN_CONVERSATION_NONE;
    stage.plan.step_count = 3;
    stage.instructions[0] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 0};
    stage.instructions[1] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 2};
    stage.instructions[2] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 0};
    stage.instructions[3] = (struct plan_instruction){.op = PLAN_OP_THINK, .a = 1};
    stage.instructions[4] = (struct plan_instruction){.op = PLAN_OP_END};
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(1));
    stage_play(&stage);
    assert_int_equal(count_in_line(&heard.bodies[0], 0, "\"role\":\"user\""), 1);
    assert_int_equal(count_in_line(&heard.bodies[0], 1, "\"role\":\"user\""), 1);
    assert_int_equal(count_in_line(&heard.bodies[0], 2, "\"role\":\"user\""), 2);
    forget(&heard);
}

/* Plays a run of USERS users as one of several workers, adding to what was heard. */
static void play_share(struct heard *heard, uint32_t worker, uint32_t workers,
                       uint64_t seed)
{
    struct stage stage;

    stage_init(&stage);
    stage.server = serve_and_hear;
    stage.notes = heard;
    stage.plan.seed = seed;
    stage.plan.worker_index = worker;
    stage.plan.worker_count = workers;
    stage.plan.class_count = 2;
    stage.classes[1] = stage.classes[0];
    stage.classes[1].name = "other";
    stage.classes[1].weight = 2;
    stage.classes[0].think = (struct plan_pause){.kind = PLAN_PAUSE_UNIFORM,
                                                 .base_ns = S(2),
                                                 .variance_ns = S(1),
                                                 .max_ns = UINT64_MAX};
    stage.steps[0].chat.conversation = PLAN_CONVERSATION_KEEP;
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, USERS, S(5));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, USERS, S(30));
    stage_phase(&stage, PLAN_PHASE_COOL_DOWN, 0, S(5));
    stage_play(&stage);
}

static void empty(struct heard *heard)
{
    *heard = (struct heard){0};
    for (size_t i = 0; i < USERS; i++)
        heard->bodies[i] = BUF_INIT((size_t)1 << 24);
}

static void assert_same(const struct heard *one, const struct heard *two)
{
    for (size_t i = 0; i < USERS; i++) {
        assert_int_equal(one->counts[i], two->counts[i]);
        assert_string_equal(buf_str(&one->bodies[i]), buf_str(&two->bodies[i]));
    }
}

static void the_same_seed_makes_the_same_requests_with_any_number_of_workers(void **state)
{
    static const uint32_t counts[] = {1, 2, 3, 7};
    struct heard first;

    (void)state;
    empty(&first);
    play_share(&first, 0, 1, 42);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct heard again;

        empty(&again);
        for (uint32_t worker = 0; worker < counts[i]; worker++)
            play_share(&again, worker, counts[i], 42);
        assert_same(&first, &again);
        forget(&again);
    }
    forget(&first);
}

static void another_seed_makes_other_requests(void **state)
{
    struct heard one;
    struct heard two;

    (void)state;
    empty(&one);
    empty(&two);
    play_share(&one, 0, 1, 42);
    play_share(&two, 0, 1, 43);
    assert_string_not_equal(buf_str(&one.bodies[0]), buf_str(&two.bodies[0]));
    forget(&one);
    forget(&two);
}

static void no_two_questions_of_a_run_are_alike(void **state)
{
    struct client_view client;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 200, S(100));
    stage_open(&stage);
    stage_finish(&stage);
    recorder_client(stage.recorder, virtual_world_now(stage.world), &client);
    assert_int_equal(client.questions, stage.samples);
    assert_true(client.unique_questions >= 1.0);
    stage_close(&stage);
}

static void serve_and_check_key(void *ctx, const struct virtual_request *request,
                                struct virtual_answer *ret_answer)
{
    const char *expected = request->request->user % 2 ? "Bearer sk-b" : "Bearer sk-a";
    const char *sent = NULL;

    for (size_t i = 0; i < request->request->header_count; i++) {
        if (strcmp(request->request->headers[i].name, "Authorization") == 0)
            sent = request->request->headers[i].value;
    }
    assert_string_equal(sent, expected);
    stage_serve(ctx, request, ret_answer);
}

static void users_act_as_their_entry_in_the_roster(void **state)
{
    struct secret *a;
    struct secret *b;
    struct roster_user users[2];
    const struct roster roster = {.users = users, .user_count = 2};
    struct stage stage;

    (void)state;
    assert_int_equal(secret_new("sk-a", &a), 0);
    assert_int_equal(secret_new("sk-b", &b), 0);
    users[0] = (struct roster_user){.org_id = "org-1", .user_id = "u-1", .key = a};
    users[1] = (struct roster_user){.org_id = "org-2", .user_id = "u-2", .key = b};
    stage_init(&stage);
    stage.roster = &roster;
    stage.server = serve_and_check_key;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 2, S(1));
    stage_open(&stage);
    stage_finish(&stage);
    assert_string_equal(
        labels_value(recorder_labels(stage.recorder), stage.last.labels, "org_id"),
        stage.last.user % 2 ? "org-2" : "org-1");
    stage_close(&stage);
    secret_free(a);
    secret_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_conversation_grows_by_question_and_answer_and_ends_with_its_repeat),
        cmocka_unit_test(a_turn_that_failed_is_not_sent_back),
        cmocka_unit_test(a_window_limits_what_is_sent_back),
        cmocka_unit_test(a_chat_that_stands_alone_takes_nothing_from_a_kept_conversation),
        cmocka_unit_test(
            the_same_seed_makes_the_same_requests_with_any_number_of_workers),
        cmocka_unit_test(another_seed_makes_other_requests),
        cmocka_unit_test(no_two_questions_of_a_run_are_alike),
        cmocka_unit_test(users_act_as_their_entry_in_the_roster),
    };

    return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
