#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "workload/question.h"
#include "workload/uniqueness.h"

#define MILLION 1000000
#define USERS 1000

static struct question_source source_of(const char *strategy, uint64_t seed,
                                        uint64_t nonce)
{
    const struct question_source source = {
        .strategy = question_strategy_find(strategy), .seed = seed, .nonce = nonce};

    assert_non_null(source.strategy);
    return source;
}

static const char *ask(const struct question_source *source, uint64_t user,
                       uint64_t index, struct buf *out)
{
    buf_clear(out);
    assert_int_equal(question_write(source, user, index, out), 0);
    return buf_str(out);
}

/* What follows the person and the verb. */
static const char *body_of(const char *question)
{
    const char *colon = strstr(question, ": ");

    assert_non_null(colon);
    return colon + 2;
}

/* The first eight words as one hash. */
static uint64_t prefix_hash(const char *question)
{
    size_t len = 0;

    for (int words = 0; words < 8; words++)
        len += strcspn(question + len, " ") + 1;
    return uniqueness_hash(question, len);
}

static int compare_hashes(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* USR-1. Of 64-bit hashes a million collide by chance with probability 3e-8. */
static void a_million_questions_differ_in_their_first_eight_words(void **state)
{
    struct buf out = BUF_INIT(4096);
    uint64_t *hashes = calloc(MILLION, sizeof(*hashes));

    (void)state;
    assert_non_null(hashes);
    for (size_t strategy = 0; question_strategy_at(strategy); strategy += 5) {
        struct question_source source = {.strategy = question_strategy_at(strategy),
                                         .seed = 42,
                                         .nonce = question_nonce_of_seed(42)};

        for (uint64_t i = 0; i < MILLION; i++) {
            source.organization = i % USERS % 3;
            hashes[i] = prefix_hash(ask(&source, i % USERS, i / USERS, &out));
        }
        qsort(hashes, MILLION, sizeof(*hashes), compare_hashes);
        for (size_t i = 1; i < MILLION; i++)
            assert_true(hashes[i - 1] != hashes[i]);
    }
    free(hashes);
    buf_deinit(&out);
}

static void equal_keys_give_equal_bytes(void **state)
{
    const struct question_source source = source_of("mixed", 42, 7);
    struct buf one = BUF_INIT(4096);
    struct buf other = BUF_INIT(4096);

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        assert_string_equal(ask(&source, i, i / 3, &one), ask(&source, i, i / 3, &other));
    buf_deinit(&one);
    buf_deinit(&other);
}

/* What a seed means is part of the result's meaning: a change here is a new generator version. */
static void the_generator_is_the_one_that_results_were_made_with(void **state)
{
    const struct question_source source =
        source_of("mixed", 42, question_nonce_of_run("20261121-100900-abcd"));
    struct buf out = BUF_INIT(4096);

    (void)state;
    assert_string_equal(
        ask(&source, 0, 0, &out),
        "Innkeeper Martin Lionel Crompool, 86, of Southgarth, would like an answer to "
        "this: A night bus leaves at a quarter past 7 with 75 km/h; a car follows 50 "
        "minutes later at 122 km/h. When and where are they level? End with a "
        "one-sentence summary.");
    assert_string_equal(
        ask(&source, 999, 1000, &out),
        "Peatden driver Milan Hamish Moorbrand, 60, comes to you with this: What is the "
        "simplest version of a hospital appointment system that 1 people could build in "
        "5 "
        "weeks with Scala and object storage?");
    buf_deinit(&out);
}

static void another_nonce_changes_the_person_but_not_what_is_asked(void **state)
{
    const struct question_source first = source_of("technical", 42, 1);
    const struct question_source second = source_of("technical", 42, 2);
    struct buf one = BUF_INIT(4096);
    struct buf other = BUF_INIT(4096);

    (void)state;
    for (uint64_t i = 0; i < 10000; i++) {
        const char *question = ask(&first, i, i, &one);
        const char *again = ask(&second, i, i, &other);

        assert_true(prefix_hash(question) != prefix_hash(again));
        assert_string_equal(body_of(question), body_of(again));
    }
    buf_deinit(&one);
    buf_deinit(&other);
}

static void seed_organization_user_and_index_each_change_what_is_asked(void **state)
{
    const struct question_source base = source_of("historical", 42, 1);
    struct question_source changed;
    struct buf one = BUF_INIT(4096);
    struct buf other = BUF_INIT(4096);
    const char *question = body_of(ask(&base, 3, 4, &one));

    (void)state;
    assert_string_not_equal(question, body_of(ask(&base, 4, 4, &other)));
    assert_string_not_equal(question, body_of(ask(&base, 3, 5, &other)));
    changed = base;
    changed.seed++;
    assert_string_not_equal(question, body_of(ask(&changed, 3, 4, &other)));
    changed = base;
    changed.organization++;
    assert_string_not_equal(question, body_of(ask(&changed, 3, 4, &other)));
    buf_deinit(&one);
    buf_deinit(&other);
}

/* What no question of English looks like. */
static void assert_well_formed(const char *question)
{
    static const char *const wrong[] = {"  ",    " ,",    " .",        " ?",   "?.",
                                        "..",    " a a",  " a e",      " a i", " an b",
                                        " an c", " an s", " the the ", "\n"};
    const size_t len = strlen(question);

    assert_in_range(len, 60, QUESTION_MAX_BYTES);
    assert_true(question[len - 1] == '?' || question[len - 1] == '.');
    assert_true(*body_of(question) >= 'A' && *body_of(question) <= 'Z');
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (strstr(question, wrong[i]))
            fail_msg("'%s' in: %s", wrong[i], question);
    }
}

