#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "expr/template.h"
#include "plan/plan.h"
#include "workload/conversation.h"
#include "workload/question.h"
#include "workload/turn.h"

struct fixture {
    struct conversation conversation;
    struct buf scratch;
    struct buf text;
    struct plan plan;
    struct turn_means means;
    struct arena *arena;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.scratch = BUF_INIT(1 << 20), .text = BUF_INIT(1 << 20)};
    conversation_init(&fixture.conversation, 1, 1 << 20, 0);
    fixture.means =
        (struct turn_means){.plan = &fixture.plan, .scratch = &fixture.scratch};
    *state = &fixture;
    return arena_new(&fixture.arena);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    conversation_deinit(&fixture->conversation);
    buf_deinit(&fixture->scratch);
    buf_deinit(&fixture->text);
    arena_free(fixture->arena);
    return 0;
}

/* What the user says in this turn of a new conversation; valid until the next call. */
static const char *say(struct fixture *fixture, const struct plan_chat *chat,
                       const struct turn_key *key, struct turn *ret_turn)
{
    struct message said;

    conversation_reset(&fixture->conversation, 1);
    assert_int_equal(
        turn_begin(&fixture->conversation, chat, key, &fixture->means, ret_turn), 0);
    assert_int_equal(conversation_count(&fixture->conversation), 1);
    said = conversation_at(&fixture->conversation, 0);
    buf_clear(&fixture->text);
    buf_append(&fixture->text, said.content, said.len);
    return buf_str(&fixture->text);
}

static size_t count_words(const char *text)
{
    size_t count = *text != '\0';

    for (; *text; text++)
        count += *text == ' ';
    return count;
}

static int list_of(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                   const char **reterr_hint)
{
    (void)ctx;
    *reterr_hint = NULL;
    *ret_ref = len == 10 && memcmp(name, "lists.verb", 10) == 0 ? 0 : 1;
    return 0;
}

static struct plan_text compile(const struct fixture *fixture, const char *text)
{
    struct plan_text compiled = {.text = text, .len = strlen(text)};
    struct template_error error;

    assert_int_equal(template_compile(text, compiled.len, TEMPLATE_TEXT, list_of, NULL,
                                      fixture->arena, &compiled.template, &error),
                     0);
    return compiled;
}

static void
questions_of_the_scenario_open_as_others_do_and_take_words_of_lists(void **state)
{
    static const char *const verbs[] = {"reset", "find"};
    static const char *const things[] = {"password", "invoice", "parcel"};
    static const struct plan_word_list lists[] = {{"verb", verbs, 2},
                                                  {"thing", things, 3}};
    struct fixture *fixture = *state;
    const struct plan_text templates[] = {
        compile(fixture, "How do I {{ lists.verb }} my {{ lists.thing }}?"),
        PLAN_LITERAL("Who are you?")};
    const struct plan_questions questions = {.name = "support",
                                             .templates = templates,
                                             .template_count = 2,
                                             .lists = lists,
                                             .list_count = 2};
    const struct plan_chat chat = {.say = PLAN_SAY_QUESTION, .questions = 0};
    struct turn_key key = {.seed = 42, .nonce = 7, .organization = 2, .user = 5};
    bool seen[7] = {false};
    struct turn said;

    fixture->plan.questions = &questions;
    fixture->plan.question_count = 1;
    for (key.index = 0; key.index < 200; key.index++) {
        const struct question_source source = {.seed = 42, .nonce = 7, .organization = 2};
        struct buf opening = BUF_INIT(QUESTION_MAX_BYTES);
        const char *text = say(fixture, &chat, &key, &said);
        size_t kind = 6;

        assert_int_equal(question_open(&source, 5, key.index, &opening), 0);
        assert_memory_equal(text, opening.bytes, opening.len);
        text += opening.len;
        buf_deinit(&opening);
        for (size_t i = 0; i < 6; i++) {
            struct buf words = BUF_INIT(100);

            buf_printf(&words, "How do I %s my %s?", verbs[i / 3], things[i % 3]);
            if (strcmp(text, buf_str(&words)) == 0)
                kind = i;
            buf_deinit(&words);
        }
        if (kind == 6)
            assert_string_equal(text, "Who are you?");
        seen[kind] = true;
    }
    for (size_t i = 0; i < 7; i++)
        assert_true(seen[i]);
}

