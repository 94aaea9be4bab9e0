/* The chat endpoint against OpenAI's reference: bytes of streams, bodies and errors. */
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

#define STREAM ",\"stream\":true"
#define STREAM_USAGE ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
#define END "0\r\n\r\n"

static const json_t *choice(const json_t *object)
{
    return json_array_get(json_object_get(object, "choices"), 0);
}

static const char *text_at(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    assert_non_null(text);
    return text;
}

static long long count_at(const json_t *object, const char *member)
{
    assert_true(json_is_integer(json_object_get(object, member)));
    return json_integer_value(json_object_get(object, member));
}

static void a_stream_has_the_events_of_the_reference(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "content-type: text/event-stream"), 1);
    assert_int_equal(wire_count(wire, "data: "), 6); /* role, 3 tokens, finish, [DONE] */
    assert_int_equal(wire_count(wire, "data: [DONE]\n\n\r\n" END), 1);
    assert_int_equal(wire_count(wire, "usage"), 0);
    for (unsigned i = 0; i < 5; i++) {
        json_auto_t *json = rig_event(wire, i);
        const json_t *delta = json_object_get(choice(json), "delta");
        const json_t *finish = json_object_get(choice(json), "finish_reason");

        assert_string_equal(text_at(json, "object"), "chat.completion.chunk");
        assert_string_equal(text_at(json, "model"), "gpt-4o");
        assert_memory_equal(text_at(json, "id"), "chatcmpl-", 9);
        assert_true(count_at(json, "created") > 1700000000);
        assert_int_equal(json_array_size(json_object_get(json, "choices")), 1);
        assert_int_equal(count_at(choice(json), "index"), 0);
        if (i == 0) {
            assert_string_equal(text_at(delta, "role"), "assistant");
            assert_string_equal(text_at(delta, "content"), "");
        } else if (i < 4) {
            assert_true(strlen(text_at(delta, "content")) > 0);
            assert_true(json_is_null(finish));
        } else {
            assert_int_equal(json_object_size(delta), 0);
            assert_string_equal(json_string_value(finish), "stop");
        }
    }
}

static void usage_comes_last_and_only_when_asked_for(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "cached", "0.5");
    rig_start(rig);
    rig_chat(rig, 0, STREAM_USAGE);
    wire_await(wire, END, 1);
    assert_int_equal(wire_count(wire, "data: "), 7);
    assert_int_equal(wire_count(wire, "\"usage\":null"), 5);
    json_auto_t *json = rig_event(wire, 5);
    const json_t *usage = json_object_get(json, "usage");

    assert_int_equal(json_array_size(json_object_get(json, "choices")), 0);
    assert_int_equal(count_at(usage, "prompt_tokens"), 3 + 3 + 4); /* 14 bytes of text */
    assert_int_equal(count_at(usage, "completion_tokens"), 3);
    assert_int_equal(count_at(usage, "total_tokens"), 13);
    assert_int_equal(
        count_at(json_object_get(usage, "prompt_tokens_details"), "cached_tokens"), 5);
}

/* Gathers the text of a stream's events. */
static void gather(const struct wire *wire, const char *member, struct buf *text)
{
    const unsigned events = wire_count(wire, "data: {");

    for (unsigned i = 0; i < events; i++) {
        json_auto_t *json = rig_event(wire, i);
        const json_t *delta = json_object_get(choice(json), "delta");
        const char *piece = json_string_value(json_object_get(delta, member));

        if (piece)
            buf_append_str(text, piece);
    }
}

