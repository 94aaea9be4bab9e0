#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "plan/data.h"
#include "workload/length.h"

#define DRAWS 40000

struct seen {
    double mean;
    double deviation;
    uint64_t least;
    uint64_t most;
};

static struct seen draw_many(const struct plan_length *length)
{
    struct seen seen = {.least = UINT64_MAX};
    double sum = 0;
    double squares = 0;
    struct rng rng;

    rng_init(&rng, 1, 2, 3, RNG_TEST);
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t tokens = length_draw(length, &rng);

        sum += (double)tokens;
        squares += (double)tokens * (double)tokens;
        seen.least = tokens < seen.least ? tokens : seen.least;
        seen.most = tokens > seen.most ? tokens : seen.most;
    }
    seen.mean = sum / DRAWS;
    seen.deviation = sqrt(squares / DRAWS - seen.mean * seen.mean);
    return seen;
}

/* To five deviations of a mean of so many draws, and the half token that rounding may be. */
static void expect(struct seen seen, double mean, double deviation)
{
    const double error = 5 * deviation / sqrt(DRAWS) + 0.01;

    assert_true(fabs(seen.mean - mean) < error);
    assert_true(fabs(seen.deviation - deviation) < deviation / 20 + 0.01);
}

static void a_constant_is_itself(void **state)
{
    const struct plan_length length = {PLAN_LENGTH_CONSTANT, 128, 0, 0, UINT64_MAX};

    (void)state;
    expect(draw_many(&length), 128, 0);
}

static void a_uniform_length_reaches_both_limits(void **state)
{
    const struct plan_length length = {PLAN_LENGTH_UNIFORM, 0, 0, 10, 19};
    const struct seen seen = draw_many(&length);

    (void)state;
    expect(seen, 14.5, sqrt(99 / 12.0));
    assert_int_equal(seen.least, 10);
    assert_int_equal(seen.most, 19);
}

static void a_normal_length_has_its_mean_and_deviation(void **state)
{
    const struct plan_length length = {PLAN_LENGTH_NORMAL, 500, 40, 1, UINT64_MAX};

    (void)state;
    expect(draw_many(&length), 500, 40);
}

static void
a_lognormal_length_has_the_mean_and_deviation_of_the_value_itself(void **state)
{
    const struct plan_length length = {PLAN_LENGTH_LOGNORMAL, 500, 250, 1, UINT64_MAX};
    const struct seen seen = draw_many(&length);

    (void)state;
    assert_true(fabs(seen.mean - 500) < 10);
    assert_true(fabs(seen.deviation - 250) < 25);
}

static void what_lies_outside_the_limits_is_drawn_again(void **state)
{
    const struct plan_length length = {PLAN_LENGTH_NORMAL, 100, 50, 90, 110};
    const struct seen seen = draw_many(&length);

    (void)state;
    assert_int_equal(seen.least, 90);
    assert_int_equal(seen.most, 110);
    /* drawn again it is nearly even within; moved to the limits it would be nearly all there */
    assert_true(seen.deviation > 5.5 && seen.deviation < 6.6);
}

static void what_never_fits_is_moved_to_the_nearer_limit(void **state)
{
    const struct plan_length length = {PLAN_LENGTH_NORMAL, 1000, 1, 5, 10};

    (void)state;
    expect(draw_many(&length), 10, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_is_itself),
        cmocka_unit_test(a_uniform_length_reaches_both_limits),
        cmocka_unit_test(a_normal_length_has_its_mean_and_deviation),
        cmocka_unit_test(
            a_lognormal_length_has_the_mean_and_deviation_of_the_value_itself),
        cmocka_unit_test(what_lies_outside_the_limits_is_drawn_again),
        cmocka_unit_test(what_never_fits_is_moved_to_the_nearer_limit),
    };

    return cmocka_run_group_tests_name("length", tests, NULL, NULL);
}
