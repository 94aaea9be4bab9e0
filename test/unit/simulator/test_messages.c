/* The messages endpoint against Anthropic's reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "rig.h"

#define PATH "/v1/messages"
#define END "0\r\n\r\n"
#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]"

static void a_plain_answer_is_a_message(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "cached", "0.5");
    rig_start(rig);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"m\",\"max_tokens\":99,\"system\":\"Be kind\"," HELLO "}",
             &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(rig_text_at(answer.json, "type"), "message");
    assert_string_equal(rig_text_at(answer.json, "role"), "assistant");
    assert_string_equal(rig_text_at(answer.json, "content.0.type"), "text");
    assert_string_equal(rig_text_at(answer.json, "stop_reason"), "end_turn");
    assert_int_equal(rig_count_at(answer.json, "usage.input_tokens") +
                         rig_count_at(answer.json, "usage.cache_read_input_tokens"),
                     3 + 2 + 3 + 2);
    assert_int_equal(rig_count_at(answer.json, "usage.cache_read_input_tokens"), 5);
    assert_int_equal(rig_count_at(answer.json, "usage.output_tokens"), 3);
    rig_answer_deinit(&answer);
}

static void a_stream_has_the_events_of_the_reference_in_their_order(void **state)
{
    static const char *const types[] = {
        "message_start",       "ping",
        "content_block_start", "content_block_delta", /* thinking */
        "content_block_delta", "content_block_delta",
        "content_block_stop",  "content_block_start",
        "content_block_delta", /* text */
        "content_block_delta", "content_block_delta",
        "content_block_stop",  "message_delta",
        "message_stop",
    };
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "reasoning_tokens", "2");
    rig_start(rig);
    rig_post(rig, 0, PATH, "x-api-key: any\r\n",
             "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true," HELLO "}");
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "data: "), COUNT_OF(types));
    for (unsigned i = 0; i < COUNT_OF(types); i++) {
        json_auto_t *event = rig_event(wire, i);
        char line[64];

        assert_string_equal(rig_text_at(event, "type"), types[i]);
        (void)snprintf(line, sizeof(line), "event: %s\ndata: {", types[i]);
        assert_true(wire_count(wire, line) >= 1);
    }
    assert_int_equal(wire_count(wire, "\"thinking_delta\""), 2);
    assert_int_equal(wire_count(wire, "\"signature_delta\""), 1);
    assert_int_equal(wire_count(wire, "\"text_delta\""), 3);
    json_auto_t *last = rig_event(wire, COUNT_OF(types) - 2);

    assert_string_equal(rig_text_at(last, "delta.stop_reason"), "end_turn");
    assert_int_equal(rig_count_at(last, "usage.output_tokens"), 5);
}

static void an_answer_cut_short_says_max_tokens(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "", "{\"model\":\"m\",\"max_tokens\":2," HELLO "}",
             &answer);
    assert_string_equal(rig_text_at(answer.json, "stop_reason"), "max_tokens");
    assert_int_equal(rig_count_at(answer.json, "usage.output_tokens"), 2);
    rig_answer_deinit(&answer);
}

static void errors_have_the_form_of_this_api(void **state)
{
    static const char *const bodies[] = {
        "{\"model\":\"m\"," HELLO "}", /* max_tokens is required here */
        "{\"model\":\"m\",\"max_tokens\":9}",
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[]}",
        ("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"system\","
         "\"content\":\"x\"}]}"),
    };
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "models", "small");
    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        rig_call(rig, "POST", PATH, "", bodies[i], &answer);
        assert_int_equal(answer.status, 400);
        assert_string_equal(rig_text_at(answer.json, "type"), "error");
        assert_string_equal(rig_text_at(answer.json, "error.type"),
                            "invalid_request_error");
        rig_answer_deinit(&answer);
    }
    rig_call(rig, "POST", PATH, "", "{\"model\":\"m\",\"max_tokens\":9," HELLO "}",
             &answer);
    assert_int_equal(answer.status, 404);
    assert_string_equal(rig_text_at(answer.json, "error.type"), "not_found_error");
    rig_answer_deinit(&answer);
}

static void the_key_may_come_as_x_api_key(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    setenv("TEST_SIMULATOR_KEY", "sk-ant-1", 1);
    rig_set(rig, "api_key_env", "TEST_SIMULATOR_KEY");
    rig_start(rig);
    rig_call(rig, "POST", PATH, "x-api-key: sk-ant-1\r\n",
             "{\"model\":\"m\",\"max_tokens\":9," HELLO "}", &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", PATH, "x-api-key: sk-ant-2\r\n",
             "{\"model\":\"m\",\"max_tokens\":9," HELLO "}", &answer);
    assert_int_equal(answer.status, 401);
    assert_string_equal(rig_text_at(answer.json, "error.type"), "authentication_error");
    rig_answer_deinit(&answer);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_plain_answer_is_a_message),
        WITH_RIG(a_stream_has_the_events_of_the_reference_in_their_order),
        WITH_RIG(an_answer_cut_short_says_max_tokens),
        WITH_RIG(errors_have_the_form_of_this_api),
        WITH_RIG(the_key_may_come_as_x_api_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
