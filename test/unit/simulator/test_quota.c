/* Limits per key, and how they are told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "rig.h"

#define CHAT "/v1/chat/completions"
#define QUESTION                                                                         \
    "{\"model\":\"m\",\"max_tokens\":30,\"messages\":[{\"role\":\"user\",\"content\":"   \
    "\"Hi\"}]}"

static void a_key_that_asks_too_often_is_told_to_wait(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "requests_per_minute", "2");
    rig_start(rig);
    for (int i = 0; i < 2; i++) {
        rig_call(rig, "POST", CHAT, "Authorization: Bearer a\r\n", QUESTION, &answer);
        assert_int_equal(answer.status, 200);
        rig_expect_field(&answer, "x-ratelimit-limit-requests: 2");
        rig_expect_field(&answer, i == 0 ? "x-ratelimit-remaining-requests: 1"
                                         : "x-ratelimit-remaining-requests: 0");
        assert_null(strstr(answer.head, "tokens"));
        rig_answer_deinit(&answer);
    }
    rig_call(rig, "POST", CHAT, "Authorization: Bearer a\r\n", QUESTION, &answer);
    assert_int_equal(answer.status, 429);
    assert_string_equal(rig_text_at(answer.json, "error.code"), "rate_limit_exceeded");
    assert_string_equal(rig_text_at(answer.json, "error.type"), "requests");
    rig_expect_field(&answer, "retry-after: 30"); /* one in half a minute */
    rig_answer_deinit(&answer);
    /* Another key has its own. */
    rig_call(rig, "POST", CHAT, "Authorization: Bearer b\r\n", QUESTION, &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
}

static void tokens_are_limited_too(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "tokens_per_minute", "50");
    rig_start(rig);
    rig_call(rig, "POST", CHAT, "", QUESTION, &answer);
    assert_int_equal(answer.status, 200);
    rig_expect_field(&answer, "x-ratelimit-limit-tokens: 50");
    rig_expect_field(&answer, "x-ratelimit-remaining-tokens: 20"); /* max_tokens */
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", "/v1/embeddings", "", "{\"model\":\"m\",\"input\":\"Hello\"}",
             &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", CHAT, "", QUESTION, &answer);
    assert_int_equal(answer.status, 429);
    assert_string_equal(rig_text_at(answer.json, "error.type"), "tokens");
    rig_answer_deinit(&answer);
}

static void anthropics_fields_have_its_names(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "requests_per_minute", "7");
    rig_start(rig);
    rig_call(rig, "POST", "/v1/messages", "x-api-key: a\r\n", QUESTION, &answer);
    assert_int_equal(answer.status, 200);
    rig_expect_field(&answer, "anthropic-ratelimit-requests-limit: 7");
    rig_expect_field(&answer, "anthropic-ratelimit-requests-remaining: 6");
    assert_non_null(strstr(answer.head, "anthropic-ratelimit-requests-reset: 20"));
    assert_null(strstr(answer.head, "x-ratelimit"));
    rig_answer_deinit(&answer);
}

static void streams_tell_it_too(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "requests_per_minute", "600");
    rig_start(rig);
    rig_chat(rig, 0, ",\"stream\":true");
    wire_await(wire, "[DONE]", 1);
    assert_int_equal(wire_count(wire, "x-ratelimit-remaining-requests: 599\r\n"), 1);
    assert_int_equal(wire_count(wire, "x-ratelimit-reset-requests: 100ms\r\n"), 1);
}

static void nothing_is_told_without_limits(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", CHAT, "", QUESTION, &answer);
    assert_null(strstr(answer.head, "ratelimit"));
    rig_answer_deinit(&answer);
}

static void a_limit_of_nothing_is_refused(void **state)
{
    struct rig *rig = *state;

    rig_set(rig, "tokens_per_minute", "0");
    assert_int_equal(
        simulator_new(&rig->loop, &rig->options, &rig->error, &rig->simulator), -EINVAL);
    assert_non_null(strstr(buf_str(&rig->error), "tokens_per_minute: 0 would refuse"));
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_key_that_asks_too_often_is_told_to_wait),
        WITH_RIG(tokens_are_limited_too),
        WITH_RIG(anthropics_fields_have_its_names),
        WITH_RIG(streams_tell_it_too),
        WITH_RIG(nothing_is_told_without_limits),
        WITH_RIG(a_limit_of_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
