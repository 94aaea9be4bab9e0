#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "simulator/distribution.h"

#define DRAWS 20000

static void assert_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g is not %.9g within %.9g", value, expected, tolerance);
}

static struct simulator_distribution parse(const char *text, enum distribution_unit unit)
{
    struct simulator_distribution distribution;

    assert_int_equal(distribution_parse(text, unit, &distribution), 0);
    return distribution;
}

static void each_form_is_read(void **state)
{
    struct simulator_distribution read;

    (void)state;
    read = parse("200ms", DISTRIBUTION_DURATION);
    assert_int_equal(read.kind, SIMULATOR_CONSTANT);
    assert_near(read.a, 200 * NS_PER_MS, 0);
    read = parse("uniform(1ms,2s)", DISTRIBUTION_DURATION);
    assert_int_equal(read.kind, SIMULATOR_UNIFORM);
    assert_near(read.a, NS_PER_MS, 0);
    assert_near(read.b, 2 * NS_PER_S, 0);
    read = parse("gaussian(100, 20)", DISTRIBUTION_COUNT);
    assert_int_equal(read.kind, SIMULATOR_GAUSSIAN);
    assert_near(read.b, 20, 0);
    read = parse("exponential(40)", DISTRIBUTION_COUNT);
    assert_int_equal(read.kind, SIMULATOR_EXPONENTIAL);
    read = parse("lognormal(200ms,0.5)", DISTRIBUTION_DURATION);
    assert_int_equal(read.kind, SIMULATOR_LOGNORMAL);
    assert_near(read.a, 200 * NS_PER_MS, 0);
    assert_near(read.b, 0.5, 1e-9);
}

static void what_is_no_distribution_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "soon",
        "200",
        "-1ms",
        "uniform(1ms)",
        "uniform(2ms,1ms)",
        "uniform(1ms,2ms",
        "uniform(1ms,2ms) ",
        "uniform(1ms,2ms,3ms)",
        "uniform 1ms,2ms",
        "exponential()",
        "exponential(1ms,2ms)",
        "lognormal(1ms,2ms)",
        "lognormal(1ms,nan)",
        "poisson(3ms)",
        "uniform(,1ms)",
        "2000h",
        "(1ms)",
        "1ms(2ms)",
        "quantiles(1ms)",
        "quantiles(2ms,1ms)",
        "quantiles(1ms,,2ms)",
        "quantiles(1ms,2ms",
        "quantiles(1ms,2ms)x",
        "quantile(1ms,2ms)",
    };
    struct simulator_distribution distribution;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (distribution_parse(bad[i], DISTRIBUTION_DURATION, &distribution) == 0)
            fail_msg("'%s' was read", bad[i]);
    }
    assert_int_not_equal(distribution_parse("5ms", DISTRIBUTION_COUNT, &distribution), 0);
    assert_int_not_equal(distribution_parse("1e99", DISTRIBUTION_COUNT, &distribution),
                         0);
}

/* Mean and standard deviation of many draws, against what the parameters say they are. */
static void draws_have_the_moments_that_were_asked_for(void **state)
{
    const double e = exp(0.5 * 0.5);
    const struct {
        const char *text;
        double mean;
        double deviation;
    } cases[] = {
        {"100ms", 100e6, 0},
        {"uniform(100ms,300ms)", 200e6, 200e6 / 3.4641016},
        {"gaussian(200ms,20ms)", 200e6, 20e6},
        {"exponential(50ms)", 50e6, 50e6},
        {"lognormal(100ms,0.5)", 100e6 * exp(0.125), 100e6 * exp(0.125) * sqrt(e - 1)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct simulator_distribution distribution =
            parse(cases[i].text, DISTRIBUTION_DURATION);
        struct rng rng;
        double sum = 0;
        double squares = 0;
        double mean;

        rng_init(&rng, 7, i, 0, RNG_TEST);
        for (int draw = 0; draw < DRAWS; draw++) {
            const double value = (double)distribution_draw_ns(&distribution, &rng);

            sum += value;
            squares += value * value;
        }
        mean = sum / DRAWS;
        assert_near(mean, cases[i].mean, 0.03 * cases[i].mean);
        assert_near(sqrt(fabs(squares / DRAWS - mean * mean)), cases[i].deviation,
                    0.06 * cases[i].deviation + 1);
    }
}

static void counts_are_rounded_and_never_negative(void **state)
{
    const struct simulator_distribution wide =
        parse("gaussian(1,10)", DISTRIBUTION_COUNT);
    const struct simulator_distribution half = parse("2.5", DISTRIBUTION_COUNT);
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    assert_int_equal(distribution_draw_count(&half, &rng), 3);
    for (int i = 0; i < 1000; i++)
        assert_true(distribution_draw_count(&wide, &rng) < 100);
}

/* A quarter lies between two points, and evenly. */
static void quantiles_give_back_what_they_were_made_of(void **state)
{
    struct simulator_distribution distribution =
        parse("quantiles(0ms, 1ms,3ms,3ms,10ms)", DISTRIBUTION_DURATION);
    const uint64_t bounds_ns[] = {500000, NS_PER_MS, 2 * NS_PER_MS, 3 * NS_PER_MS,
                                  10 * NS_PER_MS};
    const double below[] = {0.125, 0.25, 0.375, 0.75, 1};
    int counts[5] = {0};
    struct rng rng;

    (void)state;
    assert_int_equal(distribution.point_count, 5);
    rng_init(&rng, 7, 0, 0, RNG_TEST);
    for (int draw = 0; draw < DRAWS; draw++) {
        const uint64_t value_ns = distribution_draw_ns(&distribution, &rng);

        for (int i = 0; i < 5; i++)
            counts[i] += value_ns <= bounds_ns[i];
    }
    for (int i = 0; i < 5; i++)
        assert_near((double)counts[i] / DRAWS, below[i], 0.015);
    distribution_deinit(&distribution);
    assert_int_equal(distribution_draw_ns(&distribution, &rng), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_read),
        cmocka_unit_test(what_is_no_distribution_is_refused),
        cmocka_unit_test(draws_have_the_moments_that_were_asked_for),
        cmocka_unit_test(counts_are_rounded_and_never_negative),
        cmocka_unit_test(quantiles_give_back_what_they_were_made_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