static void every_strategy_writes_well_formed_sentences(void **state)
{
    struct buf out = BUF_INIT(4096);

    (void)state;
    for (size_t strategy = 0; question_strategy_at(strategy); strategy++) {
        const struct question_source source = {.strategy = question_strategy_at(strategy),
                                               .seed = 1};

        for (uint64_t i = 0; i < 50000; i++)
            assert_well_formed(ask(&source, i, 0, &out));
    }
    buf_deinit(&out);
}

/* Even without the person nine of ten questions are asked once, so that a semantic cache fails. */
static void what_is_asked_varies(void **state)
{
    struct buf out = BUF_INIT(4096);

    (void)state;
    for (size_t strategy = 0; question_strategy_at(strategy); strategy++) {
        const struct question_source source = {.strategy = question_strategy_at(strategy),
                                               .seed = 1};
        struct uniqueness *uniqueness = NULL;

        assert_int_equal(uniqueness_new(&uniqueness), 0);
        for (uint64_t i = 0; i < 10000; i++) {
            const char *body = body_of(ask(&source, i, 0, &out));

            assert_int_equal(
                uniqueness_note(uniqueness, uniqueness_hash(body, strlen(body))), 0);
        }
        if (uniqueness_ratio(uniqueness) < 0.9)
            fail_msg("%s: only %.3f are distinct", source.strategy->name,
                     uniqueness_ratio(uniqueness));
        uniqueness_free(uniqueness);
    }
    buf_deinit(&out);
}

static void mixed_asks_in_every_way(void **state)
{
    const struct question_source mixed = source_of("mixed", 1, 1);
    struct buf out = BUF_INIT(4096);
    int derivatives = 0;
    int nodes = 0;
    int rivers = 0;
    int historians = 0;
    int imagined = 0;

    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        const char *question = ask(&mixed, i, 0, &out);

        derivatives += strstr(question, "derivative") != NULL;
        nodes += strstr(question, "one node out of") != NULL;
        rivers += strstr(question, "harder to navigate") != NULL;
        historians += strstr(question, "historians") != NULL;
        imagined += strstr(question, "Imagine that") != NULL;
    }
    assert_true(derivatives > 0 && nodes > 0 && rivers > 0 && historians > 0 &&
                imagined > 0);
    buf_deinit(&out);
}

static void the_buffer_is_not_grown_again_once_it_has_room(void **state)
{
    const struct question_source source = source_of("mixed", 1, 1);
    struct buf out = BUF_INIT(4096);
    const char *bytes;
    size_t cap;

    (void)state;
    ask(&source, 0, 0, &out);
    bytes = out.bytes;
    cap = out.cap;
    for (uint64_t i = 1; i < 10000; i++)
        ask(&source, i, 0, &out);
    assert_ptr_equal(out.bytes, bytes);
    assert_int_equal(out.cap, cap);
    buf_deinit(&out);
}

static void what_does_not_fit_is_refused(void **state)
{
    const struct question_source source = source_of("mixed", 1, 1);
    struct buf out = BUF_INIT(4096);
    struct buf small = BUF_INIT(QUESTION_MAX_BYTES - 1);

    (void)state;
    assert_int_equal(question_write(&source, QUESTION_MAX_USERS, 0, &out), -ERANGE);
    assert_int_equal(question_write(&source, 0, QUESTION_MAX_INDEX, &out), -ERANGE);
    assert_int_equal(
        question_write(&source, QUESTION_MAX_USERS - 1, QUESTION_MAX_INDEX - 1, &out), 0);
    assert_int_equal(question_write(&source, 0, 0, &small), -EMSGSIZE);
    buf_deinit(&out);
    buf_deinit(&small);
}

static void strategies_are_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(question_strategy_find("geographical")->name, "geographical");
    assert_null(question_strategy_find("geographic"));
    assert_null(question_strategy_find(""));
    for (size_t i = 0; question_strategy_at(i); i++)
        assert_ptr_equal(question_strategy_find(question_strategy_at(i)->name),
                         question_strategy_at(i));
}

static void nonces_of_runs_and_seeds_differ(void **state)
{
    (void)state;
    assert_true(question_nonce_of_run("run-1") != question_nonce_of_run("run-2"));
    assert_true(question_nonce_of_seed(1) != question_nonce_of_seed(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_questions_differ_in_their_first_eight_words),
        cmocka_unit_test(equal_keys_give_equal_bytes),
        cmocka_unit_test(the_generator_is_the_one_that_results_were_made_with),
        cmocka_unit_test(another_nonce_changes_the_person_but_not_what_is_asked),
        cmocka_unit_test(seed_organization_user_and_index_each_change_what_is_asked),
        cmocka_unit_test(every_strategy_writes_well_formed_sentences),
        cmocka_unit_test(what_is_asked_varies),
        cmocka_unit_test(mixed_asks_in_every_way),
        cmocka_unit_test(the_buffer_is_not_grown_again_once_it_has_room),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(strategies_are_found_by_name),
        cmocka_unit_test(nonces_of_runs_and_seeds_differ),
    };

    return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
