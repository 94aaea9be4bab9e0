#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/rng.h"
#include "workload/mix.h"

#define MOST_CLASSES 12

/* Among the first n ordinals, for every n, each class has its share to within one. */
static void assert_even(const struct mix *mix, const double *shares, size_t class_count,
                        uint64_t users)
{
    uint64_t dealt[MOST_CLASSES] = {0};

    for (uint64_t ordinal = 0; ordinal < users; ordinal++) {
        const size_t class = mix_class_of(mix, ordinal);

        assert_true(class < class_count);
        dealt[class]++;
        for (size_t i = 0; i < class_count; i++) {
            const double share = shares[i] * (double)(ordinal + 1);

            if (fabs((double)dealt[i] - share) >= 1 + 1e-6)
                fail_msg("class %zu has %.0f of the first %.0f, its share is %.3f", i,
                         (double)dealt[i], (double)ordinal + 1, share);
        }
    }
}

static void weights_are_met_to_within_one_user_in_every_prefix(void **state)
{
    static const uint32_t weights[][4] = {
        {7, 3, 0, 0},   {1, 1, 1, 0},  {70, 30, 0, 0},
        {997, 1, 1, 1}, {5, 0, 11, 2}, {1, 0, 0, 0},
    };

    (void)state;
    for (size_t row = 0; row < COUNT_OF(weights); row++) {
        struct mix_class classes[4] = {0};
        double shares[4];
        double sum = 0;
        struct mix *mix = NULL;

        for (size_t i = 0; i < 4; i++)
            sum += classes[i].weight = weights[row][i];
        for (size_t i = 0; i < 4; i++)
            shares[i] = weights[row][i] / sum;
        assert_int_equal(mix_new(&mix, classes, 4, 50), 0);
        assert_even(mix, shares, 4, 5000);
        mix_free(mix);
    }
}

/* Who is what is part of what a seed means. */
static void equal_claims_go_to_the_class_named_first(void **state)
{
    static const struct mix_class classes[] = {
        {.weight = 14}, {.weight = 6}, {.weight = 14}};
    char dealt[18] = "";
    struct mix *mix = NULL;

    (void)state;
    assert_int_equal(mix_new(&mix, classes, 3, 1), 0);
    for (uint64_t ordinal = 0; ordinal < sizeof(dealt) - 1; ordinal++)
        dealt[ordinal] = "abc"[mix_class_of(mix, ordinal)];
    assert_string_equal(dealt, "acacbacacbacacabc");
    mix_free(mix);
}

static void any_weights_are_met(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 0, 0, RNG_TEST);
    for (int round = 0; round < 200; round++) {
        const size_t count = 1 + rng_below(&rng, MOST_CLASSES);
        struct mix_class classes[MOST_CLASSES] = {0};
        double shares[MOST_CLASSES];
        double sum = 0;
        struct mix *mix = NULL;

        for (size_t i = 0; i < count; i++)
            sum += classes[i].weight = 1 + (uint32_t)rng_below(&rng, 300);
        for (size_t i = 0; i < count; i++)
            shares[i] = classes[i].weight / sum;
        assert_int_equal(mix_new(&mix, classes, count, 1), 0);
        assert_even(mix, shares, count, 2500);
        mix_free(mix);
    }
}

static void fixed_counts_are_exact_and_spread_out(void **state)
{
    static const struct mix_class classes[] = {
        {.count = 5}, {.weight = 3}, {.weight = 1}, {.count = 20}};
    uint64_t dealt[4] = {0};
    struct mix *mix = NULL;

    (void)state;
    assert_int_equal(mix_new(&mix, classes, 4, 100), 0);
    for (uint64_t ordinal = 0; ordinal < 100; ordinal++)
        dealt[mix_class_of(mix, ordinal)]++;
    assert_int_equal(dealt[0], 5);
    assert_int_equal(dealt[3], 20);
    assert_true(dealt[1] == 56 || dealt[1] == 57);

    for (uint64_t ordinal = 100; ordinal < 1100; ordinal++)
        dealt[mix_class_of(mix, ordinal)]++;
    assert_int_equal(dealt[0], 5);
    assert_int_equal(dealt[3], 20);
    assert_even(mix, (const double[]){0.05, 0.5625, 0.1875, 0.2}, 4, 100);
    mix_free(mix);
}

static void counts_alone_start_over(void **state)
{
    static const struct mix_class classes[] = {{.count = 2}, {.count = 1}};
    struct mix *mix = NULL;

    (void)state;
    assert_int_equal(mix_new(&mix, classes, 2, 1000), 0);
    assert_even(mix, (const double[]){2.0 / 3, 1.0 / 3}, 2, 1000);
    mix_free(mix);
}

static void counts_beyond_the_users_are_all_dealt(void **state)
{
    static const struct mix_class classes[] = {{.count = 30}, {.weight = 1}};
    uint64_t dealt[2] = {0};
    struct mix *mix = NULL;

    (void)state;
    assert_int_equal(mix_new(&mix, classes, 2, 10), 0);
    for (uint64_t ordinal = 0; ordinal < 40; ordinal++)
        dealt[mix_class_of(mix, ordinal)]++;
    assert_int_equal(dealt[0], 30);
    assert_int_equal(dealt[1], 10);
    mix_free(mix);
}

static void what_cannot_be_dealt_is_refused(void **state)
{
    static const struct mix_class nobody[] = {{.weight = 0}};
    static const struct mix_class many[] = {{.count = MIX_MAX_PERIOD}, {.count = 1}};
    static const struct mix_class heavy[] = {{.weight = UINT32_MAX}, {.weight = 1}};
    struct mix *mix = NULL;

    (void)state;
    assert_int_equal(mix_new(&mix, nobody, 0, 10), -EINVAL);
    assert_int_equal(mix_new(&mix, nobody, 1, 10), -EINVAL);
    assert_int_equal(mix_new(&mix, many, 2, 10), -ERANGE);
    assert_int_equal(mix_new(&mix, heavy, 2, 10), -ERANGE);
    assert_null(mix);
    assert_null(mix_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_met_to_within_one_user_in_every_prefix),
        cmocka_unit_test(equal_claims_go_to_the_class_named_first),
        cmocka_unit_test(any_weights_are_met),
        cmocka_unit_test(fixed_counts_are_exact_and_spread_out),
        cmocka_unit_test(counts_alone_start_over),
        cmocka_unit_test(counts_beyond_the_users_are_all_dealt),
        cmocka_unit_test(what_cannot_be_dealt_is_refused),
    };

    return cmocka_run_group_tests_name("mix", tests, NULL, NULL);
}
