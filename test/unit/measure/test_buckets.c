#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "measure/buckets.h"

static void every_bound_holds_what_is_equal_to_it_and_not_what_is_above(void **state)
{
    (void)state;
    for (enum buckets_kind kind = 0; kind < BUCKETS_KINDS; kind++) {
        const struct buckets_scale *scale = &buckets_scales[kind];

        for (size_t i = 0; i < scale->bound_count; i++) {
            struct buckets buckets = {0};

            buckets_add(&buckets, kind, scale->bounds[i]);
            buckets_add(&buckets, kind, scale->bounds[i] + 1);
            assert_int_equal(buckets.counts[i], 1);
            assert_int_equal(buckets.counts[i + 1], 1);
            assert_int_equal(buckets.sum, 2 * scale->bounds[i] + 1);
        }
    }
}

static void bounds_rise_and_the_rest_is_endless(void **state)
{
    (void)state;
    for (enum buckets_kind kind = 0; kind < BUCKETS_KINDS; kind++) {
        const struct buckets_scale *scale = &buckets_scales[kind];

        assert_in_range(scale->bound_count, 1, BUCKETS_MAX_BOUNDS);
        for (size_t i = 1; i < scale->bound_count; i++)
            assert_true(scale->bounds[i] > scale->bounds[i - 1]);
        for (size_t i = scale->bound_count; i < BUCKETS_MAX_BOUNDS; i++)
            assert_true(scale->bounds[i] == UINT64_MAX);
    }
}

static void what_is_merged_is_the_sum(void **state)
{
    struct buckets a = {0};
    struct buckets b = {0};

    (void)state;
    buckets_add(&a, BUCKETS_TTFT, 0);
    buckets_add(&a, BUCKETS_TTFT, 20 * NS_PER_MS);
    buckets_add(&b, BUCKETS_TTFT, 3600 * NS_PER_S);
    buckets_merge(&a, &b);
    assert_int_equal(buckets_count(&a), 3);
    assert_int_equal(a.sum, 20 * NS_PER_MS + 3600 * NS_PER_S);
    assert_int_equal(a.counts[buckets_scales[BUCKETS_TTFT].bound_count], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bound_holds_what_is_equal_to_it_and_not_what_is_above),
        cmocka_unit_test(bounds_rise_and_the_rest_is_endless),
        cmocka_unit_test(what_is_merged_is_the_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
