#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "measure/customs.h"
#include "plan/plan.h"

enum { COUNTER, RATE, GAUGE, TREND, METRICS };

static const struct plan_metric metrics[METRICS] = {
    [COUNTER] = {.name = "errors", .kind = PLAN_METRIC_COUNTER},
    [RATE] = {.name = "good", .kind = PLAN_METRIC_RATE},
    [GAUGE] = {.name = "depth", .kind = PLAN_METRIC_GAUGE},
    [TREND] = {.name = "size", .kind = PLAN_METRIC_TREND},
};
static const struct plan plan = {.metrics = metrics, .metric_count = METRICS};

static void add(struct customs *customs, uint32_t metric, double value, uint64_t order)
{
    const struct custom_value seen = {.metric = metric, .value = value, .order = order};

    assert_true(customs_add(customs, &plan, HISTOGRAM_FINE, &seen));
}

static void assert_same(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-9);
}

static void a_counter_sums_up_whatever_the_order(void **state)
{
    static const double values[] = {0.1, 0.2, 1e6, 0.3, 3};
    struct customs up = {0};
    struct customs down = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        add(&up, COUNTER, values[i], i);
        add(&down, COUNTER, values[4 - i], i);
    }
    assert_int_equal(up.each[COUNTER].sum_millionths, 1000003600000);
    assert_int_equal(down.each[COUNTER].sum_millionths, 1000003600000);
    assert_same(custom_sum(&up.each[COUNTER]), 1000003.6);
    assert_int_equal(up.each[COUNTER].count, 5);
    customs_deinit(&up);
    customs_deinit(&down);
}

/* Nothing takes away from a counter, and none wraps. */
static void what_a_counter_cannot_take_is_counted_and_takes_nothing_away(void **state)
{
    struct customs customs = {0};
    struct custom *counter;

    (void)state;
    add(&customs, COUNTER, 2, 1);
    counter = &customs.each[COUNTER];
    add(&customs, COUNTER, -5, 2);
    add(&customs, COUNTER, (double)NAN, 3);
    assert_same(custom_sum(counter), 2);
    assert_int_equal(counter->unfit, 2);
    assert_int_equal(counter->count, 2);
    add(&customs, COUNTER, (double)INFINITY, 4);
    add(&customs, COUNTER, 1, 5);
    assert_int_equal(counter->sum_millionths, INT64_MAX);
    assert_int_equal(counter->unfit, 3);
    customs_deinit(&customs);
}

static void a_rate_is_the_share_of_what_is_not_0(void **state)
{
    struct customs customs = {0};

    (void)state;
    for (int i = 0; i < 10; i++)
        add(&customs, RATE, i % 5 == 0 ? 0 : i, 1);
    assert_same(custom_share(&customs.each[RATE]), 0.8);
    customs_reset(&customs);
    assert_true(isnan(custom_share(&customs.each[RATE])));
    customs_deinit(&customs);
}

static void a_gauge_is_its_last_value_and_keeps_least_and_greatest(void **state)
{
    struct customs customs = {0};
    const struct custom *gauge;

    (void)state;
    add(&customs, GAUGE, -3, 1);
    add(&customs, GAUGE, 12.5, 2);
    add(&customs, GAUGE, 4, 3);
    gauge = &customs.each[GAUGE];
    assert_same(gauge->last, 4);
    assert_same(gauge->least, -3);
    assert_same(gauge->greatest, 12.5);
    customs_deinit(&customs);
}

/* Three decimals, from nothing at all up to the greatest that a histogram tells apart. */
static void a_trend_is_a_distribution_of_numbers_from_0(void **state)
{
    struct customs customs = {0};
    const struct custom *trend;

    (void)state;
    add(&customs, TREND, 0, 1);
    add(&customs, TREND, 0.25, 2);
    trend = &customs.each[TREND];
    assert_int_equal(histogram_min_ns(trend->histogram), 0);
    assert_int_equal(histogram_quantile(trend->histogram, 0.5).value_ns, 0);
    assert_int_equal(histogram_max_ns(trend->histogram), NS_PER_MS / 4);
    assert_int_equal(trend->unfit, 0);
    add(&customs, TREND, -1, 3);
    add(&customs, TREND, 4e6, 4);
    add(&customs, TREND, (double)INFINITY, 5);
    assert_int_equal(trend->unfit, 3);
    assert_int_equal(histogram_count(trend->histogram), 5);
    assert_int_equal(histogram_max_ns(trend->histogram), HISTOGRAM_MOST_NS);
    customs_deinit(&customs);
}

/* As window and outside do, and one day workers. */
static void two_series_add_up_to_what_one_would_have_had(void **state)
{
    struct customs whole = {0};
    struct customs parts[2] = {{0}};
    struct customs sum = {0};

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        add(&whole, i % METRICS, i * 0.7 - 3, i);
        add(&parts[i / 7 % 2], i % METRICS, i * 0.7 - 3, i);
    }
    /* The later last value wins, whichever comes first. */
    assert_true(customs_merge(&sum, parts[1].each, METRICS, HISTOGRAM_FINE));
    assert_true(customs_merge(&sum, parts[0].each, METRICS, HISTOGRAM_FINE));
    for (size_t i = 0; i < METRICS; i++) {
        assert_int_equal(sum.each[i].count, whole.each[i].count);
        assert_int_equal(sum.each[i].trues, whole.each[i].trues);
        assert_int_equal(sum.each[i].sum_millionths, whole.each[i].sum_millionths);
        assert_int_equal(sum.each[i].unfit, whole.each[i].unfit);
    }
    assert_same(sum.each[GAUGE].last, whole.each[GAUGE].last);
    assert_same(sum.each[GAUGE].least, whole.each[GAUGE].least);
    assert_same(sum.each[GAUGE].greatest, whole.each[GAUGE].greatest);
    assert_same(histogram_mean_ns(sum.each[TREND].histogram),
                histogram_mean_ns(whole.each[TREND].histogram));
    customs_deinit(&whole);
    customs_deinit(&parts[0]);
    customs_deinit(&parts[1]);
    customs_deinit(&sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_sums_up_whatever_the_order),
        cmocka_unit_test(what_a_counter_cannot_take_is_counted_and_takes_nothing_away),
        cmocka_unit_test(a_rate_is_the_share_of_what_is_not_0),
        cmocka_unit_test(a_gauge_is_its_last_value_and_keeps_least_and_greatest),
        cmocka_unit_test(a_trend_is_a_distribution_of_numbers_from_0),
        cmocka_unit_test(two_series_add_up_to_what_one_would_have_had),
    };

    return cmocka_run_group_tests_name("customs", tests, NULL, NULL);
}
