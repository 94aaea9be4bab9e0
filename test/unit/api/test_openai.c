#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/dialect.h"
#include "workload/conversation.h"

/* A reader with a conversation in which a question was asked. */
struct scene {
    struct conversation talk;
    struct api_reader reader;
    uint32_t output;
};

static const struct api_dialect *chats(void)
{
    return api_dialect_of(PLAN_API_OPENAI, PLAN_STEP_CHAT);
}

static void scene_begin(struct scene *scene)
{
    conversation_init(&scene->talk, 1, 1 << 20, 0);
    assert_int_equal(conversation_append_user(&scene->talk, "hi", 2), 0);
    scene->reader = (struct api_reader){.answer = &scene->talk};
    scene->output = 0;
}

static enum api_kind feed(struct scene *scene, const char *event)
{
    scene->output = 0;
    return chats()->read_event(&scene->reader, event, strlen(event), &scene->output);
}

static void assert_answer(const struct scene *scene, const char *text)
{
    const struct message last =
        conversation_at(&scene->talk, conversation_count(&scene->talk) - 1);

    assert_int_equal(last.role, MESSAGE_ASSISTANT);
    assert_int_equal(last.len, strlen(text));
    assert_memory_equal(last.content, text, last.len);
}

#define CHUNK(delta)                                                                     \
    "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","  \
    "\"choices\":[{\"index\":0,\"delta\":" delta                                         \
    ",\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}"

/* The last chunk of llama.cpp's server, as it sends it. */
#define LLAMA_CPP_LAST(prompt_ms)                                                        \
    "{\"choices\":[],\"created\":1753000000,\"id\":\"chatcmpl-x\",\"model\":\"m\","      \
    "\"system_fingerprint\":\"b5900\",\"object\":\"chat.completion.chunk\","             \
    "\"usage\":{\"completion_tokens\":16,\"prompt_tokens\":14,\"total_tokens\":30},"     \
    "\"timings\":{\"prompt_n\":14,\"prompt_ms\":" prompt_ms                              \
    ",\"prompt_per_token_ms\":5.8,\"prompt_per_second\":172.1,\"predicted_n\":16,"       \
    "\"predicted_ms\":312.25,\"predicted_per_token_ms\":19.5,"                           \
    "\"predicted_per_second\":51.2}}"

static void assert_prompt_ns(const char *event, uint64_t expected_ns, uint32_t slow)
{
    struct scene scene;

    scene_begin(&scene);
    assert_int_equal(feed(&scene, event), API_NOTHING);
    assert_int_equal(scene.reader.prompt_ns, expected_ns);
    assert_int_equal(scene.reader.usage.prompt_tokens, 14);
    assert_int_equal(scene.reader.slow_events, slow);
    conversation_deinit(&scene.talk);
}

static void the_servers_own_time_for_the_prompt_is_taken(void **state)
{
    (void)state;
    assert_prompt_ns(LLAMA_CPP_LAST("81.337"), 81337000, 0);
    assert_prompt_ns(LLAMA_CPP_LAST("81"), 81000000, 0);
    assert_prompt_ns(LLAMA_CPP_LAST("0.1234567890123"), 123456, 0);
    assert_prompt_ns(LLAMA_CPP_LAST("8.1e1"), 81000000, 1);
    assert_prompt_ns(LLAMA_CPP_LAST("-1"), 0, 1);
    assert_prompt_ns(LLAMA_CPP_LAST("1e300"), 0, 1);
    assert_prompt_ns(LLAMA_CPP_LAST("null"), 0, 0);
}

