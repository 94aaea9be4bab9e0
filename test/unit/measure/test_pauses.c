/* The load's clock and moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/pauses.h"

static struct pauses two_pauses(void)
{
    struct pauses pauses = {0};

    pauses_add(&pauses, 1010, 1030); /* at 10 of the load, for 20 */
    pauses_add(&pauses, 1040, 1045); /* at 20, for 5 */
    return pauses;
}

static void without_a_pause_both_go_alike(void **state)
{
    const struct pauses pauses = {0};

    (void)state;
    assert_int_equal(pauses_moment_ns(&pauses, 1000, 7), 1007);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1007), 7);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 900), 0);
}

static void what_lies_behind_a_pause_comes_later(void **state)
{
    const struct pauses pauses = two_pauses();

    (void)state;
    assert_int_equal(pauses_moment_ns(&pauses, 1000, 5), 1005);
    assert_int_equal(pauses_moment_ns(&pauses, 1000, 10), 1010);
    assert_int_equal(pauses_moment_ns(&pauses, 1000, 11), 1031);
    assert_int_equal(pauses_moment_ns(&pauses, 1000, 20), 1040);
    assert_int_equal(pauses_moment_ns(&pauses, 1000, 21), 1046);
    assert_true(pauses_moment_ns(&pauses, 1000, UINT64_MAX) == UINT64_MAX);
}

static void the_clock_stands_still_in_a_pause(void **state)
{
    const struct pauses pauses = two_pauses();

    (void)state;
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1010), 10);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1020), 10);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1030), 10);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1035), 15);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1042), 20);
    assert_int_equal(pauses_load_ns(&pauses, 1000, 1100), 75);
    for (uint64_t load = 0; load < 100; load++)
        assert_int_equal(
            pauses_load_ns(&pauses, 1000, pauses_moment_ns(&pauses, 1000, load)), load);
}

static void those_after_the_last_place_are_left_out(void **state)
{
    struct pauses pauses = {0};

    (void)state;
    for (uint64_t i = 0; i < PAUSES_MAX + 5; i++)
        pauses_add(&pauses, 1000 + 10 * i, 1005 + 10 * i);
    assert_int_equal(pauses.count, PAUSES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_pause_both_go_alike),
        cmocka_unit_test(what_lies_behind_a_pause_comes_later),
        cmocka_unit_test(the_clock_stands_still_in_a_pause),
        cmocka_unit_test(those_after_the_last_place_are_left_out),
    };

    return cmocka_run_group_tests_name("pauses", tests, NULL, NULL);
}
