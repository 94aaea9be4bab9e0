#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/rng.h"

#define DRAWS 200000

/* The first outputs of SplitMix64 for the seed 1234567, as its author's program prints them. */
static void the_mix_is_splitmix64(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821)};

    (void)state;
    for (uint64_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(rng_mix(1234567 + i * UINT64_C(0x9E3779B97F4A7C15)),
                         expected[i]);
}

/* The first outputs of xoshiro256** from the state 1, 2, 3, 4. */
static void the_generator_is_xoshiro256_starstar(void **state)
{
    static const uint64_t expected[] = {11520, 0, 1509978240,
                                        UINT64_C(1215971899390074240)};
    struct rng rng = {.state = {1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(rng_next(&rng), expected[i]);
}

static void equal_keys_give_equal_streams(void **state)
{
    struct rng one;
    struct rng other;

    (void)state;
    rng_init(&one, 42, 7, 3, RNG_THINK);
    rng_init(&other, 42, 7, 3, RNG_THINK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rng_next(&one), rng_next(&other));
}

/* Neighbouring keys in every part, small numbers as they occur: no two streams begin alike. */
static void each_part_of_the_key_changes_the_stream(void **state)
{
    static uint64_t seen[10 * 10 * 10 * (RNG_TEST + 1)];
    size_t count = 0;

    (void)state;
    for (uint64_t key = 0; key < 1000; key++) {
        for (int purpose = 0; purpose <= RNG_TEST; purpose++) {
            struct rng rng;

            rng_init(&rng, key / 100, key / 10 % 10, key % 10, (enum rng_purpose)purpose);
            seen[count++] = rng_next(&rng);
        }
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (seen[i] == seen[j])
                fail_msg("streams %zu and %zu begin alike", i, j);
}

/* Chi-squared with 9 degrees of freedom passes 36 once in 25,000 times; the seed is fixed. */
static void draws_below_a_bound_are_uniform(void **state)
{
    double chi_squared = 0;
    size_t counts[10] = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int i = 0; i < DRAWS; i++)
        counts[rng_below(&rng, 10)]++;
    for (size_t i = 0; i < 10; i++) {
        const double off = (double)counts[i] - DRAWS / 10.0;

        chi_squared += off * off / (DRAWS / 10.0);
    }
    assert_true(chi_squared < 36);
}

/* Of 2^64 outputs onto 3/4 as many results, every third result would be drawn twice as often. */
static void a_huge_bound_has_no_bias(void **state)
{
    const uint64_t bound = UINT64_C(3) << 62;
    size_t counts[3] = {0};
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t drawn = rng_below(&rng, bound);

        assert_true(drawn < bound);
        counts[drawn % 3]++;
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        assert_true(fabs((double)counts[i] / DRAWS - 1.0 / 3) < 0.005);
    assert_int_equal(rng_below(&rng, 1), 0);
}

struct moments {
    double mean;
    double variance;
    double least;
    double greatest;
};

static struct moments moments_of(double (*draw)(struct rng *))
{
    struct moments moments = {.least = INFINITY, .greatest = -INFINITY};
    double squares = 0;
    struct rng rng;

    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int i = 0; i < DRAWS; i++) {
        const double drawn = draw(&rng);

        moments.mean += drawn / DRAWS;
        squares += drawn * drawn / DRAWS;
        moments.least = fmin(moments.least, drawn);
        moments.greatest = fmax(moments.greatest, drawn);
    }
    moments.variance = squares - moments.mean * moments.mean;
    return moments;
}

static void distributions_have_their_moments(void **state)
{
    const struct moments unit = moments_of(rng_unit);
    const struct moments normal = moments_of(rng_normal);
    const struct moments exponential = moments_of(rng_exponential);

    (void)state;
    assert_true(unit.least >= 0 && unit.greatest < 1);
    assert_true(fabs(unit.mean - 0.5) < 0.003 && fabs(unit.variance - 1.0 / 12) < 0.001);
    assert_true(fabs(normal.mean) < 0.01 && fabs(normal.variance - 1) < 0.02);
    assert_true(normal.least < -3.5 && normal.greatest > 3.5);
    assert_true(exponential.least >= 0 && isfinite(exponential.greatest));
    assert_true(fabs(exponential.mean - 1) < 0.01 &&
                fabs(exponential.variance - 1) < 0.03);
}

/* A stream stays in step with another run's whatever values it drew. */
static void a_normal_draw_uses_two_outputs(void **state)
{
    struct rng drawn;
    struct rng stepped;

    (void)state;
    rng_init(&drawn, 5, 0, 0, RNG_TEST);
    stepped = drawn;
    rng_normal(&drawn);
    rng_next(&stepped);
    rng_next(&stepped);
    assert_memory_equal(&drawn, &stepped, sizeof(drawn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mix_is_splitmix64),
        cmocka_unit_test(the_generator_is_xoshiro256_starstar),
        cmocka_unit_test(equal_keys_give_equal_streams),
        cmocka_unit_test(each_part_of_the_key_changes_the_stream),
        cmocka_unit_test(draws_below_a_bound_are_uniform),
        cmocka_unit_test(a_huge_bound_has_no_bias),
        cmocka_unit_test(distributions_have_their_moments),
        cmocka_unit_test(a_normal_draw_uses_two_outputs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