static void a_stream_is_read_as_the_provider_documents_it(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    assert_int_equal(feed(&scene, CHUNK("{\"role\":\"assistant\",\"content\":\"\"}")),
                     API_NOTHING);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":\"Hel\"}")), API_OUTPUT);
    assert_int_equal(scene.output, API_OUTPUT_CONTENT);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":\"lo\"}")), API_OUTPUT);
    assert_false(scene.reader.finished);
    assert_int_equal(
        feed(&scene,
             "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"),
        API_NOTHING);
    assert_true(scene.reader.finished);
    assert_int_equal(
        feed(&scene,
             "{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12,"
             "\"total_tokens\":21,\"prompt_tokens_details\":{\"cached_tokens\":4,"
             "\"audio_tokens\":0},\"completion_tokens_details\":"
             "{\"reasoning_tokens\":3}}}"),
        API_NOTHING);
    assert_true(scene.reader.usage.present);
    assert_int_equal(scene.reader.usage.prompt_tokens, 9);
    assert_int_equal(scene.reader.usage.cached_tokens, 4);
    assert_int_equal(scene.reader.usage.completion_tokens, 12);
    assert_int_equal(scene.reader.usage.reasoning_tokens, 3);
    assert_int_equal(feed(&scene, "[DONE]"), API_DONE);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":\"late\"}")), API_NOTHING);
    assert_int_equal(scene.reader.after_done, 1);
    assert_int_equal(scene.reader.slow_events, 0);
    assert_answer(&scene, "Hello");
    conversation_deinit(&scene.talk);
}

static void
fault_17_what_counts_as_output_is_content_reasoning_or_a_tool_call(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    assert_int_equal(feed(&scene, CHUNK("{\"role\":\"assistant\"}")), API_NOTHING);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":null}")), API_NOTHING);
    assert_int_equal(feed(&scene, CHUNK("{\"tool_calls\":[]}")), API_NOTHING);
    assert_int_equal(feed(&scene, CHUNK("{\"reasoning_content\":\"Hm\"}")), API_OUTPUT);
    assert_int_equal(scene.output, API_OUTPUT_REASONING);
    assert_int_equal(feed(&scene, CHUNK("{\"reasoning\":\"Hm\",\"content\":\"a\"}")),
                     API_OUTPUT);
    assert_int_equal(scene.output, API_OUTPUT_REASONING | API_OUTPUT_CONTENT);
    assert_int_equal(
        feed(&scene,
             CHUNK("{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}")),
        API_OUTPUT);
    assert_int_equal(scene.output, API_OUTPUT_TOOL_CALL);
    assert_answer(&scene, "a");
    conversation_deinit(&scene.talk);
}

/* The role, the finish reason and what stands between; usage and errors have none. */
static void events_with_a_choice_are_counted_whatever_it_says(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    feed(&scene, CHUNK("{\"role\":\"assistant\",\"content\":\"\"}"));
    assert_int_equal(scene.reader.choices, 1);
    feed(&scene, CHUNK("{\"content\":\"a\"}"));
    feed(&scene, CHUNK("{\"content\":\"b\"}")); /* by its shape alone */
    assert_int_equal(scene.reader.choices, 3);
    feed(&scene, "{\"choices\":[{\"d\\u0065lta\":{},\"finish_reason\":\"stop\"}]}");
    assert_int_equal(scene.reader.choices, 4);
    feed(&scene,
         "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}");
    feed(&scene, "{\"error\":{\"message\":\"no\"}}");
    assert_int_equal(scene.reader.choices, 4);
    conversation_deinit(&scene.talk);
}

static void fault_19_an_error_inside_a_stream_is_an_error(void **state)
{
    static const char *const errors[] = {
        "{\"error\":{\"message\":\"out of memory\",\"code\":500}}",
        "{\"error\":\"out of memory\"}",
        "{\"object\":\"error\",\"message\":\"out of memory\",\"code\":500}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct scene scene;

        scene_begin(&scene);
        assert_int_equal(feed(&scene, errors[i]), API_ERROR);
        assert_string_equal(scene.reader.error, "out of memory");
        conversation_deinit(&scene.talk);
    }
}

static void fault_11_two_events_glued_together_are_one_malformed_event(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    assert_int_equal(feed(&scene, "{\"choices\":[]}\n{\"choices\":[]}"), API_MALFORMED);
    assert_int_equal(feed(&scene, "hello"), API_MALFORMED);
    assert_int_equal(feed(&scene, ""), API_MALFORMED);
    assert_int_equal(feed(&scene, "[1]"), API_MALFORMED);
    assert_int_equal(feed(&scene, "{\"choices\":[{\"delta\":{\"content\":\"cut"),
                     API_MALFORMED);
    assert_int_equal(conversation_count(&scene.talk), 1);
    conversation_deinit(&scene.talk);
}