/* Of 7 tokens, 1.5 to each: 1, 2, 1, 2 and the last. */
static void chunks_hold_as_many_tokens_as_asked_for_on_average(void **state)
{
    static const unsigned words[] = {1, 2, 1, 2, 1};
    struct rig *rig = *state;

    rig_set(rig, "tokens_per_chunk", "1.5");
    rig_set(rig, "tokens", "7");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(&rig->wires[0], END, 1);
    assert_int_equal(wire_count(&rig->wires[0], "data: {"), 1 + 5 + 1);
    for (unsigned i = 0; i < 5; i++) {
        json_auto_t *json = rig_event(&rig->wires[0], i + 1);
        const char *text = rig_text_at(json, "choices.0.delta.content");
        unsigned count = 1;

        for (const char *at = text + 1; *at; at++)
            count += *at == ' ';
        assert_int_equal(count, words[i]);
    }
}

/* A model may have a length and faults of its own. */
static void a_variant_is_one_models(void **state)
{
    struct rig *rig = *state;
    struct simulator_options *other;
    struct rig_answer answer;

    assert_int_equal(simulator_options_add_variant(&rig->options, "other", &other), 0);
    rig_set(rig, "error_rate", "100%");
    assert_int_equal(simulator_options_set(other, "error_rate", "0", &rig->error), 0);
    assert_int_equal(simulator_options_set(other, "tokens", "9", &rig->error), 0);
    rig_start(rig);
    rig_call(rig, "POST", "/v1/chat/completions", "",
             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
             &answer);
    assert_int_equal(answer.status, 500);
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", "/v1/chat/completions", "",
             "{\"model\":\"other\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
             &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(rig_count_at(answer.json, "usage.completion_tokens"), 9);
    rig_answer_deinit(&answer);
}

static void a_plain_answer_says_the_same_as_the_stream(void **state)
{
    struct rig *rig = *state;
    CLEANUP(buf_deinit) struct buf content = BUF_INIT(4096);
    CLEANUP(buf_deinit) struct buf reasoning = BUF_INIT(4096);

    rig_set(rig, "reasoning_tokens", "4");
    rig_set(rig, "tokens_per_chunk", "2");
    rig_set(rig, "tokens", "5");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    rig_chat(rig, 1, "");
    wire_await(&rig->wires[0], END, 1);
    wire_await(&rig->wires[1], "finish_reason", 1);
    gather(&rig->wires[0], "content", &content);
    gather(&rig->wires[0], "reasoning_content", &reasoning);
    /* role, 2 of reasoning, 3 of content, finish */
    assert_int_equal(wire_count(&rig->wires[0], "data: {"), 7);
    json_auto_t *json = json_loads(wire_body(&rig->wires[1]), 0, NULL);
    const json_t *message = json_object_get(choice(json), "message");
    const json_t *usage = json_object_get(json, "usage");

    assert_string_equal(text_at(json, "object"), "chat.completion");
    assert_string_equal(text_at(message, "role"), "assistant");
    assert_string_equal(text_at(message, "content"), buf_str(&content));
    assert_string_equal(text_at(message, "reasoning_content"), buf_str(&reasoning));
    assert_int_equal(count_at(usage, "completion_tokens"), 9);
    assert_int_equal(
        count_at(json_object_get(usage, "completion_tokens_details"), "reasoning_tokens"),
        4);
}

static void max_tokens_cuts_the_answer(void **state)
{
    static const struct {
        const char *more;
        const char *finish;
        long long tokens;
    } cases[] = {
        {",\"max_tokens\":2", "length", 2},
        {",\"max_completion_tokens\":1", "length", 1},
        {",\"max_tokens\":9,\"max_completion_tokens\":2", "length", 2},
        {",\"max_tokens\":3", "stop", 3},
        {",\"max_tokens\":null", "stop", 3},
        {",\"min_tokens\":7", "stop", 7},
        {",\"max_tokens\":20,\"ignore_eos\":true", "length", 20},
    };
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "gap", "0");
    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        wire_forget(wire);
        rig_chat(rig, 0, cases[i].more);
        wire_await(wire, "service_tier", 1);
        json_auto_t *json = json_loads(wire_body(wire), 0, NULL);

        assert_string_equal(text_at(choice(json), "finish_reason"), cases[i].finish);
        assert_int_equal(count_at(json_object_get(json, "usage"), "completion_tokens"),
                         cases[i].tokens);
    }
}

