#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/level.h"

static void a_level_adds_up_over_time(void **state)
{
    struct level level;

    (void)state;
    level_init(&level, MS(1000));
    assert_float_equal(level_integral_s(&level, MS(2000)), 0, 0);
    level_set(&level, MS(2000), 3);
    assert_float_equal(level_integral_s(&level, MS(4000)), 6, 1e-12);
    level_set(&level, MS(4000), 1);
    level_set(&level, MS(5000), 0);
    assert_float_equal(level_integral_s(&level, MS(9000)), 7, 1e-12);
}

static void steps_that_come_out_of_order_add_up_alike(void **state)
{
    struct level level;

    (void)state;
    level_init(&level, MS(0));
    level_set(&level, MS(1000), 1);
    level_set(&level, MS(2000), 2);
    level_set(&level, MS(4000), 1);
    level_set(&level, MS(3000), 0);
    assert_float_equal(level_integral_s(&level, MS(9000)), 3 + 1, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_adds_up_over_time),
        cmocka_unit_test(steps_that_come_out_of_order_add_up_alike),
    };

    return cmocka_run_group_tests_name("level", tests, NULL, NULL);
}
