#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "workload/conversation.h"

static struct conversation talk(void)
{
    struct conversation conversation;

    conversation_init(&conversation, 1, 1 << 20, 0);
    conversation_append_user(&conversation, "say \"hi\"\n", 9);
    return conversation;
}

static void the_body_is_what_the_reference_asks_for(void **state)
{
    struct conversation conversation = talk();
    struct buf body = BUF_INIT(4096);
    const struct api_ask chat = {.model = "gpt-4o",
                                 .system = "be brief",
                                 .conversation = &conversation,
                                 .stream = true,
                                 .include_usage = true,
                                 .max_tokens = 200,
                                 .temperature = 0.5};

    (void)state;
    assert_int_equal(api_dialect_of(PLAN_API_OPENAI, PLAN_STEP_CHAT)->write(&chat, &body),
                     0);
    assert_string_equal(
        buf_str(&body),
        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"be "
        "brief\"},"
        "{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\n\"}],\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true},\"max_tokens\":200,\"temperature\":"
        "0.5}");
    buf_deinit(&body);
    conversation_deinit(&conversation);
}

static void extra_body_is_merged_last_and_wins(void **state)
{
    struct conversation conversation = talk();
    struct buf body = BUF_INIT(4096);
    const struct api_ask chat = {
        .model = "m",
        .conversation = &conversation,
        .max_tokens = 200,
        .temperature = NAN,
        .extra_body =
            " {\"max_tokens\": 5, \"guided\": {\"a\": [1, 2]}, \"model\": \"n\" } "};

    (void)state;
    assert_int_equal(api_dialect_of(PLAN_API_OPENAI, PLAN_STEP_CHAT)->write(&chat, &body),
                     0);
    json_t *root = json_loads(buf_str(&body), JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "max_tokens")), 5);
    assert_string_equal(json_string_value(json_object_get(root, "model")), "n");
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(root, "guided"), "a")), 2);
    assert_null(json_object_get(root, "temperature"));
    assert_null(json_object_get(root, "stream"));
    json_decref(root);
    buf_deinit(&body);
    conversation_deinit(&conversation);
}

static void an_extra_body_that_is_no_object_is_refused(void **state)
{
    static const char *const bad[] = {"[1]", "{\"a\":1", "7", "{\"a\"}", "{} {}"};
    struct conversation conversation = talk();

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf body = BUF_INIT(4096);
        const struct api_ask chat = {.model = "m",
                                     .conversation = &conversation,
                                     .temperature = NAN,
                                     .extra_body = bad[i]};

        assert_int_equal(
            api_dialect_of(PLAN_API_OPENAI, PLAN_STEP_CHAT)->write(&chat, &body),
            -EINVAL);
        buf_deinit(&body);
    }
    conversation_deinit(&conversation);
}

static void assert_body(enum plan_api api, enum plan_step_kind kind,
                        const struct api_ask *ask, const char *expected)
{
    struct buf body = BUF_INIT(4096);

    assert_int_equal(api_dialect_of(api, kind)->write(ask, &body), 0);
    assert_string_equal(buf_str(&body), expected);
    buf_deinit(&body);
}

/* One question in the words of each dialect. */
static void each_dialect_asks_in_its_own_words(void **state)
{
    struct conversation conversation = talk();
    const struct api_ask ask = {.model = "m",
                                .system = "be brief",
                                .conversation = &conversation,
                                .stream = true,
                                .include_usage = true,
                                .max_tokens = 9,
                                .temperature = 0.5};

    (void)state;
    assert_body(PLAN_API_OPENAI, PLAN_STEP_COMPLETION, &ask,
                "{\"model\":\"m\",\"prompt\":\"say \\\"hi\\\"\\n\",\"stream\":true,"
                "\"stream_options\":{\"include_usage\":true},\"max_tokens\":9,"
                "\"temperature\":0.5}");
    assert_body(PLAN_API_OPENAI, PLAN_STEP_RESPONSES, &ask,
                "{\"model\":\"m\",\"instructions\":\"be brief\",\"input\":[{\"role\":"
                "\"user\",\"content\":\"say \\\"hi\\\"\\n\"}],\"stream\":true,"
                "\"max_output_tokens\":9,\"temperature\":0.5}");
    assert_body(PLAN_API_OPENAI, PLAN_STEP_EMBEDDINGS, &ask,
                "{\"model\":\"m\",\"input\":\"say \\\"hi\\\"\\n\"}");
    assert_body(PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, &ask,
                "{\"model\":\"m\",\"max_tokens\":9,\"system\":\"be brief\",\"messages\":"
                "[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\n\"}],"
                "\"stream\":true,\"temperature\":0.5}");
    conversation_deinit(&conversation);
}

