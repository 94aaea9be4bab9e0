#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/rng.h"
#include "measure/contrast.h"
#include "measure/contrast_interval.h"
#include "measure/stretches.h"

DEFINE_CLEANUP(struct stretches, stretches_free)

/* A made-up service: how long it takes, and how much each second resembles the one before. */
struct service {
    double median_ns;
    double spread;    /* of the logarithm, of single requests */
    double wander;    /* of the logarithm, of seconds */
    double memory;    /* correlation of a second with the next, 0 to 1 */
    double failing;   /* share of requests that fail, on average */
    double waits_out; /* share of requests that never end: censored at 10 s */
    size_t seconds;
    size_t per_second;
};

static const struct service steady = {
    .median_ns = 200e6, .spread = 0.4, .seconds = 60, .per_second = 50};

enum { LATENCY };
enum { REQUESTS, FAILED };

static struct stretches *run(const struct service *service, uint64_t seed)
{
    const double innovation = sqrt(1 - service->memory * service->memory);
    struct stretches *stretches = NULL;
    double mood;
    struct rng rng;

    rng_init(&rng, seed, 0, 0, RNG_TEST);
    assert_int_equal(stretches_new(0, NS_PER_S, 1, 2, &stretches), 0);
    mood = rng_normal(&rng);
    for (size_t second = 0; second < service->seconds; second++) {
        const uint64_t at_ns = second * NS_PER_S;

        for (size_t i = 0; i < service->per_second; i++) {
            const double deviations =
                service->spread * rng_normal(&rng) + service->wander * mood;

            if (rng_unit(&rng) < service->waits_out)
                assert_int_equal(
                    stretches_record_censored(stretches, at_ns, LATENCY, 10 * NS_PER_S),
                    0);
            else
                assert_int_equal(
                    stretches_record(stretches, at_ns, LATENCY,
                                     (uint64_t)(service->median_ns * exp(deviations))),
                    0);
            stretches_add(stretches, at_ns, FAILED,
                          rng_unit(&rng) <
                              service->failing * exp(service->wander * mood));
        }
        stretches_add(stretches, at_ns, REQUESTS, (double)service->per_second);
        mood = service->memory * mood + innovation * rng_normal(&rng);
    }
    stretches_end(stretches, service->seconds * NS_PER_S);
    return stretches;
}

static void contrast_of(const struct service *base, const struct service *new,
                        uint64_t seed, const double *figures, size_t count,
                        struct contrast *ret_contrasts)
{
    CLEANUP(stretches_freep) struct stretches *a = run(base, 2 * seed);
    CLEANUP(stretches_freep) struct stretches *b = run(new, 2 * seed + 1);
    const struct contrast_values one = stretches_values(a, LATENCY);
    const struct contrast_values two = stretches_values(b, LATENCY);
    const struct contrast_options options = {.seed = seed};

    assert_int_equal(contrast_values(&one, &two, &options, figures, count, ret_contrasts),
                     0);
}

static struct service slower(const struct service *service, double factor)
{
    struct service other = *service;

    other.median_ns *= factor;
    return other;
}

/* Median, p95 and mean. */
enum { FIGURES = 3, TRIALS = 50 };
static const double main_figures[FIGURES] = {0.5, 0.95, CONTRAST_MEAN};

/* How often the interval held the truth, and how often there was a difference with p < 5%. */
struct record {
    unsigned covered[FIGURES];
    unsigned different[FIGURES];
};

static struct record trials_of(const struct service *service, double factor)
{
    const struct service other = slower(service, factor);
    struct record record = {0};

    for (unsigned i = 0; i < TRIALS; i++) {
        struct contrast contrasts[FIGURES];

        contrast_of(service, &other, i, main_figures, FIGURES, contrasts);
        for (size_t j = 0; j < FIGURES; j++) {
            const struct contrast *one = &contrasts[j];

            assert_int_equal(one->finding, CONTRAST_FOUND);
            assert_true(one->low <= one->change && one->change <= one->high);
            record.covered[j] += one->low <= factor - 1 && factor - 1 <= one->high;
            record.different[j] += one->p < 0.05;
        }
    }
    return record;
}

/*
 * 95% intervals: of 50 trials fewer than 42 are covered in 1 of 300 cases where 95% is true. A tenth is found in
 * each of them.
 */
static void intervals_hold_the_truth_as_often_as_they_say(void **state)
{
    const struct record record = trials_of(&steady, 1.1);

    (void)state;
    for (size_t i = 0; i < FIGURES; i++) {
        assert_true(record.covered[i] >= 42);
        assert_true(record.different[i] >= 49);
    }
}

static void equal_sides_rarely_differ(void **state)
{
    const struct record record = trials_of(&steady, 1);

    (void)state;
    for (size_t i = 0; i < FIGURES; i++) {
        assert_true(record.covered[i] >= 42);
        assert_true(record.different[i] <= 7);
    }
}

