#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "plan/program.h"
#include "workload/conversation.h"
#include "workload/question.h"
#include "workload/turn.h"
#include "workload/uniqueness.h"

struct fixture {
    struct conversation conversation;
    struct buf scratch;
    struct turn_means means;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    conversation_init(&fixture.conversation, 1, 10000, 0);
    fixture.scratch = BUF_INIT(4096);
    fixture.means = (struct turn_means){.scratch = &fixture.scratch};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    conversation_deinit(&fixture->conversation);
    buf_deinit(&fixture->scratch);
    return 0;
}

static void a_kept_conversation_grows_by_a_question_each_turn(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_QUESTION,
                                   .strategy_name = "mathematical",
                                   .conversation = PLAN_CONVERSATION_KEEP};
    const struct question_source source = {
        .strategy = question_strategy_find("mathematical"),
        .seed = 42,
        .nonce = 7,
        .organization = 2,
    };
    struct buf expected = BUF_INIT(4096);

    for (uint64_t index = 0; index < 12; index++) {
        const struct turn_key key = {
            .seed = 42, .nonce = 7, .organization = 2, .user = 5, .index = index};
        struct message last;
        struct turn said;

        assert_int_equal(
            turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), 0);
        buf_clear(&expected);
        assert_int_equal(question_write(&source, 5, index, &expected), 0);
        last = conversation_at(&fixture->conversation,
                               conversation_count(&fixture->conversation) - 1);
        assert_int_equal(last.role, MESSAGE_USER);
        assert_int_equal(last.len, expected.len);
        assert_memory_equal(last.content, expected.bytes, expected.len);
        assert_true(said.hash == uniqueness_hash(expected.bytes, expected.len));
        assert_int_equal(conversation_turns(&fixture->conversation), index + 1);
        assert_int_equal(
            conversation_append_assistant_delta(&fixture->conversation, "42", 2), 0);
    }
    buf_deinit(&expected);
}

/* LOAD-2: an open loop has more arrivals than there are people to spell, and no two ask the same. */
static void arrivals_beyond_all_people_ask_what_nobody_else_does(void **state)
{
    static const uint64_t users[] = {5,
                                     QUESTION_MAX_USERS - 1,
                                     QUESTION_MAX_USERS,
                                     QUESTION_MAX_USERS + 5,
                                     2 * QUESTION_MAX_USERS + 5,
                                     (UINT64_C(1) << 34) + 5};
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_QUESTION, .strategy_name = "mixed"};
    uint64_t hashes[6] = {0};

    for (size_t i = 0; i < 6; i++) {
        const struct turn_key key = {.seed = 42, .nonce = 7, .user = users[i]};
        struct turn said;

        assert_int_equal(
            turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), 0);
        hashes[i] = said.hash;
        for (size_t j = 0; j < i; j++)
            assert_true(hashes[j] != hashes[i]);
    }
}

static void a_prompt_is_said_as_it_is_written(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_PROMPT,
                                   .prompt = PLAN_LITERAL("Tell me a joke"),
                                   .conversation = PLAN_CONVERSATION_NONE};
    const struct turn_key key = {0};
    struct turn said;

    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), 0);
    assert_int_equal(conversation_count(&fixture->conversation), 1);
    assert_memory_equal(conversation_at(&fixture->conversation, 0).content,
                        "Tell me a joke", 14);
    assert_true(said.hash == uniqueness_hash("Tell me a joke", 14));
}

static void messages_of_the_scenario_are_a_turn_and_the_system_speaks_once(void **state)
{
    static const struct plan_message messages[] = {
        {.role = "system", .content = PLAN_LITERAL("be brief")},
        {.role = "user", .content = PLAN_LITERAL("one")},
        {.role = "assistant", .content = PLAN_LITERAL("un")},
        {.role = "user", .content = PLAN_LITERAL("[{}]"), .parts = true},
    };
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_MESSAGES,
                                   .messages = messages,
                                   .message_count = 4,
                                   .conversation = PLAN_CONVERSATION_KEEP};
    const struct turn_key key = {0};
    struct turn said = {.hash = 1};

    for (uint32_t turn = 1; turn <= 2; turn++) {
        assert_int_equal(
            turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), 0);
        assert_int_equal(said.hash, 0);
        assert_int_equal(conversation_turn(&fixture->conversation), turn);
        assert_int_equal(conversation_count(&fixture->conversation), 1 + 3 * turn);
    }
    assert_int_equal(conversation_at(&fixture->conversation, 0).role, MESSAGE_SYSTEM);
    assert_true(conversation_at(&fixture->conversation, 3).is_json);
}

static void messages_that_ask_nothing_start_no_turn(void **state)
{
    static const struct plan_message unknown[] = {
        {.role = "user", .content = PLAN_LITERAL("one")},
        {.role = "butler", .content = PLAN_LITERAL("two")},
    };
    static const struct plan_message alone[] = {
        {.role = "system", .content = PLAN_LITERAL("be brief")},
    };
    struct fixture *fixture = *state;
    struct plan_chat chat = {
        .say = PLAN_SAY_MESSAGES, .messages = unknown, .message_count = 2};
    const struct turn_key key = {0};
    struct turn said;

    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), -EINVAL);
    assert_int_equal(conversation_count(&fixture->conversation), 0);
    chat.messages = alone;
    chat.message_count = 1;
    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), -EINVAL);
}

static void a_strategy_nobody_knows_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_QUESTION, .strategy_name = "poetical"};
    const struct turn_key key = {0};
    struct turn said;

    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), -ENOENT);
    assert_int_equal(conversation_count(&fixture->conversation), 0);
}

static void a_question_past_the_cap_starts_no_turn(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_PROMPT,
                                   .prompt = PLAN_LITERAL("Tell me a joke"),
                                   .conversation = PLAN_CONVERSATION_KEEP};
    const struct turn_key key = {0};
    struct turn said;

    conversation_init(&fixture->conversation, 1, 20, 0);
    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), 0);
    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said),
        -EMSGSIZE);
    assert_int_equal(conversation_turns(&fixture->conversation), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kept_conversation_grows_by_a_question_each_turn,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            arrivals_beyond_all_people_ask_what_nobody_else_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_prompt_is_said_as_it_is_written, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            messages_of_the_scenario_are_a_turn_and_the_system_speaks_once, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(messages_that_ask_nothing_start_no_turn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_strategy_nobody_knows_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_question_past_the_cap_starts_no_turn, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
