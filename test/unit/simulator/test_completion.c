/* The completions endpoint against OpenAI's reference. */
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

#define PATH "/v1/completions"
#define END "0\r\n\r\n"

static void a_plain_answer_is_a_text_completion(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "", "{\"model\":\"m\",\"prompt\":\"Once upon\"}",
             &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(rig_text_at(answer.json, "object"), "text_completion");
    assert_memory_equal(rig_text_at(answer.json, "id"), "cmpl-", 5);
    assert_true(strlen(rig_text_at(answer.json, "choices.0.text")) > 0);
    assert_string_equal(rig_text_at(answer.json, "choices.0.finish_reason"), "stop");
    assert_int_equal(rig_count_at(answer.json, "usage.prompt_tokens"), 3); /* 9 bytes */
    assert_int_equal(rig_count_at(answer.json, "usage.completion_tokens"), 3);
    assert_int_equal(rig_count_at(answer.json, "usage.total_tokens"), 6);
    rig_answer_deinit(&answer);
}

static void each_prompt_of_a_list_and_each_of_n_is_a_choice(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"m\",\"prompt\":[\"one\",\"two\"],\"n\":2,\"echo\":true}",
             &answer);
    assert_int_equal(json_array_size(rig_at(answer.json, "choices")), 4);
    for (int i = 0; i < 4; i++) {
        const json_t *choice = json_array_get(rig_at(answer.json, "choices"), (size_t)i);

        assert_int_equal(rig_count_at(choice, "index"), i);
        assert_memory_equal(rig_text_at(choice, "text"), i < 2 ? "one " : "two ", 4);
    }
    assert_int_equal(rig_count_at(answer.json, "usage.completion_tokens"), 12);
    rig_answer_deinit(&answer);
}

/* Puts the texts of a stream's choices together. */
static void gather(const struct wire *wire, struct buf texts[static 2])
{
    for (unsigned i = 0; i < 8; i++) { /* twice 3 words and a finish reason */
        json_auto_t *event = rig_event(wire, i);
        const long long index = rig_count_at(event, "choices.0.index");

        assert_in_range(index, 0, 1);
        buf_append_str(&texts[index], rig_text_at(event, "choices.0.text"));
        if (i % 4 == 3)
            assert_string_equal(rig_text_at(event, "choices.0.finish_reason"), "stop");
        else
            assert_true(json_is_null(rig_at(event, "choices.0.finish_reason")));
    }
}

static void a_stream_says_what_the_plain_answer_says(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[1];
    struct buf texts[2] = {BUF_INIT(4096), BUF_INIT(4096)};
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "", "{\"model\":\"m\",\"prompt\":[\"one\",\"two\"]}",
             &answer);
    rig_post(rig, 1, PATH, "",
             "{\"model\":\"m\",\"prompt\":[\"one\",\"two\"],\"stream\":true,"
             "\"stream_options\":{\"include_usage\":true}}");
    wire_await(wire, END, 1);
    gather(wire, texts);
    assert_string_equal(buf_str(&texts[0]), rig_text_at(answer.json, "choices.0.text"));
    assert_string_equal(buf_str(&texts[1]), rig_text_at(answer.json, "choices.1.text"));
    json_auto_t *last = rig_event(wire, 8);

    assert_int_equal(json_array_size(rig_at(last, "choices")), 0);
    assert_int_equal(rig_count_at(last, "usage.completion_tokens"), 6);
    assert_int_equal(wire_count(wire, "data: [DONE]\n\n"), 1);
    assert_int_equal(wire_count(wire, "data: "), 10);
    rig_answer_deinit(&answer);
    buf_deinit(&texts[0]);
    buf_deinit(&texts[1]);
}

static void sixteen_tokens_are_the_most_without_max_tokens(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "tokens", "500");
    rig_start(rig);
    rig_call(rig, "POST", PATH, "", "{\"model\":\"m\",\"prompt\":[1,2,3]}", &answer);
    assert_int_equal(rig_count_at(answer.json, "usage.prompt_tokens"), 3);
    assert_int_equal(rig_count_at(answer.json, "usage.completion_tokens"), 16);
    assert_string_equal(rig_text_at(answer.json, "choices.0.finish_reason"), "length");
    rig_answer_deinit(&answer);
}

static void what_is_no_prompt_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"prompt\":{}}",
        "{\"model\":\"m\",\"prompt\":[]}",
        "{\"model\":\"m\",\"prompt\":[\"a\",7]}",
        "{\"model\":\"m\",\"prompt\":\"a\",\"n\":129}",
        "{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":0}",
        "{\"prompt\":\"a\"}",
        "no JSON",
    };
    struct rig *rig = *state;

    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct rig_answer answer;

        rig_call(rig, "POST", PATH, "", bodies[i], &answer);
        if (answer.status != 400)
            fail_msg("%s is answered %d", bodies[i], answer.status);
        assert_string_equal(rig_text_at(answer.json, "error.type"),
                            "invalid_request_error");
        rig_answer_deinit(&answer);
    }
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_plain_answer_is_a_text_completion),
        WITH_RIG(each_prompt_of_a_list_and_each_of_n_is_a_choice),
        WITH_RIG(a_stream_says_what_the_plain_answer_says),
        WITH_RIG(sixteen_tokens_are_the_most_without_max_tokens),
        WITH_RIG(what_is_no_prompt_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