static void questions_of_the_scenario_stay_the_same_under_another_nonce(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_text templates[] = {PLAN_LITERAL("One?"), PLAN_LITERAL("Two?"),
                                          PLAN_LITERAL("Three?")};
    const struct plan_questions questions = {.templates = templates, .template_count = 3};
    const struct plan_chat chat = {.say = PLAN_SAY_QUESTION, .questions = 0};
    struct turn_key key = {.seed = 42, .nonce = 7, .user = 5};
    struct turn said;

    fixture->plan.questions = &questions;
    fixture->plan.question_count = 1;
    for (; key.index < 20; key.index++) {
        char *first;
        const char *second;

        key.nonce = 7;
        first = strdup(say(fixture, &chat, &key, &said));
        key.nonce = 8;
        second = say(fixture, &chat, &key, &said);
        assert_string_not_equal(first, second);
        assert_string_equal(strrchr(first, ' '), strrchr(second, ' '));
        free(first);
    }
}

static void synthetic_prompts_have_the_words_that_were_drawn(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {
        .say = PLAN_SAY_SYNTHETIC,
        .synthetic = {.input = {PLAN_LENGTH_UNIFORM, .min_tokens = 1, .max_tokens = 40},
                      .output = {PLAN_LENGTH_CONSTANT, .mean_tokens = 99,
                                 .max_tokens = UINT64_MAX}}};
    struct turn_key key = {.seed = 1, .nonce = 2};
    uint64_t seen = 0;
    struct turn said;

    for (; key.index < 400; key.index++) {
        const size_t words = count_words(say(fixture, &chat, &key, &said));

        assert_in_range(words, 1, 40);
        assert_int_equal(said.prompt_tokens, words);
        assert_int_equal(said.output_tokens, 99);
        seen |= UINT64_C(1) << words;
    }
    assert_int_equal(seen, ((UINT64_C(1) << 40) - 1) << 1);
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* From their first seven words on: longer ones cannot share more of a cached beginning. */
static void no_two_synthetic_prompts_of_seven_words_are_alike(void **state)
{
    enum { USERS = 40, INDEXES = 100 };
    struct fixture *fixture = *state;
    const struct plan_chat chat = {
        .say = PLAN_SAY_SYNTHETIC,
        .synthetic = {
            .input = {PLAN_LENGTH_CONSTANT, .mean_tokens = 7, .max_tokens = 7}}};
    char **prompts = calloc((size_t)USERS * INDEXES, sizeof(*prompts));
    struct turn said;

    assert_non_null(prompts);
    for (uint64_t user = 0; user < USERS; user++)
        for (uint64_t index = 0; index < INDEXES; index++) {
            const struct turn_key key = {.nonce = 3, .user = user, .index = index};

            prompts[user * INDEXES + index] = strdup(say(fixture, &chat, &key, &said));
        }
    qsort(prompts, (size_t)USERS * INDEXES, sizeof(*prompts), compare);
    for (size_t i = 1; i < (size_t)USERS * INDEXES; i++)
        assert_string_not_equal(prompts[i - 1], prompts[i]);
    for (size_t i = 0; i < (size_t)USERS * INDEXES; i++)
        free(prompts[i]);
    free(prompts);
}

static void another_nonce_gives_other_words_of_the_same_lengths(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {
        .say = PLAN_SAY_SYNTHETIC,
        .synthetic = {.input = {PLAN_LENGTH_NORMAL, .mean_tokens = 50,
                                .deviation_tokens = 20, .min_tokens = 10,
                                .max_tokens = 100}}};
    struct turn_key key = {.seed = 1};
    struct turn first;
    struct turn second;

    for (; key.index < 50; key.index++) {
        char *words;

        key.nonce = 2;
        words = strdup(say(fixture, &chat, &key, &first));
        assert_string_equal(words, say(fixture, &chat, &key, &second));
        key.nonce = 3;
        assert_string_not_equal(words, say(fixture, &chat, &key, &second));
        assert_int_equal(first.prompt_tokens, second.prompt_tokens);
        free(words);
    }
}

/* How often prompts begin with a prefix that the pool shares, and how many of those there are. */
static void a_share_of_the_prompts_begins_with_one_of_the_pool(void **state)
{
    enum { COUNT = 2000, POOL = 3, TOKENS = 20 };
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_PROMPT,
                                   .prompt = PLAN_LITERAL("What now?"),
                                   .prefix = {TOKENS, 0.6, POOL}};
    struct turn_key key = {.seed = 1, .nonce = 2};
    char **prefixes = calloc(COUNT, sizeof(*prefixes));
    size_t pools = 0;
    size_t hits = 0;
    struct turn said;

    assert_non_null(prefixes);
    for (size_t i = 0; i < COUNT; i++) {
        const char *text;
        const char *end;

        key.user = i % 10;
        key.index = i / 10;
        text = say(fixture, &chat, &key, &said);
        end = strstr(text, "\n\n");
        assert_non_null(end);
        assert_string_equal(end, "\n\nWhat now?");
        prefixes[i] = strndup(text, (size_t)(end - text));
        assert_int_equal(count_words(prefixes[i]), TOKENS);
    }
    qsort(prefixes, COUNT, sizeof(*prefixes), compare);
    for (size_t i = 0, same = 1; i < COUNT; i++, same++) {
        if (i + 1 < COUNT && strcmp(prefixes[i], prefixes[i + 1]) == 0)
            continue;
        pools += same > 1;
        hits += same > 1 ? same : 0;
        same = 0;
    }
    assert_int_equal(pools, POOL);
    assert_in_range(hits, 1090, 1310); /* 1200 ± 22: five deviations */
    for (size_t i = 0; i < COUNT; i++)
        free(prefixes[i]);
    free(prefixes);
}

