#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hdr/hdr_histogram.h>
#include <hdr/hdr_histogram_log.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/rng.h"
#include "torture.h"

#define COUNT 5000

static struct histogram *new_histogram(enum histogram_digits digits)
{
    struct histogram *histogram = NULL;

    assert_int_equal(histogram_new(digits, &histogram), 0);
    return histogram;
}

static uint64_t value_of(const struct histogram *histogram, double q)
{
    const struct histogram_quantile quantile = histogram_quantile(histogram, q);

    assert_false(quantile.above);
    return quantile.value_ns;
}

static void an_empty_histogram_knows_nothing(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);
    const struct histogram_quantile quantile = histogram_quantile(histogram, 0.5);

    (void)state;
    assert_false(quantile.known);
    assert_false(quantile.above);
    assert_int_equal(histogram_count(histogram), 0);
    assert_int_equal(histogram_min_ns(histogram), 0);
    assert_int_equal(histogram_max_ns(histogram), 0);
    assert_true(histogram_mean_ns(histogram) == 0 && histogram_stddev_ns(histogram) == 0);
    assert_null(histogram_free(histogram));
    assert_null(histogram_free(NULL));
}

static int compare(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* Against the sorted values themselves: never below the truth, and above by no more than 10^-digits. */
static void assert_quantiles_of(uint64_t *values_ns, size_t count,
                                enum histogram_digits digits)
{
    const double error = pow(10, -(double)digits);
    struct histogram *histogram = new_histogram(digits);

    for (size_t i = 0; i < count; i++)
        histogram_record(histogram, values_ns[i]);
    qsort(values_ns, count, sizeof(*values_ns), compare);
    for (int percent = 1; percent < 100; percent++) {
        const size_t rank = (count * (size_t)percent + 99) / 100;
        const double truth_ns = round((double)values_ns[rank - 1] / 1e3) * 1e3;
        const double told_ns = (double)value_of(histogram, percent / 100.0);

        if (told_ns < truth_ns || told_ns > truth_ns * (1 + error) + 1000)
            fail_msg("p%d of %zu: %g told, %g true", percent, count, told_ns, truth_ns);
    }
    assert_true(value_of(histogram, 0.99999) <= histogram_max_ns(histogram));
    histogram_free(histogram);
}

static void quantiles_are_those_of_the_sorted_values(void **state)
{
    static uint64_t values_ns[COUNT];
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (size_t count = 1; count <= COUNT; count = count * 2 + rng_below(&rng, 3)) {
        for (int digits = HISTOGRAM_COARSE; digits <= HISTOGRAM_FINE; digits++) {
            for (size_t i = 0; i < count; i++)
                values_ns[i] = 1000 + (uint64_t)(exp(rng_normal(&rng) * 2) * 5e8);
            assert_quantiles_of(values_ns, count, (enum histogram_digits)digits);
        }
    }
}

/* q × total is a hair more than an integer in binary for some: the rank must not jump. */
static void a_rank_is_the_smallest_with_at_least_q_below(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);

    (void)state;
    for (uint64_t i = 1; i <= 100; i++)
        histogram_record(histogram, i * NS_PER_US);
    for (uint64_t percent = 1; percent < 100; percent++)
        assert_int_equal(value_of(histogram, (double)percent / 100), percent * NS_PER_US);
    assert_int_equal(value_of(histogram, 0.941), 95 * NS_PER_US);
    assert_int_equal(value_of(histogram, 0.0001), 1 * NS_PER_US);
    histogram_free(histogram);
}

static void a_percentile_is_known_from_enough_observations_on(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_COARSE);

    (void)state;
    for (int i = 0; i < 99; i++)
        histogram_record(histogram, NS_PER_MS);
    assert_false(histogram_quantile(histogram, 0.99).known);
    assert_true(histogram_quantile(histogram, 0.98).known);
    histogram_record_censored(histogram, NS_PER_MS);
    assert_true(histogram_quantile(histogram, 0.99).known);
    assert_false(histogram_quantile(histogram, 0.999).known);
    histogram_free(histogram);
}

