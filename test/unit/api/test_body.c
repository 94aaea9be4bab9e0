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
        cmocka_unit_test(estimated_tokens_are_a_quarter_of_the_bytes_and_at_least_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