static void
a_prefix_stands_before_the_unique_words_and_at_the_first_turn_only(void **state)
{
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_QUESTION,
                                   .strategy_name = "technical",
                                   .conversation = PLAN_CONVERSATION_KEEP,
                                   .prefix = {12, 1, 1}};
    const struct turn_key ours = {.seed = 1, .nonce = 2, .user = 3};
    const struct turn_key theirs = {.seed = 1, .nonce = 2, .user = 4};
    const struct turn_key next = {.seed = 1, .nonce = 2, .user = 4, .index = 1};
    struct turn said;
    struct message second;
    char *first = strdup(say(fixture, &chat, &ours, &said));
    const char *other = say(fixture, &chat, &theirs, &said);
    const size_t shared = (size_t)(strstr(first, "\n\n") - first) + 2;

    assert_memory_equal(first, other, shared);
    assert_string_not_equal(first + shared, other + shared);
    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &next, &fixture->means, &said), 0);
    second = conversation_at(&fixture->conversation, 1);
    assert_null(memmem(second.content, second.len, "\n\n", 2));
    free(first);
}

static void messages_have_the_prefix_before_the_first_word_of_a_user(void **state)
{
    static const struct plan_message messages[] = {
        {.role = "system", .content = PLAN_LITERAL("be brief")},
        {.role = "user", .content = PLAN_LITERAL("one")},
        {.role = "user", .content = PLAN_LITERAL("two")},
    };
    struct fixture *fixture = *state;
    const struct plan_chat chat = {.say = PLAN_SAY_MESSAGES,
                                   .messages = messages,
                                   .message_count = 3,
                                   .prefix = {5, 1, 1}};
    const struct turn_key key = {0};
    struct message first;
    struct turn said;

    assert_int_equal(
        turn_begin(&fixture->conversation, &chat, &key, &fixture->means, &said), 0);
    assert_int_equal(conversation_at(&fixture->conversation, 0).len, 8);
    first = conversation_at(&fixture->conversation, 1);
    assert_memory_equal(first.content + first.len - 5, "\n\none", 5);
    assert_int_equal(conversation_at(&fixture->conversation, 2).len, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(questions_of_the_scenario_open_as_others_do_and_take_words_of_lists),
        TEST(questions_of_the_scenario_stay_the_same_under_another_nonce),
        TEST(synthetic_prompts_have_the_words_that_were_drawn),
        TEST(no_two_synthetic_prompts_of_seven_words_are_alike),
        TEST(another_nonce_gives_other_words_of_the_same_lengths),
        TEST(a_share_of_the_prompts_begins_with_one_of_the_pool),
        TEST(a_prefix_stands_before_the_unique_words_and_at_the_first_turn_only),
        TEST(messages_have_the_prefix_before_the_first_word_of_a_user),
    };

    return cmocka_run_group_tests_name("saying", tests, NULL, NULL);
}
