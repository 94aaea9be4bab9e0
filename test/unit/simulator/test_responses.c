/* The responses endpoint against OpenAI's reference. */
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

#define PATH "/v1/responses"
#define END "0\r\n\r\n"

static void a_plain_answer_is_a_response_that_repeats_the_request(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":"
             "\"input_text\",\"text\":\"Hello there\"}]}],\"instructions\":\"Be brief\","
             "\"previous_response_id\":\"resp_before\",\"metadata\":{\"a\":\"b\"}}",
             &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(rig_text_at(answer.json, "object"), "response");
    assert_memory_equal(rig_text_at(answer.json, "id"), "resp_", 5);
    assert_string_equal(rig_text_at(answer.json, "status"), "completed");
    assert_string_equal(rig_text_at(answer.json, "instructions"), "Be brief");
    assert_string_equal(rig_text_at(answer.json, "previous_response_id"), "resp_before");
    assert_string_equal(rig_text_at(answer.json, "metadata.a"), "b");
    assert_string_equal(rig_text_at(answer.json, "output.0.content.0.type"),
                        "output_text");
    assert_true(strlen(rig_text_at(answer.json, "output.0.content.0.text")) > 0);
    assert_int_equal(rig_count_at(answer.json, "usage.input_tokens"), 3 + 2 + 3 + 3);
    assert_int_equal(rig_count_at(answer.json, "usage.output_tokens"), 3);
    rig_answer_deinit(&answer);
}

static void a_stream_has_the_events_of_the_reference_in_their_order(void **state)
{
    static const char *const types[] = {
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.reasoning_text.delta",
        "response.reasoning_text.delta",
        "response.reasoning_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    };
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    struct buf said = BUF_INIT(4096);

    rig_set(rig, "reasoning_tokens", "2");
    rig_start(rig);
    rig_post(rig, 0, PATH, "", "{\"model\":\"m\",\"input\":\"Hello\",\"stream\":true}");
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "data: "), COUNT_OF(types));
    for (unsigned i = 0; i < COUNT_OF(types); i++) {
        json_auto_t *event = rig_event(wire, i);

        assert_string_equal(rig_text_at(event, "type"), types[i]);
        assert_int_equal(rig_count_at(event, "sequence_number"), i);
        if (strcmp(types[i], "response.output_text.delta") == 0) {
            assert_int_equal(rig_count_at(event, "output_index"), 1);
            buf_append_str(&said, rig_text_at(event, "delta"));
        }
    }
    json_auto_t *last = rig_event(wire, COUNT_OF(types) - 1);

    assert_string_equal(rig_text_at(last, "response.output.1.content.0.text"),
                        buf_str(&said));
    assert_int_equal(
        rig_count_at(last, "response.usage.output_tokens_details.reasoning_tokens"), 2);
    assert_int_equal(wire_count(wire, "event: response.completed\ndata: "), 1);
    buf_deinit(&said);
}

static void an_answer_cut_by_max_output_tokens_is_incomplete(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "tokens", "50");
    rig_start(rig);
    rig_post(
        rig, 0, PATH, "",
        "{\"model\":\"m\",\"input\":\"Hello\",\"max_output_tokens\":2,\"stream\":true}");
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "event: response.incomplete\n"), 1);
    assert_int_equal(wire_count(wire, "event: response.completed\n"), 0);
    assert_int_equal(
        wire_count(wire, "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"), 1);
}

static void an_error_event_has_the_form_of_this_api(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "stream_error_rate", "responses=1");
    rig_set(rig, "fault_after", "1");
    rig_start(rig);
    rig_post(rig, 0, PATH, "", "{\"model\":\"m\",\"input\":\"Hello\",\"stream\":true}");
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "event: error\ndata: {\"type\":\"error\","), 1);
    assert_int_equal(wire_count(wire, "\"code\":\"server_error\""), 1);
}

static void what_is_no_input_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"input\":7}",
        "{\"model\":\"m\",\"input\":[]}",
        "{\"model\":\"m\",\"input\":[7]}",
        "{\"model\":\"m\",\"input\":\"a\",\"max_output_tokens\":0}",
        "{\"model\":\"m\",\"input\":\"a\",\"stream\":\"yes\"}",
    };
    struct rig *rig = *state;

    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct rig_answer answer;

        rig_call(rig, "POST", PATH, "", bodies[i], &answer);
        if (answer.status != 400)
            fail_msg("%s is answered %d", bodies[i], answer.status);
        rig_answer_deinit(&answer);
    }
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_plain_answer_is_a_response_that_repeats_the_request),
        WITH_RIG(a_stream_has_the_events_of_the_reference_in_their_order),
        WITH_RIG(an_answer_cut_by_max_output_tokens_is_incomplete),
        WITH_RIG(an_error_event_has_the_form_of_this_api),
        WITH_RIG(what_is_no_input_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