static void the_clients_id_is_taken_over(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];
    const char *json = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]}";

    rig_start(rig);
    rig_post(rig, 0, "/v1/chat/completions", "X-Request-ID: user-7.1\r\n", json);
    wire_await(wire, "service_tier", 1);
    assert_int_equal(wire_count(wire, "x-request-id: user-7.1\r\n"), 1);
    assert_int_equal(wire_count(wire, "\"id\":\"chatcmpl-user-7.1\""), 1);
    wire_forget(wire);
    rig_post(rig, 0, "/v1/chat/completions", "X-Request-ID: \"quoted\"\r\n", json);
    wire_await(wire, "service_tier", 1);
    assert_int_equal(wire_count(wire, "quoted"), 0);
    assert_int_equal(wire_count(wire, "x-request-id: "), 1);
}

static void what_openai_refuses_is_refused(void **state)
{
    static const struct {
        const char *json;
        const char *says;
    } cases[] = {
        {"{", "\"message\":\"We could not parse the JSON body"},
        {"[]", "\"message\":\"We could not parse the JSON body"},
        {"{\"messages\":[]}", "you must provide a model parameter"},
        {"{\"model\":\"m\"}", "\"param\":\"messages\",\"code\":\"missing_required"},
        {"{\"model\":\"m\",\"messages\":\"hi\"}", "\"code\":\"invalid_type\""},
        {"{\"model\":\"m\",\"messages\":[]}", "\"code\":\"empty_array\""},
        {"{\"model\":\"m\",\"messages\":[{}]}", "messages[].role"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":1}]}",
         "messages[].content"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"max_tokens\":0}",
         "\"param\":\"max_tokens\""},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"n\":2}",
         "\"param\":\"n\""},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"stream\":1}",
         "\"param\":\"stream\""},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"stream_options\":{}}",
         "only allowed when 'stream' is enabled"},
    };
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        wire_forget(wire);
        rig_post(rig, 0, "/v1/chat/completions", "", cases[i].json);
        wire_await(wire, "}}", 1);
        assert_int_equal(wire_count(wire, "HTTP/1.1 400 Bad Request"), 1);
        assert_int_equal(wire_count(wire, "\"type\":\"invalid_request_error\""), 1);
        if (wire_count(wire, cases[i].says) != 1)
            fail_msg("%s\ngave %s", cases[i].json, wire->bytes);
    }
    assert_int_equal(simulator_counts(rig->simulator).refused, COUNT_OF(cases));
}

static void content_may_be_parts(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_start(rig);
    rig_post(rig, 0, "/v1/chat/completions", "",
             "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":null},"
             "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"12345678\"},"
             "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}]}");
    wire_await(wire, "service_tier", 1);
    assert_int_equal(wire_count(wire, "\"prompt_tokens\":96,"), 1); /* 3+3+3+2+85 */
}

static void models_are_listed_and_checked(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "models", "a,b/c");
    rig_start(rig);
    wire_send_text(wire, "GET /v1/models HTTP/1.1\r\n\r\n");
    wire_await(wire, "]}", 1);
    assert_int_equal(wire_count(wire, "{\"object\":\"list\",\"data\":[{\"id\":\"a\","
                                      "\"object\":\"model\","),
                     1);
    assert_int_equal(wire_count(wire, "{\"id\":\"b/c\",\"object\":\"model\","), 1);
    wire_forget(wire);
    wire_send_text(wire, "GET /v1/models/b%2Fc HTTP/1.1\r\n\r\n");
    wire_await(wire, "\"owned_by\"", 1);
    assert_int_equal(wire_count(wire, "\"id\":\"b/c\""), 1);
    wire_forget(wire);
    wire_send_text(wire, "GET /v1/models/z HTTP/1.1\r\n\r\n");
    rig_chat(rig, 0, "");
    wire_await(wire, "\"code\":\"model_not_found\"", 2);
    assert_int_equal(wire_count(wire, "HTTP/1.1 404 Not Found"), 2);
}