/*
 * Seconds that resemble each other hold less than they seem to: drawn one by one, a third of these would differ. Of 50
 * trials more than 9 differ in 1 of 100 cases where it is 1 of 10.
 */
static void what_waits_in_one_queue_is_not_taken_for_independent(void **state)
{
    const struct service restless = {.median_ns = 200e6,
                                     .spread = 0.2,
                                     .wander = 0.3,
                                     .memory = 0.6,
                                     .seconds = 60,
                                     .per_second = 40};
    const struct record record = trials_of(&restless, 1);

    (void)state;
    print_message("of 50 equal pairs differ: p50 %u, p95 %u, mean %u\n",
                  record.different[0], record.different[1], record.different[2]);
    for (size_t i = 0; i < FIGURES; i++)
        assert_true(record.different[i] <= 9);
}

/* So few of them would hide it: taken for independent, 12 to 14 of these 50 would differ. */
static void a_short_run_is_not_taken_for_independent_either(void **state)
{
    struct service restless = steady;
    struct record record;

    (void)state;
    restless.wander = 0.2;
    restless.memory = 0.6;
    restless.seconds = 20;
    record = trials_of(&restless, 1);
    for (size_t i = 0; i < FIGURES; i++)
        assert_true(record.different[i] <= 7);
}

static void the_same_seed_gives_the_same_answer(void **state)
{
    const struct service other = slower(&steady, 1.03);
    static const double figures[] = {0.5, 0.95, CONTRAST_MEAN};
    struct contrast one[3];
    struct contrast two[3];

    (void)state;
    contrast_of(&steady, &other, 7, figures, 3, one);
    contrast_of(&steady, &other, 7, figures, 3, two);
    for (size_t i = 0; i < 3; i++) {
        assert_true(one[i].p == two[i].p && one[i].low == two[i].low &&
                    one[i].high == two[i].high);
        assert_true(one[i].base > 0 && one[i].samples_base == 3000);
    }
}

/* Both sides wander together: only pairs see how small the difference is. */
static void pairs_take_out_what_moved_both(void **state)
{
    struct service restless = steady;
    struct contrast alone;
    struct contrast paired;
    const double median = 0.5;

    (void)state;
    restless.wander = 0.5;
    restless.memory = 0.5;
    CLEANUP(stretches_freep) struct stretches *a = run(&restless, 5);
    const struct service other = slower(&restless, 1.05);
    CLEANUP(stretches_freep) struct stretches *b = run(&other, 5);
    const struct contrast_values one = stretches_values(a, LATENCY);
    const struct contrast_values two = stretches_values(b, LATENCY);

    assert_int_equal(contrast_values(&one, &two, &(struct contrast_options){.seed = 1},
                                     &median, 1, &alone),
                     0);
    assert_int_equal(
        contrast_values(&one, &two,
                        &(struct contrast_options){.seed = 1, .is_paired = true}, &median,
                        1, &paired),
        0);
    assert_true(alone.p > 0.05);
    assert_true(paired.p < 0.001);
    assert_true(paired.high - paired.low < (alone.high - alone.low) / 5);
}

static void too_little_is_said_to_be_too_little(void **state)
{
    struct service brief = steady;
    const double figures[] = {0.5, 0.99};
    struct contrast contrasts[2];

    (void)state;
    brief.seconds = 9;
    contrast_of(&brief, &steady, 1, figures, 2, contrasts);
    assert_int_equal(contrasts[0].finding, CONTRAST_FEW_STRETCHES);
    assert_true(isnan(contrasts[0].p) && isnan(contrasts[0].low));
    assert_true(contrasts[0].change > -0.5 && contrasts[0].change < 0.5);

    brief = steady;
    brief.per_second = 16; /* 960 observations */
    contrast_of(&brief, &steady, 1, figures, 2, contrasts);
    assert_int_equal(contrasts[0].finding, CONTRAST_FOUND);
    assert_int_equal(contrasts[1].finding, CONTRAST_FEW_VALUES);

    brief.per_second = 0;
    contrast_of(&brief, &steady, 1, figures, 2, contrasts);
    assert_int_equal(contrasts[0].finding, CONTRAST_NOTHING);
    assert_true(isnan(contrasts[0].change));
}

static void a_side_that_collapses_is_a_bound(void **state)
{
    struct service collapsing = steady;
    const double figures[] = {0.5, 0.95, CONTRAST_MEAN};
    struct contrast contrasts[3];

    (void)state;
    collapsing.waits_out = 0.2;
    contrast_of(&steady, &collapsing, 3, figures, 3, contrasts);
    assert_false(contrasts[0].new_above);
    assert_true(contrasts[1].new_above && isinf(contrasts[1].high));
    assert_true(contrasts[1].low > 10 && contrasts[1].p < 0.01);
    assert_true(contrasts[2].new_above);

    contrast_of(&collapsing, &steady, 3, figures, 3, contrasts);
    assert_true(contrasts[1].base_above && contrasts[1].low == -1);
    assert_true(contrasts[1].high < -0.8 && contrasts[1].p < 0.01);

    contrast_of(&collapsing, &collapsing, 3, figures, 3, contrasts);
    assert_int_equal(contrasts[1].finding, CONTRAST_BOTH_ABOVE);
    assert_true(isnan(contrasts[1].p));
}