static void values_are_rounded_to_microseconds_and_clamped_with_a_count(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);

    (void)state;
    histogram_record(histogram, 0);
    assert_int_equal(histogram_max_ns(histogram), 1000);
    histogram_record(histogram, 1499);
    assert_int_equal(histogram_max_ns(histogram), 1000);
    histogram_record(histogram, 1500);
    assert_int_equal(histogram_max_ns(histogram), 2000);
    histogram_record(histogram, 3600 * NS_PER_S);
    assert_int_equal(histogram_clamped(histogram), 0);
    histogram_record(histogram, 3601 * NS_PER_S);
    histogram_record(histogram, UINT64_MAX);
    histogram_record_censored(histogram, UINT64_MAX);
    assert_int_equal(histogram_clamped(histogram), 3);
    assert_int_equal(histogram_count(histogram), 6);
    assert_int_equal(histogram_min_ns(histogram), 1000);
    assert_int_equal(histogram_max_ns(histogram), 3600 * NS_PER_S);
    histogram_free(histogram);
}

static void mean_and_deviation_are_within_the_precision(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);

    (void)state;
    for (int i = 0; i < 100; i++)
        histogram_record(histogram, i % 2 ? 100 * NS_PER_MS : 300 * NS_PER_MS);
    assert_true(fabs(histogram_mean_ns(histogram) - 200e6) < 200e6 * 0.001);
    assert_true(fabs(histogram_stddev_ns(histogram) - 100e6) < 100e6 * 0.005);
    histogram_free(histogram);
}

/* 90 answers of 1 to 90 ms, 10 that were given up after 30 s. */
static void a_rank_among_the_censored_is_only_told_as_above(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);

    (void)state;
    for (uint64_t i = 1; i <= 90; i++)
        histogram_record(histogram, i * NS_PER_MS);
    for (int i = 0; i < 10; i++)
        histogram_record_censored(histogram, 30 * NS_PER_S);
    assert_int_equal(histogram_censored(histogram), 10);
    assert_int_equal(histogram_count(histogram), 90);
    assert_in_range(value_of(histogram, 0.50), 50 * NS_PER_MS, 50 * NS_PER_MS + 50000);
    assert_int_equal(value_of(histogram, 0.90), 90 * NS_PER_MS);

    const struct histogram_quantile p91 = histogram_quantile(histogram, 0.91);

    assert_true(p91.above);
    assert_true(p91.known);
    assert_int_equal(p91.value_ns, 30 * NS_PER_S);
    histogram_free(histogram);
}

/* Refused at once, so the truth of a high rank may be little above what was observed. */
static void what_ended_early_shifts_ranks_up_and_bounds_them_from_below(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);

    (void)state;
    for (uint64_t i = 1; i <= 90; i++)
        histogram_record(histogram, i * NS_PER_MS);
    for (int i = 0; i < 10; i++)
        histogram_record_censored(histogram, 0);
    assert_in_range(value_of(histogram, 0.50), 50 * NS_PER_MS, 50 * NS_PER_MS + 50000);
    const struct histogram_quantile p95 = histogram_quantile(histogram, 0.95);

    assert_true(p95.above);
    assert_in_range(p95.value_ns, 84 * NS_PER_MS, 85 * NS_PER_MS);
    histogram_free(histogram);
}

static void where_all_are_censored_nothing_but_bounds_is_told(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_COARSE);

    (void)state;
    for (int i = 0; i < 10; i++)
        histogram_record_censored(histogram, 5 * NS_PER_S);
    const struct histogram_quantile median = histogram_quantile(histogram, 0.5);

    assert_true(median.above && median.known);
    assert_int_equal(median.value_ns, 5 * NS_PER_S);
    histogram_reset(histogram);
    assert_int_equal(histogram_censored(histogram), 0);
    assert_false(histogram_quantile(histogram, 0.5).known);
    histogram_free(histogram);
}

static void the_greatest_is_only_a_bound_once_anything_is_censored(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);

    (void)state;
    assert_false(histogram_greatest(histogram).known);
    histogram_record(histogram, 1234 * NS_PER_MS);
    assert_true(histogram_greatest(histogram).known);
    assert_false(histogram_greatest(histogram).above);
    assert_int_equal(histogram_greatest(histogram).value_ns, 1234 * NS_PER_MS);
    histogram_record_censored(histogram, 5 * NS_PER_MS);
    assert_true(histogram_greatest(histogram).above);
    assert_int_equal(histogram_greatest(histogram).value_ns, 1234 * NS_PER_MS);
    histogram_record_censored(histogram, 30 * NS_PER_S);
    assert_int_equal(histogram_greatest(histogram).value_ns, 30 * NS_PER_S);
    histogram_reset(histogram);
    assert_false(histogram_greatest(histogram).known);
    histogram_free(histogram);
}

struct transcript {
    uint64_t counts;
    uint64_t last_ns;
    uint64_t hash;
};

