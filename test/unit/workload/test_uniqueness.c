#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "workload/uniqueness.h"

static void note_range(struct uniqueness *uniqueness, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        assert_int_equal(uniqueness_note(uniqueness, uniqueness_hash(&i, sizeof(i))), 0);
}

static void nothing_sent_has_no_ratio(void **state)
{
    struct uniqueness *uniqueness = NULL;

    (void)state;
    assert_int_equal(uniqueness_new(&uniqueness), 0);
    assert_true(isnan(uniqueness_ratio(uniqueness)));
    assert_int_equal(uniqueness_noted(uniqueness), 0);
    uniqueness_free(uniqueness);
}

static void few_texts_are_counted_exactly(void **state)
{
    struct uniqueness *uniqueness = NULL;

    (void)state;
    assert_int_equal(uniqueness_new(&uniqueness), 0);
    note_range(uniqueness, 0, UNIQUENESS_MAX);
    assert_true(uniqueness_ratio(uniqueness) == 1.0);
    note_range(uniqueness, 0, UNIQUENESS_MAX / 4);
    assert_true(uniqueness_ratio(uniqueness) == 0.8);
    assert_int_equal(uniqueness_level(uniqueness), 0);
    uniqueness_free(uniqueness);
}

static void repeats_before_the_table_grows_are_kept(void **state)
{
    struct uniqueness *uniqueness = NULL;

    (void)state;
    assert_int_equal(uniqueness_new(&uniqueness), 0);
    for (int i = 0; i < 10; i++)
        note_range(uniqueness, 0, 100);
    note_range(uniqueness, 0, 10000);
    assert_true(uniqueness_ratio(uniqueness) == 10000.0 / 11000);
    uniqueness_free(uniqueness);
}

static void hash_zero_is_a_text_like_any_other(void **state)
{
    struct uniqueness *uniqueness = NULL;

    (void)state;
    assert_int_equal(uniqueness_new(&uniqueness), 0);
    assert_int_equal(uniqueness_note(uniqueness, 0), 0);
    assert_int_equal(uniqueness_note(uniqueness, 0), 0);
    assert_true(uniqueness_ratio(uniqueness) == 0.5);
    uniqueness_free(uniqueness);
}

static void a_million_distinct_texts_are_all_unique(void **state)
{
    struct uniqueness *uniqueness = NULL;

    (void)state;
    assert_int_equal(uniqueness_new(&uniqueness), 0);
    note_range(uniqueness, 0, 1000000);
    assert_true(uniqueness_ratio(uniqueness) == 1.0);
    assert_int_equal(uniqueness_noted(uniqueness), 1000000);
    assert_true(uniqueness_level(uniqueness) >= 5);
    uniqueness_free(uniqueness);
}

/* A tenth of the texts are sent ten times, long after the first time: 10 of 19 are distinct. */
static void repeats_are_seen_through_the_sample(void **state)
{
    struct uniqueness *uniqueness = NULL;

    (void)state;
    assert_int_equal(uniqueness_new(&uniqueness), 0);
    note_range(uniqueness, 0, 150000);
    for (int i = 0; i < 9; i++)
        note_range(uniqueness, 100000, 150000);
    note_range(uniqueness, 150000, 500000);
    assert_true(fabs(uniqueness_ratio(uniqueness) - 10.0 / 19) < 0.02);
    uniqueness_free(uniqueness);
}

static void the_hash_sees_every_byte_and_the_length(void **state)
{
    static const char zeros[40] = {0};
    char text[40] = "What is the tallest mountain in Georgia";
    const uint64_t whole = uniqueness_hash(text, sizeof(text));

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] ^= 1;
        assert_true(uniqueness_hash(text, sizeof(text)) != whole);
        text[i] ^= 1;
    }
    assert_true(uniqueness_hash(text, sizeof(text)) == whole);
    for (size_t len = 1; len < sizeof(zeros); len++)
        assert_true(uniqueness_hash(zeros, len) != uniqueness_hash(zeros, len - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_sent_has_no_ratio),
        cmocka_unit_test(few_texts_are_counted_exactly),
        cmocka_unit_test(repeats_before_the_table_grows_are_kept),
        cmocka_unit_test(hash_zero_is_a_text_like_any_other),
        cmocka_unit_test(a_million_distinct_texts_are_all_unique),
        cmocka_unit_test(repeats_are_seen_through_the_sample),
        cmocka_unit_test(the_hash_sees_every_byte_and_the_length),
    };

    return cmocka_run_group_tests_name("uniqueness", tests, NULL, NULL);
}
