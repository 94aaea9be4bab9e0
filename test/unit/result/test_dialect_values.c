#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "result/dialect_values.h"

static double of(const struct dialect_values *values, enum dialect_measure measure,
                 double quantile, enum dialect_quantile rule)
{
    const struct dialect_statistic statistic = {"x", measure, quantile, true};

    return dialect_values_statistic(values, &statistic, rule);
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-12);
}

/* numpy 2.3: np.percentile([15, 20, 35, 40, 50], [5, 40, 50, 99]), and mean, std, min, max, sum. */
static void quantiles_on_a_line_are_those_of_numpy(void **state)
{
    static const double given[] = {40, 15, 50, 35, 20};
    struct dialect_values values = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        dialect_values_add(&values, given[i], 1);
    dialect_values_sort(&values);
    assert_near(of(&values, DIALECT_QUANTILE, 0.05, DIALECT_LINEAR), 16);
    assert_near(of(&values, DIALECT_QUANTILE, 0.4, DIALECT_LINEAR), 29);
    assert_near(of(&values, DIALECT_QUANTILE, 0.5, DIALECT_LINEAR), 35);
    assert_near(of(&values, DIALECT_QUANTILE, 0.99, DIALECT_LINEAR), 49.6);
    assert_near(of(&values, DIALECT_MEAN, 0, DIALECT_LINEAR), 32);
    assert_near(of(&values, DIALECT_STD, 0, DIALECT_LINEAR), 12.884098726725126);
    assert_near(of(&values, DIALECT_MIN, 0, DIALECT_LINEAR), 15);
    assert_near(of(&values, DIALECT_MAX, 0, DIALECT_LINEAR), 50);
    assert_near(of(&values, DIALECT_SUM, 0, DIALECT_LINEAR), 160);
    assert_near(of(&values, DIALECT_COUNT, 0, DIALECT_LINEAR), 5);
    dialect_values_deinit(&values);
}

/* Half of all tokens are in one request: it is the median, whatever the others are. */
static void weights_move_the_mean_and_where_a_share_is_reached(void **state)
{
    struct dialect_values values = {0};

    (void)state;
    dialect_values_add(&values, 10, 90);
    dialect_values_add(&values, 1, 5);
    dialect_values_add(&values, 2, 5);
    dialect_values_add(&values, 99, 0);
    dialect_values_sort(&values);
    assert_near(of(&values, DIALECT_QUANTILE, 0.05, DIALECT_REACHED), 1);
    assert_near(of(&values, DIALECT_QUANTILE, 0.1, DIALECT_REACHED), 2);
    assert_near(of(&values, DIALECT_QUANTILE, 0.11, DIALECT_REACHED), 10);
    assert_near(of(&values, DIALECT_QUANTILE, 0.999, DIALECT_REACHED), 10);
    assert_near(of(&values, DIALECT_MEAN, 0, DIALECT_REACHED), 9.15);
    assert_near(of(&values, DIALECT_MAX, 0, DIALECT_REACHED), 10);
    assert_near(of(&values, DIALECT_COUNT, 0, DIALECT_REACHED), 100);
    dialect_values_deinit(&values);
}

static void one_value_is_every_quantile_and_none_is_not_known(void **state)
{
    struct dialect_values values = {0};

    (void)state;
    assert_true(isnan(of(&values, DIALECT_MEAN, 0, DIALECT_LINEAR)));
    assert_true(isnan(of(&values, DIALECT_QUANTILE, 0.5, DIALECT_REACHED)));
    assert_near(of(&values, DIALECT_COUNT, 0, DIALECT_LINEAR), 0);
    dialect_values_add(&values, 7, 1);
    dialect_values_sort(&values);
    assert_near(of(&values, DIALECT_QUANTILE, 0.99, DIALECT_LINEAR), 7);
    assert_near(of(&values, DIALECT_QUANTILE, 0.001, DIALECT_REACHED), 7);
    assert_near(of(&values, DIALECT_STD, 0, DIALECT_LINEAR), 0);
    dialect_values_deinit(&values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_on_a_line_are_those_of_numpy),
        cmocka_unit_test(weights_move_the_mean_and_where_a_share_is_reached),
        cmocka_unit_test(one_value_is_every_quantile_and_none_is_not_known),
    };

    return cmocka_run_group_tests_name("dialect_values", tests, NULL, NULL);
}