static void fault_15_broken_text_is_replaced_and_counted(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":\"a\\ud800b\"}")), API_OUTPUT);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":\"\\u0000\"}")), API_OUTPUT);
    assert_int_equal(feed(&scene, CHUNK("{\"content\":\"\xff\"}")), API_OUTPUT);
    assert_int_equal(scene.reader.invalid_text, 3);
    assert_answer(&scene, "a\xEF\xBF\xBD"
                          "b\xEF\xBF\xBD\xEF\xBF\xBD");
    conversation_deinit(&scene.talk);
}

static void escapes_are_undone(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    feed(&scene, CHUNK("{\"content\":\"\\\"q\\\" \\\\ \\n \\u00e9 \\ud83d\\ude00 é\"}"));
    assert_int_equal(scene.reader.invalid_text, 0);
    assert_answer(&scene, "\"q\" \\ \n \u00e9 \U0001F600 \u00e9");
    conversation_deinit(&scene.talk);
}

static void odd_shapes_go_to_the_full_parser_and_mean_the_same(void **state)
{
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    assert_int_equal(
        feed(&scene, "{\"ch\\u006fices\":[{\"delta\":{\"content\":\"x\"}}]}"),
        API_OUTPUT);
    assert_int_equal(scene.reader.slow_events, 1);
    feed(&scene,
         "{\"choices\":[],\"usage\":{\"prompt_tokens\":5.0,\"completion_tokens\":-1}}");
    assert_int_equal(scene.reader.slow_events, 2);
    assert_int_equal(scene.reader.usage.prompt_tokens, 5);
    assert_int_equal(scene.reader.usage.completion_tokens, 0);
    assert_answer(&scene, "x");
    conversation_deinit(&scene.talk);
}

static void a_whole_answer_is_read_like_a_chunk(void **state)
{
    const char *body =
        "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
        "\"message\":"
        "{\"role\":\"assistant\",\"content\":\"Hi there\",\"refusal\":null},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_"
        "tokens\":2,"
        "\"total_tokens\":5}}";
    struct scene scene;

    (void)state;
    scene_begin(&scene);
    assert_int_equal(chats()->read_body(&scene.reader, body, strlen(body), &scene.output),
                     API_OUTPUT);
    assert_true(scene.reader.finished);
    assert_int_equal(scene.reader.usage.completion_tokens, 2);
    assert_answer(&scene, "Hi there");
    conversation_deinit(&scene.talk);
}

static void an_error_message_is_cut_between_characters_and_cleaned(void **state)
{
    struct scene scene;
    char event[400];
    char message[300] = "\x1b[31m";

    (void)state;
    memset(message + strlen(message), 'a', 193);
    strncat(message, "\u00e9\u00e9\u00e9", 10);
    snprintf(event, sizeof(event), "{\"error\":{\"message\":\"%s\"}}", message + 1);
    scene_begin(&scene);
    assert_int_equal(feed(&scene, event), API_ERROR);
    assert_true(strlen(scene.reader.error) < sizeof(scene.reader.error));
    assert_int_equal(
        (unsigned char)scene.reader.error[strlen(scene.reader.error) - 1] & 0x80, 0x80);
    assert_null(strpbrk(scene.reader.error, "\x1b\n"));
    conversation_deinit(&scene.talk);
}

