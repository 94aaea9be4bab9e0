/* Quantiles of what was observed in part. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "result/survival.h"

#define DRAWS 20000

static void add(struct survival *survival, double value, bool is_censored)
{
    assert_int_equal(
        survival_add(survival, (struct observation){.least = value,
                                                    .most = value,
                                                    .weight = 1,
                                                    .is_censored = is_censored}),
        0);
}

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g is not %.9g within %.9g", value, expected, tolerance);
}

static void without_censored_ones_they_are_those_of_the_values(void **state)
{
    struct survival survival = {0};
    double points[5];

    (void)state;
    assert_false(survival_quantiles(&survival, 5, points));
    for (int i = 4; i >= 1; i--)
        add(&survival, i * 10, false);
    assert_true(survival_quantiles(&survival, 5, points));
    for (int i = 0; i < 5; i++)
        assert_near(points[i], i == 0 ? 10 : i * 10, 1e-9);
    survival_deinit(&survival);
}

/* A bucket's observations lie evenly in it, and count by their weight. */
static void buckets_are_filled_evenly(void **state)
{
    struct survival survival = {0};
    double points[5];

    (void)state;
    assert_int_equal(survival_add(&survival, (struct observation){0, 10, 1, false}), 0);
    assert_int_equal(survival_add(&survival, (struct observation){90, 120, 3, false}), 0);
    assert_true(survival_quantiles(&survival, 5, points));
    assert_near(points[0], 0, 1e-9);
    assert_near(points[1], 10, 1e-9);
    assert_near(points[2], 100, 1e-9);
    assert_near(points[3], 110, 1e-9);
    assert_near(points[4], 120, 1e-9);
    survival_deinit(&survival);
}

/* By hand: 1, 2+, 3, 4 (+: censored) leave 3/4 after 1, half of that after 3, nothing after 4. */
static void a_censored_one_counts_for_those_that_outlived_it(void **state)
{
    struct survival survival = {0};
    double points[9];

    (void)state;
    add(&survival, 2, true);
    add(&survival, 4, false);
    add(&survival, 1, false);
    add(&survival, 3, false);
    assert_true(survival_quantiles(&survival, 9, points));
    assert_near(points[2], 1, 1e-9); /* 2/8 = 1/4 */
    assert_near(points[5], 3, 1e-9); /* 5/8 = 1/4 + 3/8 */
    assert_near(points[6], 4, 1e-9);
    assert_near(points[8], 4, 1e-9);
    survival_deinit(&survival);
}

/* Half of all draws are cut off by an equal chance: the others alone would look twice as fast. */
static void what_was_cut_off_by_chance_does_not_look_fast(void **state)
{
    struct survival survival = {0};
    double points[101];
    double sum = 0;
    struct rng rng;
    int seen = 0;

    (void)state;
    rng_init(&rng, 3, 0, 0, RNG_TEST);
    for (int i = 0; i < DRAWS; i++) {
        const double life = rng_exponential(&rng);
        const double limit = rng_exponential(&rng);

        add(&survival, fmin(life, limit), limit < life);
        if (life <= limit) {
            sum += life;
            seen++;
        }
    }
    assert_near(sum / seen, 0.5, 0.02); /* the mean of all is 1 */
    assert_true(survival_quantiles(&survival, 101, points));
    for (int i = 10; i <= 90; i += 10)
        assert_near(points[i], -log(1 - i / 100.0), 0.05 * (1 + i / 30.0));
    survival_deinit(&survival);
}

static void what_nobody_outlived_is_put_at_the_longest_wait(void **state)
{
    struct survival survival = {0};
    double points[3];

    (void)state;
    add(&survival, 9, true);
    assert_false(survival_quantiles(&survival, 3, points));
    add(&survival, 1, false);
    add(&survival, 5, true);
    assert_true(survival_quantiles(&survival, 3, points));
    assert_near(points[0], 1, 1e-9);
    assert_near(points[1], 9, 1e-9);
    assert_near(points[2], 9, 1e-9);
    survival_deinit(&survival);
}

static void more_than_there_is_room_for_are_drawn_from(void **state)
{
    struct survival survival = {0};
    double points[3];

    (void)state;
    for (int i = 0; i < 600000; i++)
        add(&survival, i, false);
    assert_true(survival.count < 600000);
    assert_true(survival_quantiles(&survival, 3, points));
    assert_near(points[1], 300000, 6000);
    survival_deinit(&survival);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_censored_ones_they_are_those_of_the_values),
        cmocka_unit_test(buckets_are_filled_evenly),
        cmocka_unit_test(a_censored_one_counts_for_those_that_outlived_it),
        cmocka_unit_test(what_was_cut_off_by_chance_does_not_look_fast),
        cmocka_unit_test(what_nobody_outlived_is_put_at_the_longest_wait),
        cmocka_unit_test(more_than_there_is_room_for_are_drawn_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
