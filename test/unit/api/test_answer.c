#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/answer.h"
#include "workload/conversation.h"

/* Events that both readers understand. */
static const char *const events[] = {
    "{}",
    "{\"choices\":[]}",
    "{\"choices\":null,\"usage\":null,\"error\":null}",
    "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"delta\":{\"content\":\"b\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"\\u00e9\\n\"},\"finish_reason\":null}]}",
    "{\"choices\":[{\"delta\":{\"reasoning\":\"r\"}}]}",
    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}",
    "{\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"f\"}}}]}",
    "{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"length\"}]}",
    "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
    "tokens\":1,"
    "\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":1},"
    "\"completion_tokens_details\":null}}",
    "{\"error\":{\"message\":\"no\",\"code\":null}}",
    "{\"error\":\"no\"}",
    "{\"error\":{}}",
};

struct reading {
    struct conversation talk;
    struct api_reader reader;
    struct answer answer;
};

static void reading_begin(struct reading *reading)
{
    *reading = (struct reading){0};
    conversation_init(&reading->talk, 1, 4096, 0);
    conversation_append_user(&reading->talk, "q", 1);
    reading->reader.answer = &reading->talk;
}

static void assert_same(struct reading *scan, struct reading *tree)
{
    const size_t count = conversation_count(&scan->talk);

    assert_int_equal(scan->answer.output, tree->answer.output);
    assert_int_equal(scan->answer.error, tree->answer.error);
    assert_int_equal(scan->reader.finished, tree->reader.finished);
    assert_memory_equal(&scan->reader.usage, &tree->reader.usage,
                        sizeof(struct api_usage));
    assert_string_equal(scan->reader.error, tree->reader.error);
    assert_int_equal(count, conversation_count(&tree->talk));
    const struct message one = conversation_at(&scan->talk, count - 1);
    const struct message other = conversation_at(&tree->talk, count - 1);

    assert_int_equal(one.len, other.len);
    assert_memory_equal(one.content, other.content, one.len);
}

static void scanner_and_parser_understand_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        struct reading scan;
        struct reading tree;
        const size_t len = strlen(events[i]);

        reading_begin(&scan);
        reading_begin(&tree);
        assert_true(answer_scan(&scan.reader, events[i], len, &scan.answer));
        assert_true(answer_tree(&tree.reader, events[i], len, &tree.answer));
        assert_same(&scan, &tree);
        conversation_deinit(&scan.talk);
        conversation_deinit(&tree.talk);
    }
}

/* Cut anywhere, an event is understood by neither, and changes nothing. */
static void a_cut_event_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 1; i < sizeof(events) / sizeof(events[0]); i++) {
        for (size_t len = 0; len < strlen(events[i]); len++) {
            struct reading reading;

            reading_begin(&reading);
            assert_false(answer_scan(&reading.reader, events[i], len, &reading.answer));
            assert_false(answer_tree(&reading.reader, events[i], len, &reading.answer));
            assert_int_equal(conversation_count(&reading.talk), 1);
            assert_false(reading.reader.finished);
            conversation_deinit(&reading.talk);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanner_and_parser_understand_the_same),
        cmocka_unit_test(a_cut_event_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