/* The longest that a bounded side can be is longer still: that proves no improvement. */
static void a_bound_proves_nothing_on_its_open_side(void **state)
{
    struct service slow = slower(&steady, 200); /* 40 s */
    struct service left = steady;
    const double median = 0.5;
    struct contrast contrast;

    (void)state;
    left.waits_out = 0.9;
    contrast_of(&slow, &left, 1, &median, 1, &contrast);
    assert_true(contrast.new_above && contrast.change < 0);
    assert_true(isnan(contrast.p));
}

static struct contrast share_of(const struct service *base, const struct service *new,
                                uint64_t seed)
{
    CLEANUP(stretches_freep) struct stretches *a = run(base, 2 * seed);
    CLEANUP(stretches_freep) struct stretches *b = run(new, 2 * seed + 1);
    const struct contrast_sums one = stretches_sums(a, FAILED, REQUESTS);
    const struct contrast_sums two = stretches_sums(b, FAILED, REQUESTS);
    struct contrast contrast;

    assert_int_equal(
        contrast_sums(&one, &two, &(struct contrast_options){.seed = seed}, &contrast),
        0);
    return contrast;
}

static void shares_are_contrasted_too(void **state)
{
    struct service failing = steady;
    struct contrast contrast;
    unsigned different = 0;

    (void)state;
    failing.failing = 0.03;
    contrast = share_of(&steady, &failing, 1);
    assert_true(contrast.base == 0 && isnan(contrast.change) && isnan(contrast.low));
    assert_true(contrast.difference_low > 0.015 && contrast.difference_high < 0.045);
    assert_true(contrast.p < 0.001);
    contrast = share_of(&steady, &steady, 1);
    assert_true(contrast.difference == 0 && contrast.p == 1);
    for (uint64_t i = 0; i < 100; i++)
        different += share_of(&failing, &failing, i).p < 0.05;
    assert_true(different <= 11);
}

static void rates_are_over_seconds(void **state)
{
    struct service faster = steady;
    struct contrast contrast;

    (void)state;
    faster.per_second = 60;
    CLEANUP(stretches_freep) struct stretches *a = run(&steady, 1);
    CLEANUP(stretches_freep) struct stretches *b = run(&faster, 2);
    const struct contrast_sums one = stretches_per_second(a, REQUESTS);
    const struct contrast_sums two = stretches_per_second(b, REQUESTS);

    assert_int_equal(
        contrast_sums(&one, &two, &(struct contrast_options){.seed = 1}, &contrast), 0);
    assert_true(fabs(contrast.base - 50) < 1e-9 && fabs(contrast.new - 60) < 1e-9);
    assert_true(fabs(contrast.low - 0.2) < 1e-9 && fabs(contrast.high - 0.2) < 1e-9);
    assert_true(contrast.p < 1e-6);
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
static void many_are_judged_as_holm_says(void **state)
{
    const double p[] = {0.01, 0.04, (double)NAN, 0.03, 0.005};
    const double expected[] = {0.03, 0.06, (double)NAN, 0.06, 0.02};
    double adjusted[5];

    (void)state;
    assert_int_equal(contrast_holm(p, 5, adjusted), 0);
    for (size_t i = 0; i < 5; i++)
        assert_true(isnan(expected[i]) ? isnan(adjusted[i])
                                       : fabs(adjusted[i] - expected[i]) < 1e-12);
}

/* R: 2 * pt(-c(2.228139, 4), c(10, 30)) */
static void p_is_that_of_student(void **state)
{
    (void)state;
    assert_true(fabs(contrast_student_p(2.228139, 10) - 0.05) < 0.0005);
    assert_true(fabs(contrast_student_p(4, 30) - 0.000383) < 0.00001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
        cmocka_unit_test(what_waits_in_one_queue_is_not_taken_for_independent),
        cmocka_unit_test(a_short_run_is_not_taken_for_independent_either),
        cmocka_unit_test(equal_sides_rarely_differ),
        cmocka_unit_test(the_same_seed_gives_the_same_answer),
        cmocka_unit_test(pairs_take_out_what_moved_both),
        cmocka_unit_test(too_little_is_said_to_be_too_little),
        cmocka_unit_test(a_side_that_collapses_is_a_bound),
        cmocka_unit_test(a_bound_proves_nothing_on_its_open_side),
        cmocka_unit_test(shares_are_contrasted_too),
        cmocka_unit_test(rates_are_over_seconds),
        cmocka_unit_test(many_are_judged_as_holm_says),
        cmocka_unit_test(p_is_that_of_student),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
