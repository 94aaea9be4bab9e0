#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/integrity.h"
#include "measure/integrity.h"
#include "stage.h"

#define CHUNK(id)                                                                        \
    "{\"id\":\"" id "\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"}}]}"
#define FINISH                                                                           \
    "{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
#define USAGE(counts) "{\"id\":\"a\",\"choices\":[],\"usage\":{" counts "}}"
#define GOOD_USAGE                                                                       \
    USAGE("\"prompt_tokens\":20,\"completion_tokens\":3,\"total_tokens\":23")
#define DONE "[DONE]"
#define KIND(kind) (UINT32_C(1) << (INTEGRITY_##kind))
#define MAX_EVENTS 6

/* Answers as the test's notes say. */
static void serve_notes(void *ctx, const struct virtual_request *request,
                        struct virtual_answer *ret_answer)
{
    struct stage *stage = ctx;

    (void)request;
    *ret_answer = *(const struct virtual_answer *)stage->notes;
}

/* One user asks once and hears the answer. What is wrong with it. */
static uint32_t ask(struct virtual_answer *answer)
{
    struct stage stage;
    uint32_t kinds;

    stage_init(&stage);
    stage.notes = answer;
    stage.server = serve_notes;
    stage.plan.limits.requests = 1;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(1000));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(stage.samples, 1);
    kinds = integrity_of(&stage.last);
    stage_close(&stage);
    return kinds;
}

static uint32_t ask_for(const char *const *data, struct virtual_answer answer)
{
    struct virtual_event events[MAX_EVENTS] = {{0}};

    answer.events = events;
    answer.event_count = 0;
    while (answer.event_count < MAX_EVENTS && data[answer.event_count]) {
        events[answer.event_count] =
            (struct virtual_event){.delay_ns = MS(10), .data = data[answer.event_count]};
        answer.event_count++;
    }
    return ask(&answer);
}

