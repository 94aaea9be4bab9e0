#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "output/annotations.h"
#include "output/notification.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static json_t *failed_run(const char *scenario, size_t verdict_count,
                          const char *sentence)
{
    json_t *verdicts = json_array();

    for (size_t i = 0; i < verdict_count; i++)
        json_array_append_new(verdicts, json_pack("{s:i, s:s, s:s}", "code", 99,
                                                  "meaning", "", "sentence", sentence));
    return json_pack("{s:{s:s, s:s, s:i}, s:o}", "run", "id", "r-1", "scenario", scenario,
                     "exit_code", 99, "verdicts", verdicts);
}

static json_t *message_of(json_t *summary, enum plan_webhook_format format)
{
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    json_t *message;

    assert_int_equal(notification_write(summary, format, NULL, &text), 0);
    message = json_loads(buf_str(&text), 0, NULL);
    assert_non_null(message);
    buf_deinit(&text);
    json_decref(summary);
    return message;
}

static const char *text_of(const json_t *message)
{
    return json_string_value(json_object_get(
        json_array_get(json_object_get(message, "attachments"), 0), "text"));
}

static void a_text_from_elsewhere_calls_nobody(void **state)
{
    json_t *message = message_of(failed_run("<!here>", 1, "@all & <http://x|y>\n```"),
                                 PLAN_WEBHOOK_SLACK);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(message, "text")),
                        "&lt;!here&gt; failed");
    assert_string_equal(text_of(message), "• @\u2060all &amp; &lt;http://x|y&gt;\n```");
    json_decref(message);
}

static void of_many_verdicts_the_first_are_told_and_the_rest_counted(void **state)
{
    json_t *message = message_of(failed_run("s", 12, "bad"), PLAN_WEBHOOK_SLACK);

    (void)state;
    assert_string_equal(text_of(message),
                        "• bad\n• bad\n• bad\n• bad\n• bad\n• and 7 more");
    json_decref(message);
}

static void what_a_run_has_not_is_null_in_the_document(void **state)
{
    json_t *message = message_of(failed_run("s", 1, "bad"), PLAN_WEBHOOK_JSON);

    (void)state;
    assert_true(json_is_null(json_object_get(message, "totals")));
    assert_true(json_is_false(json_object_get(message, "passed")));
    assert_int_equal(json_array_size(json_object_get(message, "verdicts")), 1);
    json_decref(message);
}

static void a_number_is_as_short_as_in_the_summary(void **state)
{
    json_t *summary = failed_run("s", 0, "");
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    (void)state;
    json_object_set_new(summary, "totals", json_pack("{s:f}", "error_rate", 140.277));
    assert_int_equal(notification_write(summary, PLAN_WEBHOOK_JSON, NULL, &text), 0);
    assert_non_null(strstr(buf_str(&text), ":140.277}"));
    buf_deinit(&text);
    json_decref(summary);
}

static void an_annotation_stays_in_its_line(void **state)
{
    json_t *summary =
        failed_run("a:b,c%\n::warning::x", 1, "100%\r\n::error::forged \033[31m");
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    (void)state;
    assert_int_equal(annotations_write(summary, &text), 0);
    assert_string_equal(buf_str(&text),
                        "::error title=throng a%3Ab%2Cc%25%0A%3A%3Awarning%3A%3Ax::"
                        "100%25%0D%0A::error::forged  [31m\n");
    buf_deinit(&text);
    json_decref(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_from_elsewhere_calls_nobody),
        cmocka_unit_test(of_many_verdicts_the_first_are_told_and_the_rest_counted),
        cmocka_unit_test(what_a_run_has_not_is_null_in_the_document),
        cmocka_unit_test(a_number_is_as_short_as_in_the_summary),
        cmocka_unit_test(an_annotation_stays_in_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