static void note_bucket(void *ctx, uint64_t value_ns, uint64_t count)
{
    struct transcript *seen = ctx;

    assert_true(count > 0 && value_ns > seen->last_ns);
    seen->counts += count;
    seen->last_ns = value_ns;
    seen->hash = rng_mix(seen->hash ^ rng_mix(value_ns) ^ count);
}

static void assert_equal_histograms(const struct histogram *a, const struct histogram *b)
{
    struct transcript seen_a = {0};
    struct transcript seen_b = {0};

    histogram_each(a, note_bucket, &seen_a);
    histogram_each(b, note_bucket, &seen_b);
    assert_int_equal(seen_a.hash, seen_b.hash);
    assert_int_equal(seen_a.counts, histogram_count(a));
    assert_int_equal(histogram_count(a), histogram_count(b));
    assert_int_equal(histogram_censored(a), histogram_censored(b));
    assert_int_equal(histogram_clamped(a), histogram_clamped(b));
    assert_int_equal(histogram_min_ns(a), histogram_min_ns(b));
    assert_int_equal(histogram_max_ns(a), histogram_max_ns(b));
    assert_true(histogram_mean_ns(a) == histogram_mean_ns(b));
    assert_true(histogram_mean_least_ns(a) == histogram_mean_least_ns(b));
    assert_true(histogram_stddev_ns(a) == histogram_stddev_ns(b));
    for (double q = 0.01; q < 1; q += 0.01) {
        const struct histogram_quantile of_a = histogram_quantile(a, q);
        const struct histogram_quantile of_b = histogram_quantile(b, q);

        assert_int_equal(of_a.value_ns, of_b.value_ns);
        assert_int_equal(of_a.above, of_b.above);
    }
}

static void merged_parts_equal_the_whole(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 0, 0, RNG_TEST);
    for (int round = 0; round < 20; round++) {
        struct histogram *whole = new_histogram(HISTOGRAM_FINE);
        struct histogram *merged = new_histogram(HISTOGRAM_FINE);
        struct histogram *parts[3];

        for (size_t i = 0; i < 3; i++)
            parts[i] = new_histogram(HISTOGRAM_FINE);
        for (int i = 0; i < 2000; i++) {
            const uint64_t value_ns = rng_next(&rng) >> (20 + rng_below(&rng, 30));
            struct histogram *part = parts[rng_below(&rng, 3)];
            const bool is_censored = rng_below(&rng, 10) == 0 && part != parts[2];

            (is_censored ? histogram_record_censored : histogram_record)(part, value_ns);
            (is_censored ? histogram_record_censored : histogram_record)(whole, value_ns);
        }
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(histogram_merge(merged, parts[i]), 0);
            histogram_free(parts[i]);
        }
        assert_equal_histograms(merged, whole);
        histogram_free(merged);
        histogram_free(whole);
    }
}

/* Only the part in use is worked on: nothing of another part may stay or be left out. */
static void a_copy_follows_through_growth_and_reset(void **state)
{
    struct histogram *copy = new_histogram(HISTOGRAM_COARSE);
    struct histogram *first = new_histogram(HISTOGRAM_COARSE);
    struct rng rng;

    (void)state;
    rng_init(&rng, 7, 0, 0, RNG_TEST);
    for (uint64_t round = 0; round < 200; round++) {
        struct histogram *fresh = new_histogram(HISTOGRAM_COARSE);
        size_t bytes = 0;

        if (round % 5 == 0)
            histogram_reset(first);
        for (uint64_t i = 0; i <= round; i++)
            histogram_record(first, rng_next(&rng) >> (20 + rng_below(&rng, 30)));
        assert_int_equal(histogram_follow(copy, first, &bytes), 0);
        assert_equal_histograms(copy, first);
        assert_int_equal(histogram_merge(fresh, copy), 0);
        assert_equal_histograms(fresh, first);
        histogram_reset(fresh);
        assert_int_equal(histogram_merge(fresh, first), 0);
        assert_equal_histograms(fresh, first);
        histogram_free(fresh);
    }
    histogram_free(copy);
    histogram_free(first);
}

