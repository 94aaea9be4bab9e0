#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "workload/row_order.h"

#define ROWS 23
#define PEAK 7

static uint64_t take(enum plan_order kind, uint64_t seed, uint64_t user, uint64_t nth)
{
    const struct row_order order = {
        .order = kind, .rows = ROWS, .peak = PEAK, .seed = seed};
    uint64_t row = ROWS;

    assert_int_equal(row_order_take(&order, user, nth, &row), 0);
    assert_true(row < ROWS);
    return row;
}

static void in_sequence_everybody_together_uses_all_rows_before_any_twice(void **state)
{
    unsigned seen[ROWS] = {0};
    uint64_t taken = 0;

    (void)state;
    for (uint64_t nth = 0; taken < 3ULL * ROWS; nth++)
        for (uint64_t user = 0; user < PEAK && taken < 3ULL * ROWS; user++, taken++) {
            const uint64_t row = take(PLAN_ORDER_SEQUENTIAL, 1, user, nth);

            assert_int_equal(seen[row], taken / ROWS);
            seen[row]++;
        }
}

static void unique_rows_are_given_once_and_then_there_are_none(void **state)
{
    const struct row_order order = {
        .order = PLAN_ORDER_UNIQUE, .rows = ROWS, .peak = PEAK};
    unsigned seen[ROWS] = {0};
    unsigned given = 0;

    (void)state;
    for (uint64_t user = 0; user < 2ULL * PEAK; user++)
        for (uint64_t nth = 0; nth < ROWS; nth++) {
            uint64_t row = 0;
            const int r = row_order_take(&order, user, nth, &row);

            assert_true(r == 0 || r == -ENODATA);
            if (r < 0)
                continue;
            assert_int_equal(seen[row]++, 0);
            given++;
        }
    assert_int_equal(given, ROWS);
}

/* LOAD-2: of an open loop the users are arrivals, without end, each with two rows of its own. */
static void each_arrival_has_rows_of_its_own(void **state)
{
    struct row_order order = {.rows = ROWS, .peak = PEAK, .takes = 2};
    uint64_t row = 0;

    (void)state;
    for (uint64_t arrival = 0; arrival < 100; arrival++)
        for (uint64_t nth = 0; nth < 3; nth++) {
            const uint64_t place = 2 * arrival + nth;
            const bool is_there = nth < 2 && place < ROWS;

            order.order = PLAN_ORDER_SEQUENTIAL;
            assert_int_equal(row_order_take(&order, arrival, nth, &row), 0);
            assert_int_equal(row, place % ROWS);
            order.order = PLAN_ORDER_UNIQUE;
            assert_int_equal(row_order_take(&order, arrival, nth, &row),
                             is_there ? 0 : -ENODATA);
            assert_true(!is_there || row == place);
        }
    assert_int_equal(row_order_take(&order, UINT64_MAX / 2 + 1, 0, &row), -ENODATA);
}

static void a_take_beyond_all_numbers_has_no_unique_row(void **state)
{
    const struct row_order order = {
        .order = PLAN_ORDER_UNIQUE, .rows = ROWS, .peak = PEAK};
    uint64_t row = 0;

    (void)state;
    /* times the peak it would wrap around to 5 */
    assert_int_equal(row_order_take(&order, 5, UINT64_MAX / PEAK + 1, &row), -ENODATA);
}

static void random_rows_are_the_same_for_a_seed_and_reach_all(void **state)
{
    unsigned seen[ROWS] = {0};
    unsigned differ = 0;
    unsigned apart = 0; /* from what another user takes */

    (void)state;
    for (uint64_t nth = 0; nth < 40ULL * ROWS; nth++) {
        const uint64_t row = take(PLAN_ORDER_RANDOM, 9, 3, nth);

        assert_int_equal(row, take(PLAN_ORDER_RANDOM, 9, 3, nth));
        differ += row != take(PLAN_ORDER_RANDOM, 10, 3, nth);
        apart += row != take(PLAN_ORDER_RANDOM, 9, 4, nth);
        seen[row]++;
    }
    assert_true(apart > 30 * ROWS);
    assert_true(differ > 30 * ROWS);
    for (size_t i = 0; i < ROWS; i++)
        assert_in_range(seen[i], 15, 80); /* 40 ± 6.2: four deviations and more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_sequence_everybody_together_uses_all_rows_before_any_twice),
        cmocka_unit_test(unique_rows_are_given_once_and_then_there_are_none),
        cmocka_unit_test(each_arrival_has_rows_of_its_own),
        cmocka_unit_test(a_take_beyond_all_numbers_has_no_unique_row),
        cmocka_unit_test(random_rows_are_the_same_for_a_seed_and_reach_all),
    };

    return cmocka_run_group_tests_name("row_order", tests, NULL, NULL);
}
