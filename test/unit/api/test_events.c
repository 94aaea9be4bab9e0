/*
 * What events and whole bodies of the dialects tell beside the usual: errors, odd shapes, ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "base/cleanup.h"

static const struct api_dialect *dialect_of(enum plan_step_kind kind, bool anthropic)
{
    return api_dialect_of(anthropic ? PLAN_API_ANTHROPIC : PLAN_API_OPENAI, kind);
}

/* A reader that keeps the words. */
struct scene {
    const struct api_dialect *dialect;
    struct api_reader reader;
    struct buf text;
    uint32_t output;
};

static void scene_begin(struct scene *scene, const struct api_dialect *dialect)
{
    *scene = (struct scene){.dialect = dialect, .text = BUF_INIT(4096)};
    scene->reader.text = &scene->text;
    scene->reader.call_id = 7;
    scene->reader.texts_asked = 2;
}

static enum api_kind hear(struct scene *scene, const char *event)
{
    scene->output = 0;
    return scene->dialect->read_event(&scene->reader, event, strlen(event),
                                      &scene->output);
}

static enum api_kind read(struct scene *scene, const char *body)
{
    scene->output = 0;
    return scene->dialect->read_body(&scene->reader, body, strlen(body), &scene->output);
}

static void scene_end(struct scene *scene)
{
    buf_deinit(&scene->text);
}

static void an_api_has_the_dialects_that_it_documents(void **state)
{
    (void)state;
    for (int kind = 0; kind <= PLAN_STEP_THINK; kind++) {
        const enum plan_step_kind step = (enum plan_step_kind)kind;
        const struct api_dialect *openai = dialect_of(step, false);
        const struct api_dialect *anthropic = dialect_of(step, true);

        if (plan_step_asks_model(step) || step == PLAN_STEP_MCP) {
            assert_int_equal(openai != NULL, plan_api_has(PLAN_API_OPENAI, step));
            assert_int_equal(anthropic != NULL, plan_api_has(PLAN_API_ANTHROPIC, step));
        } else {
            assert_null(openai);
            assert_null(anthropic);
        }
    }
    assert_string_equal(dialect_of(PLAN_STEP_CHAT, true)->path, "/messages");
    assert_int_equal(dialect_of(PLAN_STEP_CHAT, true)->auth, API_AUTH_X_API_KEY);
}

static void an_error_event_is_an_error_and_its_message_is_kept(void **state)
{
    static const struct {
        enum plan_step_kind kind;
        bool anthropic;
        const char *event;
    } table[] = {
        {PLAN_STEP_CHAT, true,
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
         "\"no\"}}"},
        {PLAN_STEP_CHAT, true, "{\"error\":\"no\"}"},
        {PLAN_STEP_CHAT, true,
         "{\"\\u0074ype\":\"error\",\"error\":{\"message\":\"no\"}}"},
        {PLAN_STEP_RESPONSES, false,
         "{\"type\":\"error\",\"code\":\"ERR\",\"message\":\"no\",\"param\":null}"},
        {PLAN_STEP_RESPONSES, false, "{\"error\":{\"message\":\"no\",\"code\":500}}"},
        {PLAN_STEP_RESPONSES, false,
         "{\"type\":\"response.failed\",\"response\":{\"id\":\"r\",\"status\":\"failed\","
         "\"error\":{\"code\":\"server_error\",\"message\":\"no\"},\"usage\":null}}"},
        {PLAN_STEP_COMPLETION, false, "{\"error\":{\"message\":\"no\"}}"},
        {PLAN_STEP_MCP, false,
         "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32602,\"message\":\"no\"}}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct scene scene;

        scene_begin(&scene, dialect_of(table[i].kind, table[i].anthropic));
        assert_int_equal(hear(&scene, table[i].event), API_ERROR);
        assert_string_equal(scene.reader.error, "no");
        assert_false(scene.reader.finished);
        scene_end(&scene);
    }
}

static void what_is_no_event_of_the_dialect_is_malformed(void **state)
{
    static const char *const events[] = {
        "",
        "hello",
        "[1]",
        "{}",
        "{\"type\":",
        "{\"type\":\"content_block_delta\"}",
        ("{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":"
         "3}"
         "}"),
        "{\"type\":\"content_block_delta\",\"delta\":\"text\"}",
        "{\"type\":\"content_block_start\",\"content_block\":[]}",
        "{\"type\":\"message_start\"}",
        "{\"type\":\"message_delta\",\"delta\":[1]}",
        "{\"type\":\"response.output_text.delta\",\"delta\":{\"text\":\"x\"}}",
        "{\"type\":\"response.completed\"}",
        "{\"type\":\"response.output_item.added\",\"item\":7}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        const bool anthropic = !strstr(events[i], "response.");
        struct scene scene;

        scene_begin(&scene, dialect_of(anthropic ? PLAN_STEP_CHAT : PLAN_STEP_RESPONSES,
                                       anthropic));
        if (hear(&scene, events[i]) != API_MALFORMED)
            fail_msg("not malformed: %s", events[i]);
        assert_int_equal(scene.text.len, 0);
        scene_end(&scene);
    }
}

/* Types that are not known may come at any time: APIs grow. */
static void an_event_of_an_unknown_type_says_nothing(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_CHAT, true));
    assert_int_equal(hear(&scene, "{\"type\":\"news\",\"delta\":7}"), API_NOTHING);
    assert_int_equal(hear(&scene,
                          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
                          "{\"type\":\"citations_delta\",\"citation\":{}}}"),
                     API_NOTHING);
    scene.dialect = dialect_of(PLAN_STEP_RESPONSES, false);
    assert_int_equal(
        hear(&scene, "{\"type\":\"response.audio.delta\",\"delta\":\"UklG\"}"),
        API_NOTHING);
    scene_end(&scene);
}

