#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "workload/conversation.h"

static void say(struct conversation *conversation, const char *question,
                const char *answer)
{
    assert_int_equal(conversation_append_user(conversation, question, strlen(question)),
                     0);
    if (answer)
        assert_int_equal(
            conversation_append_assistant_delta(conversation, answer, strlen(answer)), 0);
}

/* "u:question a:answer …" */
static void assert_reads(const struct conversation *conversation, const char *expected)
{
    struct buf text = BUF_INIT(1 << 20);

    for (size_t i = 0; i < conversation_count(conversation); i++) {
        const struct message message = conversation_at(conversation, i);

        assert_int_equal(buf_append_char(&text, "suat"[message.role]), 0);
        assert_int_equal(buf_append_char(&text, ':'), 0);
        assert_int_equal(buf_append(&text, message.content, message.len), 0);
        assert_int_equal(buf_append_char(&text, ' '), 0);
    }
    assert_string_equal(buf_str(&text), expected);
    buf_deinit(&text);
}

static void nothing_is_allocated_before_the_first_message(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 7, 1000, 0);
    assert_int_equal(conversation_memory_bytes(&conversation), 0);
    assert_int_equal(conversation_count(&conversation), 0);
    assert_true(sizeof(conversation) <= 64);
    conversation_deinit(&conversation);
}

static void an_answer_grows_in_place(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 1000, 0);
    assert_int_equal(conversation_append_system(&conversation, "be brief", 8), 0);
    say(&conversation, "one", "un");
    assert_int_equal(conversation_append_assistant_delta(&conversation, "", 0), 0);
    assert_int_equal(conversation_append_assistant_delta(&conversation, "e", 1), 0);
    say(&conversation, "two", NULL);
    assert_reads(&conversation, "s:be brief u:one a:une u:two ");
    assert_int_equal(conversation_turns(&conversation), 2);
    assert_int_equal(conversation_bytes(&conversation), 8 + 3 + 3 + 3);
    conversation_deinit(&conversation);
}

static void an_empty_answer_is_a_message(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 1000, 0);
    say(&conversation, "", "");
    assert_reads(&conversation, "u: a: ");
    conversation_deinit(&conversation);
}

static void a_failed_turn_leaves_no_trace(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 1000, 0);
    assert_int_equal(conversation_append_system(&conversation, "s", 1), 0);
    conversation_drop_turn(&conversation);
    assert_reads(&conversation, "s:s ");
    say(&conversation, "one", "un");
    say(&conversation, "two", "de");
    conversation_drop_turn(&conversation);
    assert_reads(&conversation, "s:s u:one a:un ");
    say(&conversation, "three", NULL);
    conversation_drop_turn(&conversation);
    assert_reads(&conversation, "s:s u:one a:un ");
    conversation_drop_turn(&conversation);
    assert_reads(&conversation, "s:s ");
    conversation_deinit(&conversation);
}

static void the_window_keeps_the_system_message_and_the_last_turns(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 1000, 2);
    assert_int_equal(conversation_append_system(&conversation, "s", 1), 0);
    say(&conversation, "one", "1");
    say(&conversation, "two", "2");
    say(&conversation, "three", "3");
    assert_reads(&conversation, "s:s u:one a:1 u:two a:2 u:three a:3 ");
    say(&conversation, "four", "4");
    assert_reads(&conversation, "s:s u:two a:2 u:three a:3 u:four a:4 ");
    assert_int_equal(conversation_turns(&conversation), 3);
    assert_int_equal(conversation_turn(&conversation), 4);
    say(&conversation, "bad", NULL);
    conversation_drop_turn(&conversation);
    say(&conversation, "five", "5");
    assert_int_equal(conversation_turn(&conversation), 5);
    conversation_reset(&conversation, 2);
    say(&conversation, "one", "1");
    assert_int_equal(conversation_turn(&conversation), 1);
    conversation_deinit(&conversation);
}

/* Appends messages of the scenario's own: "u:question" and so on. */
static void script(struct conversation *conversation, const char *const *messages,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct message message = {
            .role = (enum message_role)(strchr("suat", messages[i][0]) - "suat"),
            .content = messages[i] + 2,
            .len = strlen(messages[i]) - 2,
            .is_json = messages[i][2] == '[',
        };

        assert_int_equal(conversation_append_message(conversation, &message, i == 0), 0);
    }
}