static void the_mean_lies_among_what_was_observed_however_coarse_the_buckets(void **state)
{
    struct histogram *one = NULL;
    struct histogram *two = NULL;

    (void)state;
    assert_int_equal(histogram_new(HISTOGRAM_COARSE, &one), 0);
    assert_int_equal(histogram_new(HISTOGRAM_COARSE, &two), 0);
    histogram_record(one, 100001 * NS_PER_US);
    histogram_record(two, 100003 * NS_PER_US);
    assert_true(histogram_mean_ns(one) == 100001e3);
    assert_true(histogram_stddev_ns(one) == 0);
    assert_int_equal(histogram_merge(one, two), 0);
    assert_true(histogram_mean_ns(one) == 100002e3);
    assert_true(fabs(histogram_stddev_ns(one) - 1000) < 1);
    assert_int_equal(histogram_min_ns(one), 100001 * NS_PER_US);
    assert_int_equal(histogram_max_ns(one), 100003 * NS_PER_US);
    histogram_reset(one);
    histogram_record(one, 7 * NS_PER_US);
    assert_true(histogram_mean_ns(one) == 7e3 && histogram_stddev_ns(one) == 0);
    histogram_free(one);
    histogram_free(two);
}

static void the_least_mean_takes_the_censored_at_the_times_they_waited(void **state)
{
    struct histogram *histogram = NULL;

    (void)state;
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &histogram), 0);
    assert_true(histogram_mean_least_ns(histogram) == 0);
    histogram_record_censored(histogram, 30 * NS_PER_MS);
    assert_true(histogram_mean_least_ns(histogram) == 30e6);
    histogram_record(histogram, 10 * NS_PER_MS);
    assert_true(histogram_mean_least_ns(histogram) == 20e6);
    assert_true(histogram_mean_ns(histogram) == 10e6);
    histogram_free(histogram);
}

static void the_mean_rate_is_that_of_the_inverse_values(void **state)
{
    struct histogram *histogram = NULL;

    (void)state;
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &histogram), 0);
    assert_true(histogram_rate(histogram).mean_per_s == 0);
    histogram_record(histogram, 10 * NS_PER_MS);
    assert_true(fabs(histogram_rate(histogram).mean_per_s - 100) < 1e-9);
    histogram_record(histogram, 100 * NS_PER_MS);
    assert_true(fabs(histogram_rate(histogram).mean_per_s - 55) < 0.1);
    assert_true(fabs(histogram_rate(histogram).stddev_per_s - 45) < 0.1);
    histogram_free(histogram);
}

static void histograms_of_other_precision_are_not_merged(void **state)
{
    struct histogram *fine = new_histogram(HISTOGRAM_FINE);
    struct histogram *coarse = new_histogram(HISTOGRAM_COARSE);

    (void)state;
    histogram_record(coarse, NS_PER_MS);
    assert_int_equal(histogram_merge(fine, coarse), -EINVAL);
    assert_int_equal(histogram_count(fine), 0);
    histogram_free(fine);
    histogram_free(coarse);
}

static void the_encoding_is_read_back_by_the_library(void **state)
{
    struct histogram *histogram = new_histogram(HISTOGRAM_FINE);
    struct hdr_histogram *back = NULL;
    char *text = NULL;
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, 0, 0, RNG_TEST);
    for (int i = 0; i < 1000; i++)
        histogram_record(histogram, rng_below(&rng, 10 * NS_PER_S));
    assert_int_equal(histogram_encode(histogram, &text), 0);
    assert_int_equal(strncmp(text, "HIST", 4), 0);
    assert_int_equal(hdr_log_decode(&back, text, strlen(text)), 0);
    assert_int_equal(back->total_count, 1000);
    assert_int_equal(back->highest_trackable_value, INT64_C(3600000000));
    assert_true(fabs(hdr_mean(back) * 1e3 - histogram_mean_ns(histogram)) <
                0.001 * histogram_mean_ns(histogram));
    hdr_close(back);
    free(text);
    histogram_free(histogram);
}

/* Ours and the library's own way to record come to the same bytes. */
static void assert_same_places(enum histogram_digits digits, const uint64_t *values_us,
                               size_t count)
{
    struct histogram *ours = new_histogram(digits);
    struct hdr_histogram *theirs = NULL;
    char *of_ours = NULL;
    char *of_theirs = NULL;

    assert_int_equal(hdr_init(1, INT64_C(3600000000), (int)digits, &theirs), 0);
    for (size_t i = 0; i < count; i++) {
        histogram_record(ours, values_us[i] * NS_PER_US);
        assert_true(hdr_record_value(theirs, (int64_t)values_us[i]));
    }
    assert_int_equal(histogram_encode(ours, &of_ours), 0);
    assert_int_equal(hdr_log_encode(theirs, &of_theirs), 0);
    assert_string_equal(of_ours, of_theirs);
    assert_int_equal(histogram_min_ns(ours), (uint64_t)theirs->min_value * NS_PER_US);
    assert_int_equal(histogram_max_ns(ours), (uint64_t)theirs->max_value * NS_PER_US);
    free(of_ours);
    free(of_theirs);
    hdr_close(theirs);
    histogram_free(ours);
}

