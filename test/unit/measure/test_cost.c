#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/cost.h"
#include "plan/plan.h"

static const struct plan_model model = {
    .prompt_pusd = 100,
    .cached_pusd = 10,
    .completion_pusd = 1000,
    .reasoning_pusd = 3000,
    .priced = true,
};

static void each_token_counts_once_at_its_own_price(void **state)
{
    (void)state;
    assert_int_equal(cost_of(&model, 7, 0, 0, 0), 700);
    assert_int_equal(cost_of(&model, 7, 2, 0, 0), 500 + 20);
    assert_int_equal(cost_of(&model, 0, 0, 5, 0), 5000);
    assert_int_equal(cost_of(&model, 0, 0, 5, 2), 3000 + 6000);
    assert_int_equal(cost_of(&model, 7, 2, 5, 2), 520 + 9000);
}

static void a_part_is_never_more_than_the_whole(void **state)
{
    (void)state;
    assert_int_equal(cost_of(&model, 7, 9, 5, 6), 70 + 15000);
}

static void absurd_counts_cost_the_most_there_is(void **state)
{
    (void)state;
    assert_int_equal(cost_of(&model, UINT64_MAX, 0, 0, 0), INT64_MAX);
    assert_int_equal(cost_of(&model, INT64_MAX / 100, 0, INT64_MAX / 1000, 0), INT64_MAX);
    assert_int_equal(cost_worst(&model, UINT64_MAX, 1, 0), INT64_MAX);
    assert_int_equal(cost_worst(&model, 0, UINT64_MAX, 0), INT64_MAX);
}

static void the_worst_case_takes_each_byte_for_a_token(void **state)
{
    const struct plan_model odd = {
        .prompt_pusd = 1, .cached_pusd = 2, .completion_pusd = 4, .reasoning_pusd = 3};

    (void)state;
    assert_int_equal(cost_worst(&model, 50, 2, 0), (50 + 32) * 100);
    assert_int_equal(cost_worst(&model, 50, 2, 10), (50 + 32) * 100 + 10 * 3000);
    assert_int_equal(cost_worst(&odd, 50, 2, 10), (50 + 32) * 2 + 10 * 4);
}

static void a_share_is_exact_and_rounded_to_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(cost_share(10, 1, 4), 3); /* 2.5 */
    assert_int_equal(cost_share(9, 1, 4), 2);  /* 2.25 */
    assert_int_equal(cost_share(1, 1000000, 3), 333333);
    assert_int_equal(cost_share(INT64_MAX, 1000000, 2000000),
                     INT64_C(4611686018427387904));
    assert_int_equal(cost_share(INT64_MAX, 2, 1), INT64_MAX);
    assert_int_equal(cost_share(7, 1, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_token_counts_once_at_its_own_price),
        cmocka_unit_test(a_part_is_never_more_than_the_whole),
        cmocka_unit_test(absurd_counts_cost_the_most_there_is),
        cmocka_unit_test(a_share_is_exact_and_rounded_to_the_nearest),
        cmocka_unit_test(the_worst_case_takes_each_byte_for_a_token),
    };

    return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
