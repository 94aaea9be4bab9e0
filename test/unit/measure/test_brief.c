#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "measure/brief.h"

static void a_value_is_told_within_a_sixteenth(void **state)
{
    (void)state;
    for (uint64_t us = 1000; us < UINT64_C(1000000000); us += us / 37 + 1) {
        struct brief brief = {0};
        const double truth = (double)us * 1000;

        brief_add(&brief, us * 1000);
        brief_add(&brief, us * 1000 + NS_PER_MS * us / 500); /* further up */
        brief_add(&brief, us * 1000 + NS_PER_MS * us / 500);
        const struct histogram_quantile told = brief_quantile(&brief, 0.3);

        assert_true(told.known && !told.above);
        assert_true((double)told.value_ns >= truth * (1 - 1 / 16.0) - 1);
        assert_true((double)told.value_ns <= truth * (1 + 1 / 16.0) + 1);
    }
}

static void the_greatest_is_exact_and_nothing_is_told_of_nothing(void **state)
{
    struct brief brief = {0};

    (void)state;
    assert_false(brief_quantile(&brief, 0.5).known);
    brief_add(&brief, 300);
    brief_add(&brief, 123456789);
    assert_int_equal(brief_quantile(&brief, 1).value_ns, 123456789);
    assert_int_equal(brief_quantile(&brief, 0.5).value_ns, NS_PER_MS / 2);
    brief_add(&brief, UINT64_C(7200) * NS_PER_S);
    assert_int_equal(brief_quantile(&brief, 1).value_ns, UINT64_C(7200) * NS_PER_S);
}

/* 8 answers and 2 that never came: the p50 is known, the p95 is above all that was seen. */
static void what_never_came_lies_above_all_others(void **state)
{
    struct brief brief = {0};

    (void)state;
    for (int i = 0; i < 8; i++)
        brief_add(&brief, 100 * NS_PER_MS);
    brief_miss(&brief);
    brief_miss(&brief);
    assert_false(brief_quantile(&brief, 0.5).above);
    assert_false(brief_quantile(&brief, 0.8).above);
    assert_true(brief_quantile(&brief, 0.81).above);
    assert_int_equal(brief_quantile(&brief, 0.95).value_ns, 100 * NS_PER_MS);
}

/* More than a bucket counts: the proportions stay. */
static void a_million_values_keep_their_proportions(void **state)
{
    struct brief brief = {0};

    (void)state;
    for (int i = 0; i < 1000000; i++)
        brief_add(&brief, (i % 10 < 6 ? 10 : i % 10 < 9 ? 100 : 1000) * NS_PER_MS);
    assert_true(brief_quantile(&brief, 0.55).value_ns < 11 * NS_PER_MS);
    assert_true(brief_quantile(&brief, 0.65).value_ns > 90 * NS_PER_MS);
    assert_true(brief_quantile(&brief, 0.87).value_ns < 110 * NS_PER_MS);
    assert_true(brief_quantile(&brief, 0.93).value_ns > 900 * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_told_within_a_sixteenth),
        cmocka_unit_test(the_greatest_is_exact_and_nothing_is_told_of_nothing),
        cmocka_unit_test(what_never_came_lies_above_all_others),
        cmocka_unit_test(a_million_values_keep_their_proportions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