static void events_behind_the_end_are_counted_but_a_done_mark_is_forgiven(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_CHAT, true));
    assert_int_equal(hear(&scene, "{\"type\":\"message_stop\"}"), API_DONE);
    assert_int_equal(hear(&scene, "[DONE]"), API_NOTHING);
    assert_int_equal(scene.reader.after_done, 0);
    assert_int_equal(hear(&scene, "{\"type\":\"ping\"}"), API_NOTHING);
    assert_int_equal(scene.reader.after_done, 1);
    scene_end(&scene);
}

/* A stream that breaks off behind message_start has told what was asked, not what was answered. */
static void the_usage_of_a_messages_beginning_is_no_usage_yet(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_CHAT, true));
    hear(&scene, "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":"
                 "{\"input_tokens\":25,\"output_tokens\":1}}}");
    assert_false(scene.reader.usage.present);
    hear(&scene, "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                 "\"usage\":{\"output_tokens\":15}}");
    assert_true(scene.reader.usage.present);
    assert_int_equal(scene.reader.usage.prompt_tokens, 25);
    assert_int_equal(scene.reader.usage.completion_tokens, 15);
    assert_true(scene.reader.finished);
    assert_false(scene.reader.done);
    scene_end(&scene);
}

static void a_whole_message_is_read_block_by_block(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_CHAT, true));
    assert_int_equal(
        read(&scene,
             "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":["
             "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"s\"},"
             "{\"type\":\"text\",\"text\":\"one \"},{\"type\":\"text\",\"text\":\"two\"},"
             "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{}}],"
             "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,"
             "\"cache_read_input_tokens\":null,\"output_tokens\":4}}"),
        API_OUTPUT);
    assert_int_equal(scene.output,
                     API_OUTPUT_CONTENT | API_OUTPUT_REASONING | API_OUTPUT_TOOL_CALL);
    assert_string_equal(buf_str(&scene.text), "one two");
    assert_true(scene.reader.finished);
    assert_int_equal(scene.reader.usage.prompt_tokens, 3);
    assert_int_equal(scene.reader.usage.completion_tokens, 4);
    assert_int_equal(scene.reader.slow_events, 0);
    assert_int_equal(read(&scene, "{\"type\":\"error\",\"error\":{\"type\":\"x\","
                                  "\"message\":\"bad\"}}"),
                     API_ERROR);
    assert_string_equal(scene.reader.error, "bad");
    scene_end(&scene);
}

/* What the scanner is not sure of is parsed, and its words are not kept twice. */
static void a_body_of_an_odd_shape_means_the_same(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_CHAT, true));
    assert_int_equal(
        read(&scene,
             "{\"content\":[{\"type\":\"text\",\"text\":\"one \"},"
             "{\"t\\u0079pe\":\"text\",\"text\":\"two\"}],\"stop_reason\":\"end_turn\","
             "\"usage\":{\"input_tokens\":3.0,\"output_tokens\":-4}}"),
        API_OUTPUT);
    assert_string_equal(buf_str(&scene.text), "one two");
    assert_int_equal(scene.reader.slow_events, 1);
    assert_int_equal(scene.reader.usage.prompt_tokens, 3);
    assert_int_equal(scene.reader.usage.completion_tokens, 0);
    /* Sums of what no server can have counted would be worth nothing. */
    assert_int_equal(read(&scene, "{\"content\":[{\"type\":\"text\",\"text\":\".\"}],"
                                  "\"usage\":{\"input_tokens\":3,\"output_tokens\":"
                                  "1000000000000000000000}}"),
                     API_OUTPUT);
    assert_int_equal(scene.reader.usage.completion_tokens, 0);
    assert_int_equal(read(&scene, "{\"content\":7}"), API_MALFORMED);
    assert_int_equal(read(&scene, "{\"content\":[]} x"), API_MALFORMED);
    scene_end(&scene);
}