/* Anthropic refuses requests without a limit, and messages of the system. */
static void anthropics_messages_always_have_a_limit_and_no_system_among_them(void **state)
{
    static const struct message spoken[] = {
        {.role = MESSAGE_SYSTEM, .content = "be brief", .len = 8},
        {.role = MESSAGE_USER,
         .content = "[{\"type\":\"text\"}]",
         .len = 17,
         .is_json = true},
        {.role = MESSAGE_ASSISTANT, .content = "{", .len = 1},
    };
    struct conversation conversation;
    struct api_ask ask = {
        .model = "m", .conversation = &conversation, .temperature = NAN};

    (void)state;
    conversation_init(&conversation, 1, 1 << 20, 0);
    for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++)
        assert_int_equal(conversation_append_message(&conversation, &spoken[i], i == 1),
                         0);
    assert_body(
        PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, &ask,
        "{\"model\":\"m\",\"max_tokens\":1024,\"system\":\"be brief\",\"messages\":"
        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]},"
        "{\"role\":\"assistant\",\"content\":\"{\"}]}");
    ask.max_completion_tokens = 5;
    ask.extra_body = "{\"messages\":[],\"system\":\"\"}";
    assert_body(PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, &ask,
                "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[],\"system\":\"\"}");
    conversation_deinit(&conversation);
}

static void where_an_answer_stops_is_a_list_of_sequences_for_anthropic(void **state)
{
    static const struct {
        const char *extra_body;
        const char *said;
    } table[] = {
        {"{\"stop\": \"END\"}", "\"stop_sequences\":[\"END\"]"},
        {"{\"top_k\": 5, \"stop\": [\"a\", \"b\"], \"top_p\": 1}",
         "\"stop_sequences\":[\"a\", \"b\"],\"top_k\": 5, \"top_p\": 1"},
        {"{\"stop\": null}", "\"stop\": null"},
        {"{\"stop_sequences\": []}", "\"stop_sequences\": []"},
    };
    struct conversation conversation = talk();

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct api_ask ask = {.model = "m",
                                    .conversation = &conversation,
                                    .max_tokens = 9,
                                    .temperature = NAN,
                                    .extra_body = table[i].extra_body};
        struct buf expected = BUF_INIT(4096);

        buf_append_str(&expected,
                       "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":"
                       "\"user\",\"content\":\"say \\\"hi\\\"\\n\"}],");
        buf_printf(&expected, "%s}", table[i].said);
        assert_body(PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, &ask, buf_str(&expected));
        buf_deinit(&expected);
    }
    conversation_deinit(&conversation);
}

static void more_than_one_text_is_embedded_as_a_list(void **state)
{
    struct conversation conversation = talk();
    const struct api_ask ask = {
        .model = "m", .conversation = &conversation, .temperature = NAN};

    (void)state;
    assert_int_equal(conversation_append_user(&conversation, "two", 3), 0);
    assert_body(PLAN_API_OPENAI, PLAN_STEP_EMBEDDINGS, &ask,
                "{\"model\":\"m\",\"input\":[\"say \\\"hi\\\"\\n\",\"two\"]}");
    conversation_deinit(&conversation);
}

/* Appends a message to the turn at hand, or as the first of a new one. */
static void say(struct conversation *conversation, enum message_role role,
                const char *words, bool begins_turn)
{
    const struct message message = {.role = role, .content = words, .len = strlen(words)};

    assert_int_equal(conversation_append_message(conversation, &message, begins_turn), 0);
}

static void of_a_turn_of_several_messages_the_last_is_the_text(void **state)
{
    struct conversation conversation;
    const struct api_ask ask = {
        .model = "m", .conversation = &conversation, .temperature = NAN};

    (void)state;
    conversation_init(&conversation, 1, 1 << 20, 0);
    say(&conversation, MESSAGE_SYSTEM, "be brief", false);
    say(&conversation, MESSAGE_USER, "hi", true);
    say(&conversation, MESSAGE_ASSISTANT, "hello", false);
    say(&conversation, MESSAGE_USER, "why?", false);
    assert_body(PLAN_API_OPENAI, PLAN_STEP_EMBEDDINGS, &ask,
                "{\"model\":\"m\",\"input\":\"why?\"}");
    assert_body(PLAN_API_OPENAI, PLAN_STEP_COMPLETION, &ask,
                "{\"model\":\"m\",\"prompt\":\"why?\"}");
    say(&conversation, MESSAGE_USER, "a", true);
    say(&conversation, MESSAGE_USER, "b", false);
    assert_body(PLAN_API_OPENAI, PLAN_STEP_EMBEDDINGS, &ask,
                "{\"model\":\"m\",\"input\":[\"why?\",\"b\"]}");
    conversation_deinit(&conversation);
}