static void all_messages_of_one_request_are_one_turn(void **state)
{
    static const char *const first[] = {"u:one", "a:un", "u:two"};
    static const char *const second[] = {"t:[7]", "u:three"};
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 1000, 1);
    assert_int_equal(conversation_append_system(&conversation, "s", 1), 0);
    script(&conversation, first, 3);
    assert_int_equal(conversation_append_assistant_delta(&conversation, "deux", 4), 0);
    assert_int_equal(conversation_turns(&conversation), 1);
    script(&conversation, second, 2);
    assert_reads(&conversation, "s:s u:one a:un u:two a:deux t:[7] u:three ");
    assert_true(conversation_at(&conversation, 5).is_json);
    assert_false(conversation_at(&conversation, 6).is_json);
    assert_int_equal(conversation_turn(&conversation), 2);
    conversation_drop_turn(&conversation);
    assert_reads(&conversation, "s:s u:one a:un u:two a:deux ");
    say(&conversation, "four", "4");
    say(&conversation, "five", NULL);
    assert_reads(&conversation, "s:s u:four a:4 u:five ");
    conversation_deinit(&conversation);
}

static void a_failed_turn_costs_no_good_one_of_the_window(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 1000, 1);
    say(&conversation, "one", "1");
    say(&conversation, "two", "2");
    say(&conversation, "bad", NULL);
    assert_reads(&conversation, "u:two a:2 u:bad ");
    conversation_drop_turn(&conversation);
    say(&conversation, "three", NULL);
    assert_reads(&conversation, "u:two a:2 u:three ");
    conversation_deinit(&conversation);
}

static void the_cap_holds_and_nothing_changes_beyond_it(void **state)
{
    struct conversation conversation;

    (void)state;
    conversation_init(&conversation, 1, 10, 0);
    say(&conversation, "12345", "6789");
    assert_int_equal(conversation_append_assistant_delta(&conversation, "ab", 2),
                     -EMSGSIZE);
    assert_int_equal(conversation_append_user(&conversation, "ab", 2), -EMSGSIZE);
    assert_reads(&conversation, "u:12345 a:6789 ");
    assert_int_equal(conversation_append_assistant_delta(&conversation, "a", 1), 0);
    assert_reads(&conversation, "u:12345 a:6789a ");
    conversation_deinit(&conversation);
}

static void a_reset_begins_anew_and_gives_big_memory_back(void **state)
{
    static char big[20000];
    struct conversation conversation;

    (void)state;
    memset(big, 'x', sizeof(big));
    conversation_init(&conversation, 1, 100000, 3);
    say(&conversation, "one", "1");
    conversation_reset(&conversation, 2);
    assert_int_equal(conversation.id, 2);
    assert_int_equal(conversation_count(&conversation), 0);
    assert_int_equal(conversation_append_user(&conversation, big, sizeof(big)), 0);
    conversation_reset(&conversation, 3);
    assert_true(conversation_memory_bytes(&conversation) < 4200);
    assert_int_equal(conversation.id, 3);
    say(&conversation, "two", "2");
    assert_reads(&conversation, "u:two a:2 ");
    conversation_deinit(&conversation);
}

/* BENCH B-5: a conversation may cost 1.1 times its bytes. */
static void a_big_conversation_wastes_less_than_a_tenth(void **state)
{
    struct conversation conversation;
    size_t checked = 0;

    (void)state;
    conversation_init(&conversation, 1, UINT32_MAX, 0);
    for (int turn = 0; turn < 300; turn++) {
        say(&conversation, "How far is it from here to the nearest railway station?",
            NULL);
        for (int token = 0; token < 100; token++) {
            assert_int_equal(
                conversation_append_assistant_delta(&conversation, " token", 6), 0);
            if (conversation_bytes(&conversation) < 8192)
                continue;
            assert_true((double)conversation_memory_bytes(&conversation) <=
                        1.1 * (double)conversation_bytes(&conversation));
            checked++;
        }
    }
    assert_true(checked > 20000);
    conversation_deinit(&conversation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_allocated_before_the_first_message),
        cmocka_unit_test(an_answer_grows_in_place),
        cmocka_unit_test(an_empty_answer_is_a_message),
        cmocka_unit_test(a_failed_turn_leaves_no_trace),
        cmocka_unit_test(the_window_keeps_the_system_message_and_the_last_turns),
        cmocka_unit_test(all_messages_of_one_request_are_one_turn),
        cmocka_unit_test(a_failed_turn_costs_no_good_one_of_the_window),
        cmocka_unit_test(the_cap_holds_and_nothing_changes_beyond_it),
        cmocka_unit_test(a_reset_begins_anew_and_gives_big_memory_back),
        cmocka_unit_test(a_big_conversation_wastes_less_than_a_tenth),
    };

    return cmocka_run_group_tests_name("conversation", tests, NULL, NULL);
}