/* Read by the scanner, and by the full parser where it is odd in shape. */
static void one_answer_has_one_id(void **state)
{
    static const struct {
        const char *first;
        const char *second;
        uint32_t other_ids;
    } table[] = {
        {"{\"id\":\"a\"}", "{\"id\":\"a\"}", 0},
        {"{\"id\":\"a\"}", "{\"id\":\"b\"}", 1},
        {"{\"id\":\"a\"}", "{\"id\":\"aa\"}", 1},
        {"{\"id\":\"\"}", "{\"id\":\"a\"}", 0},
        {"{\"id\":\"a\"}", "{\"id\":\"\"}", 0},
        {"{\"id\":\"a\"}", "{\"id\":null}", 0},
        {"{\"id\":\"a\"}", "{\"id\":7}", 0},
        {"{\"id\":\"a\"}", "{}", 0},
        {"{\"\\u0069d\":\"a\"}", "{\"id\":\"b\"}", 1},
        {"{\"id\":\"a\"}", "{\"\\u0069d\":\"a\"}", 0},
    };
    char longest[200];
    char other[200];

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct scene scene;

        scene_begin(&scene);
        feed(&scene, table[i].first);
        feed(&scene, table[i].second);
        if (scene.reader.other_ids != table[i].other_ids)
            fail_msg("%s, %s: %u", table[i].first, table[i].second,
                     scene.reader.other_ids);
        conversation_deinit(&scene.talk);
    }
    /* A long one is compared as a whole. */
    snprintf(longest, sizeof(longest), "{\"id\":\"%0100d\"}", 1);
    snprintf(other, sizeof(other), "{\"id\":\"%0101d\"}", 1);
    struct scene scene;

    scene_begin(&scene);
    feed(&scene, longest);
    feed(&scene, longest);
    assert_int_equal(scene.reader.other_ids, 0);
    feed(&scene, other);
    assert_int_equal(scene.reader.other_ids, 1);
    conversation_deinit(&scene.talk);
}

/* By the scanner, and by the full parser where a key is odd. */
static void why_an_answer_ended_is_known_by_its_word(void **state)
{
    static const struct {
        const char *event;
        const char *word;
    } table[] = {
        {"{\"choices\":[{\"finish_reason\":\"length\"}]}", "length"},
        {"{\"choices\":[{\"finish_r\\u0065ason\":\"length\"}]}", "length"},
        {"{\"choices\":[{\"finish_reason\":\"boredom\"}]}", "other"},
        {"{\"choices\":[{\"finish_reason\":null}]}", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct scene scene;

        scene_begin(&scene);
        feed(&scene, table[i].event);
        assert_string_equal(api_finish_word((enum api_finish)scene.reader.finish),
                            table[i].word);
        assert_int_equal(scene.reader.finished, table[i].word[0] != '\0');
        conversation_deinit(&scene.talk);
    }
}

static void a_total_is_told_or_not(void **state)
{
    static const struct {
        const char *usage;
        bool told;
        uint64_t total;
    } table[] = {
        {"\"prompt_tokens\":1,\"total_tokens\":5", true, 5},
        {"\"prompt_tokens\":1,\"total_tokens\":null", false, 0},
        {"\"prompt_tokens\":1", false, 0},
        {"\"prompt_tokens\":1.0,\"total_tokens\":5.0", true, 5}, /* for the parser */
        {"\"prompt_tokens\":1.0,\"total_tokens\":null", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char text[200];
        struct scene scene;

        snprintf(text, sizeof(text), "{\"choices\":[],\"usage\":{%s}}", table[i].usage);
        scene_begin(&scene);
        feed(&scene, text);
        assert_int_equal(scene.reader.usage.total_told, table[i].told);
        assert_int_equal(scene.reader.usage.total_tokens, table[i].total);
        conversation_deinit(&scene.talk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_servers_own_time_for_the_prompt_is_taken),
        cmocka_unit_test(one_answer_has_one_id),
        cmocka_unit_test(why_an_answer_ended_is_known_by_its_word),
        cmocka_unit_test(a_total_is_told_or_not),
        cmocka_unit_test(a_stream_is_read_as_the_provider_documents_it),
        cmocka_unit_test(
            fault_17_what_counts_as_output_is_content_reasoning_or_a_tool_call),
        cmocka_unit_test(events_with_a_choice_are_counted_whatever_it_says),
        cmocka_unit_test(fault_19_an_error_inside_a_stream_is_an_error),
        cmocka_unit_test(fault_11_two_events_glued_together_are_one_malformed_event),
        cmocka_unit_test(fault_15_broken_text_is_replaced_and_counted),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(odd_shapes_go_to_the_full_parser_and_mean_the_same),
        cmocka_unit_test(a_whole_answer_is_read_like_a_chunk),
        cmocka_unit_test(an_error_message_is_cut_between_characters_and_cleaned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