static void a_whole_response_is_read_item_by_item(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_RESPONSES, false));
    assert_int_equal(
        read(&scene,
             "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\","
             "\"error\":null,\"output\":[{\"type\":\"reasoning\",\"summary\":"
             "[{\"type\":\"summary_text\",\"text\":\"hm\"}]},"
             "{\"type\":\"message\",\"role\":\"assistant\",\"content\":"
             "[{\"type\":\"output_text\",\"text\":\"Hi\",\"annotations\":[]},"
             "{\"type\":\"refusal\",\"refusal\":\" no\"}]}],"
             "\"usage\":{\"input_tokens\":3,\"output_tokens\":2,\"total_tokens\":5}}"),
        API_OUTPUT);
    assert_int_equal(scene.output, API_OUTPUT_CONTENT | API_OUTPUT_REASONING);
    assert_string_equal(buf_str(&scene.text), "Hi no");
    assert_true(scene.reader.finished);
    assert_true(scene.reader.usage.total_told);
    assert_int_equal(scene.reader.usage.total_tokens, 5);
    assert_int_equal(
        read(&scene, "{\"status\":\"failed\",\"error\":{\"message\":\"oom\"}}"),
        API_ERROR);
    assert_string_equal(scene.reader.error, "oom");
    scene_end(&scene);
}

static void embeddings_are_an_answer_when_each_text_has_its_vector(void **state)
{
    static const struct {
        const char *data;
        enum api_kind kind;
    } table[] = {
        {"[{\"index\":0,\"embedding\":[0.1,-2e-3]},{\"index\":1,\"embedding\":[1]}]",
         API_OUTPUT},
        {"[{\"embedding\":\"AACAPw==\"},{\"embedding\":\"AACAPw==\"}]", API_OUTPUT},
        {"[{\"embedding\":[1]}]", API_MALFORMED},
        {"[{\"embedding\":[1]},{\"embedding\":[1]},{\"embedding\":[1]}]", API_MALFORMED},
        {"[{\"embedding\":[1]},{\"embedding\":[]}]", API_NOTHING},
        {"[{\"embedding\":[1]},{\"index\":1}]", API_NOTHING},
        {"[]", API_NOTHING},
        {"null", API_NOTHING},
        {"[7,8]", API_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buf body = BUF_INIT(4096);
        struct scene scene;

        buf_printf(&body,
                   "{\"object\":\"list\",\"data\":%s,\"model\":\"m\",\"usage\":"
                   "{\"prompt_tokens\":8,\"total_tokens\":8}}",
                   table[i].data);
        scene_begin(&scene, dialect_of(PLAN_STEP_EMBEDDINGS, false));
        if (read(&scene, buf_str(&body)) != table[i].kind)
            fail_msg("not so: %s", table[i].data);
        assert_int_equal(scene.reader.finished, table[i].kind == API_OUTPUT);
        if (table[i].kind == API_OUTPUT) {
            assert_int_equal(scene.reader.usage.prompt_tokens, 8);
            assert_int_equal(scene.reader.usage.completion_tokens, 0);
            assert_true(scene.reader.usage.prompt_only);
        }
        scene_end(&scene);
        buf_deinit(&body);
    }
}

static void a_tools_answer_says_whether_it_failed(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_MCP, false));
    assert_int_equal(read(&scene, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":"
                                  "[{\"type\":\"text\",\"text\":\"sandbox violation\"}],"
                                  "\"isError\":true}}"),
                     API_TOOL_ERROR);
    assert_string_equal(scene.reader.error, "sandbox violation");
    assert_string_equal(buf_str(&scene.text), "sandbox violation");
    assert_true(scene.reader.finished);
    scene_end(&scene);
}

static void any_result_is_an_answer_and_another_calls_is_none(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene, dialect_of(PLAN_STEP_MCP, false));
    assert_int_equal(read(&scene, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"),
                     API_OUTPUT);
    scene_end(&scene);
    scene_begin(&scene, dialect_of(PLAN_STEP_MCP, false));
    assert_int_equal(hear(&scene, "{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":{}}"),
                     API_NOTHING);
    assert_int_equal(scene.reader.other_ids, 1);
    assert_int_equal(hear(&scene, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"),
                     API_OUTPUT);
    assert_int_equal(hear(&scene, "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}"), API_NOTHING);
    assert_int_equal(scene.reader.after_done, 1);
    scene_end(&scene);
    scene_begin(&scene, dialect_of(PLAN_STEP_MCP, false));
    assert_int_equal(read(&scene, "{\"jsonrpc\":\"2.0\",\"id\":7}"), API_MALFORMED);
    assert_int_equal(read(&scene, "<html>"), API_MALFORMED);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_api_has_the_dialects_that_it_documents),
        cmocka_unit_test(an_error_event_is_an_error_and_its_message_is_kept),
        cmocka_unit_test(what_is_no_event_of_the_dialect_is_malformed),
        cmocka_unit_test(an_event_of_an_unknown_type_says_nothing),
        cmocka_unit_test(events_behind_the_end_are_counted_but_a_done_mark_is_forgiven),
        cmocka_unit_test(the_usage_of_a_messages_beginning_is_no_usage_yet),
        cmocka_unit_test(a_whole_message_is_read_block_by_block),
        cmocka_unit_test(a_body_of_an_odd_shape_means_the_same),
        cmocka_unit_test(a_whole_response_is_read_item_by_item),
        cmocka_unit_test(embeddings_are_an_answer_when_each_text_has_its_vector),
        cmocka_unit_test(a_tools_answer_says_whether_it_failed),
        cmocka_unit_test(any_result_is_an_answer_and_another_calls_is_none),
    };

    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
