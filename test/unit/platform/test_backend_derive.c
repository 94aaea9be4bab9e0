#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "platform/backend_derive.h"

static void assert_is(double value, double expected)
{
    assert_true(fabs(value - expected) <= 1e-9);
}

static void set(struct backend_raw *raw, enum backend_quantity quantity, double value)
{
    raw->values[quantity] = value;
    raw->samples[quantity] = 1;
}

static void the_first_reading_has_levels_and_no_rates(void **state)
{
    struct backend_raw now = {.at_ns = NS_PER_S};
    struct backend_reading reading;

    (void)state;
    set(&now, QUANTITY_RUNNING, 3);
    set(&now, QUANTITY_GENERATION_TOKENS, 1000);
    reading = backend_derive(NULL, &now);
    assert_is(reading.values[BACKEND_RUNNING], 3);
    assert_true(isnan(reading.values[BACKEND_GENERATION_RATE]));
    assert_true(isnan(reading.values[BACKEND_WAITING]));
}

/* A server that began anew counts from 0: a rate below 0, or one over the gap, would be wrong. */
static void a_counter_that_began_anew_says_nothing_of_its_time(void **state)
{
    struct backend_raw before = {.at_ns = NS_PER_S};
    struct backend_raw now = {.at_ns = 2 * NS_PER_S};

    (void)state;
    set(&before, QUANTITY_GENERATION_TOKENS, 1000);
    set(&now, QUANTITY_GENERATION_TOKENS, 10);
    assert_true(isnan(backend_derive(&before, &now).values[BACKEND_GENERATION_RATE]));
}

static void where_nobody_left_the_queue_there_is_no_time_in_it(void **state)
{
    struct backend_raw before = {.at_ns = NS_PER_S};
    struct backend_raw now = {.at_ns = 2 * NS_PER_S};

    (void)state;
    set(&before, QUANTITY_QUEUE_S, 5);
    set(&before, QUANTITY_QUEUED, 5);
    now.values[QUANTITY_QUEUE_S] = 5;
    set(&now, QUANTITY_QUEUE_S, 5);
    set(&now, QUANTITY_QUEUED, 5);
    assert_true(isnan(backend_derive(&before, &now).values[BACKEND_QUEUE_TIME]));
}

static void two_readings_of_one_moment_make_no_rate(void **state)
{
    struct backend_raw before = {.at_ns = NS_PER_S};
    struct backend_raw now = {.at_ns = NS_PER_S};

    (void)state;
    set(&before, QUANTITY_FINISHED, 5);
    set(&now, QUANTITY_FINISHED, 6);
    assert_true(isnan(backend_derive(&before, &now).values[BACKEND_REQUEST_RATE]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_reading_has_levels_and_no_rates),
        cmocka_unit_test(a_counter_that_began_anew_says_nothing_of_its_time),
        cmocka_unit_test(where_nobody_left_the_queue_there_is_no_time_in_it),
        cmocka_unit_test(two_readings_of_one_moment_make_no_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
