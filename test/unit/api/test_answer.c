#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
        assert_true(
            answer_scan(&scan.reader, ANSWER_OF_CHAT, events[i], len, &scan.answer));
        assert_true(
            answer_tree(&tree.reader, ANSWER_OF_CHAT, events[i], len, &tree.answer));
        assert_same(&scan, &tree);
        conversation_deinit(&scan.talk);
        conversation_deinit(&tree.talk);
    }
}

#define ID "{\"id\":\"c-1\","
#define DELTA ID "\"choices\":[{\"delta\":{\"content\":"

/* Events that look like each other to one who only compares bytes. */
static const char *const alike[] = {
    DELTA "\"one\"}}]}",
    DELTA "\"two words\"}}]}",
    DELTA "\"\"}}]}",
    DELTA "\"a \\\"quoted\\\" word\"}}]}",
    DELTA "\"ends in a backslash \\\\\"}}]}",
    DELTA "\"}}]}\"}}]}",
    DELTA "\"x\",\"role\":\"assistant\"}}]}",
    DELTA "\"x\"},\"finish_reason\":\"stop\"}]}",
    DELTA "\"x\"}},{\"delta\":{\"content\":\"y\"}}]}",
    DELTA "null}}]}",
    DELTA "\"\\ud800\"}}]}",
    DELTA "\"x\",\"reasoning\":\"r\"}}]}",
    DELTA "\"x\",\"tool_calls\":[{\"index\":0}]}}]}",
    "{\"id\":\"c-2\",\"choices\":[{\"delta\":{\"content\":\"one\"}}]}",
    ID "\"choices\":[{\"delta\":{\"reasoning\":\"one\"}}]}",
    ID "\"choices\":[{\"delta\":{\"reasoning\":\"another one\"}}]}",
    ID "\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":3}}",
    ID "\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"timings\":{\"prompt_ms\":4}}",
    ID "\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"error\":{\"message\":\"no\"}}",
};
#define ALIKE (sizeof(alike) / sizeof(alike[0]))

/* Whether a scanner that has no event before it to compare with understands it the same. */
static void assert_read_as_anew(struct reading *after, const char *event)
{
    struct reading anew;
    const size_t len = strlen(event);

    reading_begin(&anew);
    assert_true(answer_scan(&anew.reader, ANSWER_OF_CHAT, DELTA "\"\"}}]}",
                            strlen(DELTA "\"\"}}]}"), &anew.answer));
    assert_int_equal(anew.reader.shape.head_len, 0);
    assert_true(answer_scan(&anew.reader, ANSWER_OF_CHAT, event, len, &anew.answer));
    after->reader.other_ids = 0;
    after->reader.invalid_text = 0;
    after->reader.prompt_ns = 0;
    assert_true(answer_scan(&after->reader, ANSWER_OF_CHAT, event, len, &after->answer));
    assert_same(after, &anew);
    assert_int_equal(after->reader.other_ids, anew.reader.other_ids);
    assert_int_equal(after->reader.invalid_text, anew.reader.invalid_text);
    assert_int_equal(after->reader.prompt_ns, anew.reader.prompt_ns);
    conversation_deinit(&anew.talk);
}

/* Whatever came before, an event tells the same: also right behind one of its own shape. */
static void what_an_event_tells_does_not_depend_on_the_one_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALIKE; i++) {
        for (size_t j = 0; j < ALIKE; j++) {
            struct reading after;
            struct api_shape shape;
            uint64_t id_hash;

            reading_begin(&after);
            assert_true(answer_scan(&after.reader, ANSWER_OF_CHAT, DELTA "\"\"}}]}",
                                    strlen(DELTA "\"\"}}]}"), &after.answer));
            assert_true(answer_scan(&after.reader, ANSWER_OF_CHAT, alike[i],
                                    strlen(alike[i]), &after.answer));
            shape = after.reader.shape;
            id_hash = after.reader.id_hash;
            conversation_deinit(&after.talk);

            reading_begin(&after);
            after.reader.shape = shape;
            after.reader.has_id = true;
            after.reader.id_hash = id_hash;
            assert_read_as_anew(&after, alike[j]);
            conversation_deinit(&after.talk);
        }
    }
}

/* One after the other, with a parser that never compares beside it. */
static void events_of_one_shape_are_read_as_by_the_parser(void **state)
{
    struct reading scan;
    struct reading tree;
    char event[512];

    (void)state;
    reading_begin(&scan);
    reading_begin(&tree);
    for (int i = 0; i < 100; i++) {
        const int len = snprintf(event, sizeof(event), DELTA "\"%.*s\\n%d \"}}]}", i % 40,
                                 "words of a text without quotes in it, so many", i);

        assert_true(
            answer_scan(&scan.reader, ANSWER_OF_CHAT, event, (size_t)len, &scan.answer));
        assert_true(
            answer_tree(&tree.reader, ANSWER_OF_CHAT, event, (size_t)len, &tree.answer));
        assert_true(scan.reader.shape.head_len > 0);
        assert_same(&scan, &tree);
    }
    conversation_deinit(&scan.talk);
    conversation_deinit(&tree.talk);
}

static void an_event_too_long_to_be_kept_is_read_all_the_same(void **state)
{
    struct reading reading;
    char event[2 * API_SHAPE_BYTES];
    const int len =
        snprintf(event, sizeof(event),
                 "{\"choices\":[{\"delta\":{\"content\":\"one\"}}],\"pad\":\"%*s\"}",
                 API_SHAPE_BYTES, "");

    (void)state;
    reading_begin(&reading);
    for (int i = 0; i < 2; i++) {
        assert_true(answer_scan(&reading.reader, ANSWER_OF_CHAT, event, (size_t)len,
                                &reading.answer));
        assert_int_equal(reading.answer.output, API_OUTPUT_CONTENT);
        assert_int_equal(reading.reader.shape.head_len, 0);
    }
    assert_int_equal(conversation_at(&reading.talk, 1).len, 6);
    conversation_deinit(&reading.talk);
}

/* Cut anywhere, an event is understood by neither, and changes nothing. */
static void a_cut_event_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 1; i < sizeof(events) / sizeof(events[0]); i++) {
        for (size_t len = 0; len < strlen(events[i]); len++) {
            struct reading reading;

            reading_begin(&reading);
            assert_false(answer_scan(&reading.reader, ANSWER_OF_CHAT, events[i], len,
                                     &reading.answer));
            assert_false(answer_tree(&reading.reader, ANSWER_OF_CHAT, events[i], len,
                                     &reading.answer));
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
        cmocka_unit_test(what_an_event_tells_does_not_depend_on_the_one_before),
        cmocka_unit_test(events_of_one_shape_are_read_as_by_the_parser),
        cmocka_unit_test(an_event_too_long_to_be_kept_is_read_all_the_same),
        cmocka_unit_test(a_cut_event_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
