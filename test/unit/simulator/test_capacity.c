#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/capacity.h"

static void the_queue_is_served_in_order_of_arrival(void **state)
{
    struct capacity capacity;
    struct list links[6];

    (void)state;
    capacity_init(&capacity, 2, 3);
    for (int i = 0; i < 6; i++)
        list_init(&links[i]);
    assert_int_equal(capacity_take(&capacity, &links[0]), CAPACITY_NOW);
    assert_int_equal(capacity_take(&capacity, &links[1]), CAPACITY_NOW);
    assert_int_equal(capacity_take(&capacity, &links[2]), CAPACITY_WAIT);
    assert_int_equal(capacity_take(&capacity, &links[3]), CAPACITY_WAIT);
    assert_int_equal(capacity_take(&capacity, &links[4]), CAPACITY_WAIT);
    assert_int_equal(capacity_take(&capacity, &links[5]), CAPACITY_FULL);
    capacity_leave(&capacity, &links[3]);
    assert_ptr_equal(capacity_release(&capacity), &links[2]);
    assert_ptr_equal(capacity_release(&capacity), &links[4]);
    assert_int_equal(capacity.active, 2);
    assert_null(capacity_release(&capacity));
    assert_null(capacity_release(&capacity));
    assert_int_equal(capacity.active, 0);
    assert_int_equal(capacity.waiting, 0);
    assert_int_equal(capacity.active_peak, 2);
    assert_int_equal(capacity.waiting_peak, 3);
}

static void without_limits_nobody_waits(void **state)
{
    struct capacity capacity;
    struct list link;

    (void)state;
    list_init(&link);
    capacity_init(&capacity, UINT64_MAX, UINT64_MAX);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(capacity_take(&capacity, &link), CAPACITY_NOW);
    assert_int_equal(capacity.active, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_is_served_in_order_of_arrival),
        cmocka_unit_test(without_limits_nobody_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