static void what_is_wrong_with_a_stream_is_counted_as_its_own_kind(void **state)
{
    static const struct {
        const char *data[MAX_EVENTS];
        uint32_t kinds;
    } table[] = {
        {{CHUNK("a"), FINISH, GOOD_USAGE, DONE}, 0},
        {{CHUNK(""), CHUNK("a"), FINISH, GOOD_USAGE, DONE}, 0}, /* Azure's first */
        {{CHUNK("a"), FINISH, GOOD_USAGE}, KIND(MISSING_DONE)},
        {{CHUNK("a"), GOOD_USAGE, DONE}, KIND(MISSING_FINISH)},
        {{CHUNK("a")}, KIND(MISSING_FINISH)},
        {{CHUNK("a"), FINISH, DONE, CHUNK("a")}, KIND(AFTER_DONE)},
        {{CHUNK("a"), CHUNK("b"), FINISH, DONE}, KIND(MIXED_IDS)},
        {{CHUNK("a"), FINISH, USAGE("\"prompt_tokens\":20,\"completion_tokens\":3"),
          DONE},
         0}, /* no total is no wrong total */
        {{CHUNK("a"), FINISH,
          USAGE("\"prompt_tokens\":20,\"completion_tokens\":3,\"total_tokens\":20"),
          DONE},
         KIND(USAGE_TOTAL)},
        {{CHUNK("a"), FINISH,
          USAGE("\"prompt_tokens\":20,\"completion_tokens\":3,\"total_tokens\":23,"
                "\"prompt_tokens_details\":{\"cached_tokens\":21}"),
          DONE},
         KIND(USAGE_PARTS)},
        {{CHUNK("a"), FINISH,
          USAGE("\"prompt_tokens\":20,\"completion_tokens\":3,\"total_tokens\":23,"
                "\"completion_tokens_details\":{\"reasoning_tokens\":4}"),
          DONE},
         KIND(USAGE_PARTS)},
        {{CHUNK("a"), FINISH,
          USAGE("\"prompt_tokens\":20,\"completion_tokens\":0,\"total_tokens\":20"),
          DONE},
         KIND(USAGE_ZERO)},
        {{CHUNK("a"), FINISH,
          USAGE("\"prompt_tokens\":0,\"completion_tokens\":3,\"total_tokens\":4"), DONE},
         KIND(USAGE_ZERO) | KIND(USAGE_TOTAL)},
        {{"{\"choices\":[{\"delta\":{\"content\":\"\\ud800\"}}]}", FINISH, DONE},
         KIND(INVALID_TEXT)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const uint32_t kinds =
            ask_for(table[i].data, (struct virtual_answer){.status = 200});

        if (kinds != table[i].kinds)
            fail_msg("row %zu: %x where %x is right", i, kinds, table[i].kinds);
    }
}

static void an_answer_that_broke_is_not_blamed_for_what_did_not_follow(void **state)
{
    static const char *const begun[] = {CHUNK("a"), NULL};
    static const char *const finished[] = {CHUNK("a"), FINISH, NULL};

    (void)state;
    assert_int_equal(
        ask_for(begun, (struct virtual_answer){.status = 200, .end = TRANSFER_TRUNCATED}),
        KIND(TRUNCATED));
    assert_int_equal(
        ask_for(begun, (struct virtual_answer){.status = 200, .end = TRANSFER_RESET}), 0);
    assert_int_equal(
        ask_for(finished, (struct virtual_answer){.status = 200, .end = TRANSFER_RESET}),
        0);
    assert_int_equal(
        ask_for(finished, (struct virtual_answer){.status = 200, .hangs = true}),
        KIND(MISSING_DONE)); /* two seconds of silence are enough */
}

static void a_refusal_and_a_page_are_no_answers_to_judge(void **state)
{
    static const char *const page[] = {"<html>", NULL};

    (void)state;
    assert_int_equal(ask_for(page, (struct virtual_answer){.status = 503,
                                                           .content_type = "text/html"}),
                     0);
    assert_int_equal(ask_for(page, (struct virtual_answer){.status = 200,
                                                           .content_type = "text/html"}),
                     0);
}

/* The run's id on the stage is "run", so the request's is this. */
#define OWN_ID "run-0-0-0"

static void an_answer_with_the_id_of_another_request_is_crossed(void **state)
{
    static const char *const data[] = {CHUNK("a"), FINISH, DONE, NULL};
    static const struct {
        const char *echo;
        uint32_t kinds;
    } table[] = {
        {OWN_ID, 0},
        {"run-0-7-0", KIND(CROSSED)},
        {"req_8f3c", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct transfer_header header = {"x-request-id", table[i].echo};
        const uint32_t kinds =
            ask_for(data, (struct virtual_answer){
                              .status = 200, .headers = &header, .header_count = 1});

        if (kinds != table[i].kinds)
            fail_msg("%s: %x where %x is right", table[i].echo, kinds, table[i].kinds);
    }
}

static void only_an_id_of_this_run_proves_that_an_answer_is_crossed(void **state)
{
    static const struct {
        const char *echo;
        bool crossed;
    } table[] = {
        {NULL, false},
        {"", false},
        {"chat-1-0-12-0", false},
        {"chat-1-0-13-0", true},
        {"chat-1-0-12-1", true},
        {"chat-1-3-12-0", true},
        {"chat-1-0-12-0, chat-1-0-12-0", false}, /* two proxies each added one */
        {"chat-1-0-12", false},
        {"chat-1-0-13-0x", false},
        {"chat-1-0--0", false},
        {"chat-10-13-0", false}, /* of other runs: chat-10, chat-1.0 */
        {"chat-1.0-13-0", false},
        {"chat-1", false},
        {"1c1f2c3d-0-13-0", false},
    };
    char long_id[200] = "";
    char other[200] = "";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (integrity_is_crossed("chat-1", "chat-1-0-12-0", table[i].echo) !=
            table[i].crossed)
            fail_msg("%s", table[i].echo ? table[i].echo : "none");
    }
    memset(long_id, 'x', 100); /* 64 bytes of it stand in the ids */
    (void)snprintf(other, sizeof(other), "%.64s-0-1-0", long_id);
    assert_true(integrity_is_crossed(long_id, "other", other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_a_stream_is_counted_as_its_own_kind),
        cmocka_unit_test(an_answer_that_broke_is_not_blamed_for_what_did_not_follow),
        cmocka_unit_test(a_refusal_and_a_page_are_no_answers_to_judge),
        cmocka_unit_test(an_answer_with_the_id_of_another_request_is_crossed),
        cmocka_unit_test(only_an_id_of_this_run_proves_that_an_answer_is_crossed),
    };

    return cmocka_run_group_tests_name("integrity", tests, NULL, NULL);
}
