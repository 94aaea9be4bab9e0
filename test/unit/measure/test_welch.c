#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "measure/normal.h"
#include "measure/welch.h"

#define Z 1.959963984540054

static void assert_within(double value, double expected, double share)
{
    assert_true(fabs(value - expected) <= share * fabs(expected));
}

/* As tables have them: R, qt(0.975, c(2, 3, 4, 6, 10, 30, 1000)). */
static void the_quantiles_of_t_are_those_of_the_tables(void **state)
{
    static const struct {
        double degrees, t;
    } table[] = {{3, 3.182446},  {4, 2.776445},  {6, 2.446912},
                 {10, 2.228139}, {30, 2.042272}, {1000, 1.962339}};

    (void)state;
    assert_within(welch_t(Z, 2), 4.302653, 0.03);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_within(welch_t(Z, table[i].degrees), table[i].t, 0.005);
    /* qt(0.9999, c(19, 40)) */
    assert_within(welch_t(normal_deviations(0.0001), 19), 4.5899, 0.01);
    assert_within(welch_t(normal_deviations(0.0001), 40), 4.0942, 0.005);
}

/* Worked out by hand: means 3 and 10, variances 2.5 and 10, standard error √2.5, 5.88 degrees. */
static void the_interval_is_that_of_a_worked_example(void **state)
{
    static const double first[] = {1, 2, 3, 4, 5};
    static const double last[] = {6, 8, 10, 12, 14};
    const struct welch welch = welch_of(first, 5, last, 5);

    (void)state;
    assert_within(welch.first, 3, 1e-12);
    assert_within(welch.last, 10, 1e-12);
    assert_within((welch.high - welch.low) / 2, 2.459 * sqrt(2.5), 0.005);
    assert_within((welch.high + welch.low) / 2, 7, 1e-9);
}

static void what_does_not_vary_is_certain(void **state)
{
    static const double first[] = {2, 2, 2, 2};
    static const double last[] = {3, 3, 3, 3};
    const struct welch welch = welch_of(first, 4, last, 4);

    (void)state;
    assert_within(welch.low, 1, 1e-12);
    assert_within(welch.high, 1, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quantiles_of_t_are_those_of_the_tables),
        cmocka_unit_test(the_interval_is_that_of_a_worked_example),
        cmocka_unit_test(what_does_not_vary_is_certain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