static void the_steps_system_message_stands_in_place_of_the_conversations(void **state)
{
    struct conversation conversation;
    const struct api_ask ask = {.model = "m",
                                .system = "be kind",
                                .conversation = &conversation,
                                .temperature = NAN};

    (void)state;
    conversation_init(&conversation, 1, 1 << 20, 0);
    say(&conversation, MESSAGE_SYSTEM, "be brief", false);
    say(&conversation, MESSAGE_USER, "hi", true);
    assert_body(PLAN_API_OPENAI, PLAN_STEP_CHAT, &ask,
                "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
                "\"be kind\"},{\"role\":\"user\",\"content\":\"hi\"}]}");
    assert_body(PLAN_API_OPENAI, PLAN_STEP_RESPONSES, &ask,
                "{\"model\":\"m\",\"instructions\":\"be kind\",\"input\":[{\"role\":"
                "\"user\",\"content\":\"hi\"}]}");
    assert_body(
        PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, &ask,
        "{\"model\":\"m\",\"max_tokens\":1024,\"system\":\"be kind\",\"messages\":"
        "[{\"role\":\"user\",\"content\":\"hi\"}]}");
    conversation_deinit(&conversation);
}

static void keys_of_an_extra_body_may_have_escapes(void **state)
{
    struct conversation conversation = talk();
    struct api_ask ask = {.model = "m",
                          .conversation = &conversation,
                          .temperature = NAN,
                          .extra_body = "{\"a\\\"b\":1,\"model\":\"n\"}"};

    (void)state;
    assert_body(PLAN_API_OPENAI, PLAN_STEP_CHAT, &ask,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"say "
                "\\\"hi\\\"\\n\"}],\"a\\\"b\":1,\"model\":\"n\"}");
    ask.extra_body = "{\"a\\\"b\":1,\"input\":2,\"messages\":[],\"stop\":\"x\"}";
    assert_body(PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, &ask,
                "{\"model\":\"m\",\"max_tokens\":1024,\"stop_sequences\":[\"x\"],"
                "\"a\\\"b\":1,\"input\":2,\"messages\":[]}");
    conversation_deinit(&conversation);
}

static void an_mcp_call_is_a_json_rpc_message(void **state)
{
    static const struct {
        struct api_mcp_call call;
        const char *expected;
    } table[] = {
        {{.method = "tools/call", .params = "{\"name\":\"read_file\"}", .id = 7},
         "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":"
         "{\"name\":\"read_file\"}}"},
        {{.method = "notifications/initialized", .id = 7, .notification = true},
         "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct buf body = BUF_INIT(4096);

        assert_int_equal(api_mcp_write(&table[i].call, &body), 0);
        assert_string_equal(buf_str(&body), table[i].expected);
        buf_deinit(&body);
    }
}

static void estimated_tokens_are_a_quarter_of_the_bytes_and_at_least_one(void **state)
{
    (void)state;
    assert_int_equal(api_estimate_tokens(0), 0);
    assert_int_equal(api_estimate_tokens(1), 1);
    assert_int_equal(api_estimate_tokens(400), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_is_what_the_reference_asks_for),
        cmocka_unit_test(extra_body_is_merged_last_and_wins),
        cmocka_unit_test(an_extra_body_that_is_no_object_is_refused),
        cmocka_unit_test(each_dialect_asks_in_its_own_words),
        cmocka_unit_test(
            anthropics_messages_always_have_a_limit_and_no_system_among_them),
        cmocka_unit_test(where_an_answer_stops_is_a_list_of_sequences_for_anthropic),
        cmocka_unit_test(more_than_one_text_is_embedded_as_a_list),
        cmocka_unit_test(of_a_turn_of_several_messages_the_last_is_the_text),
        cmocka_unit_test(the_steps_system_message_stands_in_place_of_the_conversations),
        cmocka_unit_test(keys_of_an_extra_body_may_have_escapes),
        cmocka_unit_test(an_mcp_call_is_a_json_rpc_message),
        cmocka_unit_test(estimated_tokens_are_a_quarter_of_the_bytes_and_at_least_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