static void values_are_counted_where_the_library_counts_them(void **state)
{
    uint64_t values_us[4000];
    size_t count = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 6, 0, 0, RNG_TEST);
    values_us[count++] = 1;
    values_us[count++] = UINT64_C(3600000000);
    for (uint64_t power = 2; power < UINT64_C(3600000000); power *= 2)
        for (uint64_t us = power - 1; us <= power + 1; us++)
            values_us[count++] = us;
    while (count < COUNT_OF(values_us))
        values_us[count++] =
            1 + (rng_below(&rng, UINT64_C(3600000000)) >> rng_below(&rng, 31));
    assert_same_places(HISTOGRAM_FINE, values_us, count);
    assert_same_places(HISTOGRAM_COARSE, values_us, count);
}

static int make_and_merge(void)
{
    struct histogram *into = NULL;
    struct histogram *from = NULL;
    int r = histogram_new(HISTOGRAM_FINE, &into);

    if (r == 0)
        r = histogram_new(HISTOGRAM_FINE, &from);
    if (r == 0) {
        histogram_record(from, NS_PER_MS);
        r = histogram_merge(into, from);
    }
    histogram_free(into);
    histogram_free(from);
    return r;
}

static int censor_one(void)
{
    struct histogram *histogram = NULL;
    const int r = histogram_new(HISTOGRAM_COARSE, &histogram);

    if (r < 0)
        return 0;
    histogram_record_censored(histogram, NS_PER_S);
    const struct histogram_quantile median = histogram_quantile(histogram, 0.5);

    assert_int_equal(histogram_censored(histogram), 1);
    assert_true(median.above && median.value_ns <= NS_PER_S);
    histogram_free(histogram);
    return 0;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_int_equal(torture(make_and_merge, -ENOMEM), 4);
    assert_int_equal(torture(censor_one, 0), 3);
}

/* Numbers of the scenario's own may be 0; a latency never is. */
static void nothing_at_all_is_a_value_where_it_is_asked_for(void **state)
{
    struct histogram *histogram = NULL;

    (void)state;
    assert_int_equal(histogram_new(HISTOGRAM_FINE, &histogram), 0);
    for (int i = 0; i < 3; i++)
        histogram_record_from_zero(histogram, 0);
    histogram_record_from_zero(histogram, 499);
    histogram_record_from_zero(histogram, 4 * NS_PER_US);
    assert_int_equal(histogram_count(histogram), 5);
    assert_int_equal(histogram_min_ns(histogram), 0);
    assert_int_equal(histogram_quantile(histogram, 0.5).value_ns, 0);
    assert_int_equal(histogram_max_ns(histogram), 4 * NS_PER_US);
    histogram_reset(histogram);
    histogram_record(histogram, 0);
    assert_int_equal(histogram_min_ns(histogram), NS_PER_US);
    histogram_free(histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_histogram_knows_nothing),
        cmocka_unit_test(quantiles_are_those_of_the_sorted_values),
        cmocka_unit_test(a_rank_is_the_smallest_with_at_least_q_below),
        cmocka_unit_test(a_percentile_is_known_from_enough_observations_on),
        cmocka_unit_test(values_are_rounded_to_microseconds_and_clamped_with_a_count),
        cmocka_unit_test(mean_and_deviation_are_within_the_precision),
        cmocka_unit_test(a_rank_among_the_censored_is_only_told_as_above),
        cmocka_unit_test(what_ended_early_shifts_ranks_up_and_bounds_them_from_below),
        cmocka_unit_test(where_all_are_censored_nothing_but_bounds_is_told),
        cmocka_unit_test(the_greatest_is_only_a_bound_once_anything_is_censored),
        cmocka_unit_test(merged_parts_equal_the_whole),
        cmocka_unit_test(a_copy_follows_through_growth_and_reset),
        cmocka_unit_test(
            the_mean_lies_among_what_was_observed_however_coarse_the_buckets),
        cmocka_unit_test(the_least_mean_takes_the_censored_at_the_times_they_waited),
        cmocka_unit_test(the_mean_rate_is_that_of_the_inverse_values),
        cmocka_unit_test(histograms_of_other_precision_are_not_merged),
        cmocka_unit_test(the_encoding_is_read_back_by_the_library),
        cmocka_unit_test(values_are_counted_where_the_library_counts_them),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(nothing_at_all_is_a_value_where_it_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