static void paths_and_methods_are_exact(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_start(rig);
    rig_post(rig, 0, "/chat/completions", "", "{}");
    rig_post(rig, 0, "/v1/chat/completions/", "", "{}");
    wire_await(wire, "Invalid URL (POST /", 2);
    assert_int_equal(wire_count(wire, "HTTP/1.1 404 "), 2);
    wire_send_text(wire, "GET /v1/chat/completions HTTP/1.1\r\n\r\n");
    wire_await(wire, "\"code\":\"method_not_supported\"", 1);
    assert_int_equal(wire_count(wire, "HTTP/1.1 405 "), 1);
    wire_send_text(wire, "GET /health HTTP/1.1\r\n\r\n");
    wire_await(wire, "\"status\":\"ok\"", 1);
}

static void of_a_long_path_the_refusal_quotes_the_beginning(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;
    char path[1024] = "/bees";

    memset(path + strlen(path), 'z', sizeof(path) - 1 - strlen(path));
    path[sizeof(path) - 1] = '\0';
    rig_start(rig);
    rig_call(rig, "GET", path, "", NULL, &answer);
    assert_int_equal(answer.status, 404);
    assert_int_equal(strncmp(rig_text_at(answer.json, "error.message"),
                             "Invalid URL (GET /beeszzz", 25),
                     0);
    rig_answer_deinit(&answer);
}

static void a_key_is_asked_for_and_never_shown(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    setenv("TEST_SIMULATOR_KEY", "sk-right", 1);
    rig_set(rig, "api_key_env", "TEST_SIMULATOR_KEY");
    rig_start(rig);
    rig_chat(rig, 0, "");
    wire_await(wire, "You didn't provide an API key", 1);
    rig_post(rig, 0, "/v1/chat/completions", "Authorization: Bearer sk-wrong\r\n", "{}");
    wire_await(wire, "\"code\":\"invalid_api_key\"", 1);
    assert_int_equal(wire_count(wire, "HTTP/1.1 401 Unauthorized"), 2);
    assert_int_equal(wire_count(wire, "sk-"), 0);
    rig_post(rig, 0, "/v1/chat/completions", "Authorization: Bearer sk-right\r\n", "{}");
    wire_await(wire, "HTTP/1.1 400 ", 1);
    wire_send_text(wire, "GET /health HTTP/1.1\r\n\r\n");
    wire_await(wire, "\"status\":\"ok\"", 1);
}

static void the_preamble_goes_when_asked(void **state)
{
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    rig_set(rig, "ttft", "1h");
    rig_set(rig, "preamble", "role");
    rig_start(rig);
    rig_chat(rig, 0, STREAM);
    wire_await(wire, "\"role\":\"assistant\"", 1);
    assert_int_equal(wire_count(wire, "data: "), 1);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_stream_has_the_events_of_the_reference),
        WITH_RIG(usage_comes_last_and_only_when_asked_for),
        WITH_RIG(a_plain_answer_says_the_same_as_the_stream),
        WITH_RIG(chunks_hold_as_many_tokens_as_asked_for_on_average),
        WITH_RIG(a_variant_is_one_models),
        WITH_RIG(max_tokens_cuts_the_answer),
        WITH_RIG(the_clients_id_is_taken_over),
        WITH_RIG(what_openai_refuses_is_refused),
        WITH_RIG(content_may_be_parts),
        WITH_RIG(models_are_listed_and_checked),
        WITH_RIG(paths_and_methods_are_exact),
        WITH_RIG(of_a_long_path_the_refusal_quotes_the_beginning),
        WITH_RIG(a_key_is_asked_for_and_never_shown),
        WITH_RIG(the_preamble_goes_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
