#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "base/rng.h"

#define PROPERTY_ROUNDS 20000
#define UNTOUCHED 77

struct integer_example {
    const char *text;
    int error;
    uint64_t value;
};

typedef int parse_integer_fn(const char *text, uint64_t *ret_value);

static void assert_integers(parse_integer_fn *parse,
                            const struct integer_example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = UNTOUCHED;
        const int r = parse(examples[i].text, &value);
        const uint64_t expected = examples[i].error ? UNTOUCHED : examples[i].value;

        if (r != examples[i].error || value != expected)
            fail_msg("'%s': %d, %" PRIu64, examples[i].text, r, value);
    }
}

static void durations_are_read_in_all_their_forms(void **state)
{
    static const struct integer_example examples[] = {
        {"0", 0, 0},
        {"0s", 0, 0},
        {"1ns", 0, 1},
        {"250us", 0, 250000},
        {"250\u00b5s", 0, 250000},
        {"1500ms", 0, 1500000000},
        {"5s", 0, UINT64_C(5000000000)},
        {"1.5s", 0, 1500000000},
        {"0.000000001s", 0, 1},
        {"0.0000000004s", 0, 0},
        {"0.0000000005s", 0, 1},
        {"2m30s", 0, UINT64_C(150000000000)},
        {"1h2m3s4ms5us6ns", 0, UINT64_C(3723004005006)},
        {" \t2m\t ", 0, UINT64_C(120000000000)},
        {"007s", 0, UINT64_C(7000000000)},
        {"5124095h", 0, UINT64_C(18446742000000000000)},
        {"5124095h34m33s709551615ns", 0, UINT64_MAX},
        {"18446744073709551615ns", 0, UINT64_MAX},
        {"5124095h34m33s709551616ns", -ERANGE, 0},
        {"18446744073709551616ns", -ERANGE, 0},
        {"5124096h", -ERANGE, 0},
        {"99999999999999999999999h", -ERANGE, 0},
        {"0.1234567890123s", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"  ", -EINVAL, 0},
        {"5", -EINVAL, 0},
        {"5 s", -EINVAL, 0},
        {"5 apples", -EINVAL, 0},
        {"s", -EINVAL, 0},
        {"-5s", -EINVAL, 0},
        {"+5s", -EINVAL, 0},
        {"1e3s", -EINVAL, 0},
        {".5s", -EINVAL, 0},
        {"5.s", -EINVAL, 0},
        {"1.5.5s", -EINVAL, 0},
        {"30s2m", -EINVAL, 0},
        {"1s1s", -EINVAL, 0},
        {"1us1\u00b5s", -EINVAL, 0},
        {"5sec", -EINVAL, 0},
        {"5S", -EINVAL, 0},
        {"0x5s", -EINVAL, 0},
        {"1s\n", -EINVAL, 0},
        {"99999999999999999999999 apples", -EINVAL, 0},
        {"99999999999999999999999h5apples", -EINVAL, 0},
        {"1111111111111111111111111111111111111111111111111111111111111111s", -EINVAL, 0},
    };

    (void)state;
    assert_integers(quantity_parse_duration, examples, COUNT_OF(examples));
}

static void sizes_know_powers_of_1000_and_1024(void **state)
{
    static const struct integer_example examples[] = {
        {"512", 0, 512},
        {"512B", 0, 512},
        {"64KiB", 0, 65536},
        {"8 MiB", 0, 8388608},
        {"1GB", 0, 1000000000},
        {"1.5kB", 0, 1500},
        {"2TB", 0, UINT64_C(2000000000000)},
        {"0.5TiB", 0, UINT64_C(549755813888)},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
        {"16777216TiB", -ERANGE, 0},
        {"16777215TiB", 0, UINT64_MAX - (UINT64_C(1) << 40) + 1},
        {"", -EINVAL, 0},
        {"KiB", -EINVAL, 0},
        {"1K", -EINVAL, 0},
        {"1kib", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"1 GB GB", -EINVAL, 0},
        {"18446744073709551616 cats", -EINVAL, 0},
    };

    (void)state;
    assert_integers(quantity_parse_size, examples, COUNT_OF(examples));
}

static void counts_are_decimal_digits(void **state)
{
    static const struct integer_example examples[] = {
        {"0", 0, 0},
        {"1", 0, 1},
        {" 42 ", 0, 42},
        {"1_000_000", 0, 1000000},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18_446_744_073_709_551_615", 0, UINT64_MAX},
        {"18446744073709551616", -ERANGE, 0},
        {"99999999999999999999999999", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"_", -EINVAL, 0},
        {"010", -EINVAL, 0},
        {"0x10", -EINVAL, 0},
        {"1e3", -EINVAL, 0},
        {"1.0", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"_1", -EINVAL, 0},
        {"1_", -EINVAL, 0},
        {"1__0", -EINVAL, 0},
        {"1 000", -EINVAL, 0},
        {"99999999999999999999999999x", -EINVAL, 0},
    };

    (void)state;
    assert_integers(quantity_parse_count, examples, COUNT_OF(examples));
}

static void money_is_exact_to_the_pico_dollar(void **state)
{
    static const struct {
        const char *text;
        int error;
        int64_t value;
    } examples[] = {
        {"10.00 USD", 0, 10 * PUSD_PER_USD},
        {"10 USD", 0, 10 * PUSD_PER_USD},
        {"10USD", 0, 10 * PUSD_PER_USD},
        {"$10", 0, 10 * PUSD_PER_USD},
        {"10.00", 0, 10 * PUSD_PER_USD},
        {" $0.10 ", 0, PUSD_PER_USD / 10},
        {"0.000000000001", 0, 1},
        {"$1234567.123456789012", 0, INT64_C(1234567123456789012)},
        {"9223372.036854775807", 0, INT64_MAX},
        {"9223372.036854775808", -ERANGE, 0},
        {"$99999999999999999999999", -ERANGE, 0},
        {"0.0000000000001", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"$", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {"$10 USD", -EINVAL, 0},
        {"10 EUR", -EINVAL, 0},
        {"10 usd", -EINVAL, 0},
        {"1,000", -EINVAL, 0},
        {"1e3", -EINVAL, 0},
        {"nan", -EINVAL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        int64_t value = UNTOUCHED;
        const int r = quantity_parse_money(examples[i].text, &value);

        if (r != examples[i].error || value != (r ? UNTOUCHED : examples[i].value))
            fail_msg("'%s': %d, %" PRId64, examples[i].text, r, value);
    }
}

struct real_example {
    const char *text;
    int error;
    double value;
};

typedef int parse_real_fn(const char *text, double *ret_value);

static void assert_reals(parse_real_fn *parse, const struct real_example *examples,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = UNTOUCHED;
        const int r = parse(examples[i].text, &value);
        const double expected = examples[i].error ? UNTOUCHED : examples[i].value;

        if (r != examples[i].error ||
            fabs(value - expected) > fabs(expected) * DBL_EPSILON)
            fail_msg("'%s': %d, %g", examples[i].text, r, value);
    }
}

static void numbers_are_finite_decimals(void **state)
{
    static const struct real_example examples[] = {
        {"0", 0, 0},
        {"1.5", 0, 1.5},
        {"-2", 0, -2},
        {"+2", 0, 2},
        {" .5 ", 0, 0.5},
        {"1e3", 0, 1000},
        {"1E-3", 0, 0.001},
        {"1e308", 0, 1e308},
        {"1e309", -ERANGE, 0},
        {"-1e999", -ERANGE, 0},
        {"", -EINVAL, 0},
        {" ", -EINVAL, 0},
        {"nan", -EINVAL, 0},
        {"inf", -EINVAL, 0},
        {"-infinity", -EINVAL, 0},
        {"0x10", -EINVAL, 0},
        {"1,5", -EINVAL, 0},
        {"1 5", -EINVAL, 0},
        {"e", -EINVAL, 0},
        {"1e", -EINVAL, 0},
        {"--1", -EINVAL, 0},
        {"1.2.3", -EINVAL, 0},
        {"5apples", -EINVAL, 0},
        {".", -EINVAL, 0},
    };

    (void)state;
    assert_reals(quantity_parse_number, examples, COUNT_OF(examples));
}

static void fractions_may_be_percentages(void **state)
{
    static const struct real_example examples[] = {
        {"5%", 0, 0.05},
        {"0.05", 0, 0.05},
        {"100 %", 0, 1},
        {"99.9%", 0, 0.999},
        {"150%", 0, 1.5},
        {"-5%", 0, -0.05},
        {"%", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"5%%", -EINVAL, 0},
        {"nan%", -EINVAL, 0},
        {"1e999%", -ERANGE, 0},
        {"11111111111111111111111111111111111111111111111111111111111111111111%", -EINVAL,
         0},
    };

    (void)state;
    assert_reals(quantity_parse_fraction, examples, COUNT_OF(examples));
}

static void rates_are_per_second_minute_or_hour(void **state)
{
    static const struct real_example examples[] = {
        {"5/s", 0, 5},          {"300/m", 0, 5},         {"2.5/s", 0, 2.5},
        {"36/h", 0, 0.01},      {"0/s", 0, 0},           {" 5 /s ", 0, 5},
        {"5", -EINVAL, 0},      {"5/", -EINVAL, 0},      {"/s", -EINVAL, 0},
        {"5/d", -EINVAL, 0},    {"-5/s", -EINVAL, 0},    {"5/s/s", -EINVAL, 0},
        {"five/s", -EINVAL, 0}, {"1e999/s", -ERANGE, 0},
    };

    (void)state;
    assert_reals(quantity_parse_rate, examples, COUNT_OF(examples));
}

static void speeds_are_sizes_per_second(void **state)
{
    uint64_t speed = 0;

    (void)state;
    assert_int_equal(quantity_parse_speed("2KiB/s", &speed), 0);
    assert_int_equal(speed, 2048);
    assert_int_equal(quantity_parse_speed(" 100B/s ", &speed), 0);
    assert_int_equal(speed, 100);
    assert_int_equal(quantity_parse_speed("2KiB", &speed), -EINVAL);
    assert_int_equal(quantity_parse_speed("/s", &speed), -EINVAL);
    assert_int_equal(quantity_parse_speed("2KiB/m", &speed), -EINVAL);
    assert_int_equal(speed, 100);
}

/* Spreads over all magnitudes, not only over the greatest. */
static uint64_t any_magnitude(struct rng *rng)
{
    return rng_next(rng) >> rng_below(rng, 64);
}

static void integers_survive_a_round_trip(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int i = 0; i < PROPERTY_ROUNDS; i++) {
        const uint64_t number = any_magnitude(&rng);
        const int64_t pusd = (int64_t)(number >> 1);
        uint64_t value = 0;
        int64_t money = 0;
        char text[64];

        snprintf(text, sizeof(text), "%" PRIu64, number);
        assert_int_equal(quantity_parse_count(text, &value), 0);
        assert_int_equal(value, number);
        assert_int_equal(quantity_parse_size(text, &value), 0);
        assert_int_equal(value, number);
        snprintf(text, sizeof(text), "%" PRIu64 "ns", number);
        assert_int_equal(quantity_parse_duration(text, &value), 0);
        assert_int_equal(value, number);
        snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64 "s", number / 1000000000,
                 number % 1000000000);
        assert_int_equal(quantity_parse_duration(text, &value), 0);
        assert_int_equal(value, number);
        snprintf(text, sizeof(text), "%" PRId64 ".%012" PRId64 " USD",
                 pusd / PUSD_PER_USD, pusd % PUSD_PER_USD);
        assert_int_equal(quantity_parse_money(text, &money), 0);
        assert_int_equal(money, pusd);
    }
}

static void numbers_survive_a_round_trip(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 0, 0, RNG_TEST);
    for (int i = 0; i < PROPERTY_ROUNDS; i++) {
        const double number =
            rng_normal(&rng) * pow(10, (double)rng_below(&rng, 200) - 100);
        double value = 0;
        char text[64];

        snprintf(text, sizeof(text), "%.17g", number);
        assert_int_equal(quantity_parse_number(text, &value), 0);
        assert_memory_equal(&value, &number, sizeof(value));
    }
}

/* Reads text with every parser: none writes its result but on success. */
static void assert_no_half_results(const char *text)
{
    static parse_integer_fn *const integers[] = {
        quantity_parse_duration, quantity_parse_size, quantity_parse_count};
    static parse_real_fn *const reals[] = {quantity_parse_fraction, quantity_parse_number,
                                           quantity_parse_rate};
    int64_t pusd = UNTOUCHED;
    int r = quantity_parse_money(text, &pusd);

    assert_true(r == 0 ? pusd >= 0 : pusd == UNTOUCHED && (r == -EINVAL || r == -ERANGE));
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        uint64_t value = UNTOUCHED;

        r = integers[i](text, &value);
        assert_true(r == 0 || (value == UNTOUCHED && (r == -EINVAL || r == -ERANGE)));
    }
    for (size_t i = 0; i < COUNT_OF(reals); i++) {
        double value = UNTOUCHED;

        r = reals[i](text, &value);
        assert_true(r == 0 ? isfinite(value) : r == -EINVAL || r == -ERANGE);
        assert_true(r == 0 || memcmp(&value, &(double){UNTOUCHED}, sizeof(value)) == 0);
    }
}

static void junk_is_refused_without_a_result(void **state)
{
    static const char alphabet[] = "0123456789..__%$/-+eE hmsunµKMGTiBUSDxn\t";
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 0, 0, RNG_TEST);
    for (int i = 0; i < PROPERTY_ROUNDS * 5; i++) {
        const size_t len = rng_below(&rng, rng_below(&rng, 20) ? 8 : 80);
        char text[81];

        for (size_t at = 0; at < len; at++)
            text[at] = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];
        text[len] = '\0';
        assert_no_half_results(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_in_all_their_forms),
        cmocka_unit_test(sizes_know_powers_of_1000_and_1024),
        cmocka_unit_test(counts_are_decimal_digits),
        cmocka_unit_test(money_is_exact_to_the_pico_dollar),
        cmocka_unit_test(numbers_are_finite_decimals),
        cmocka_unit_test(fractions_may_be_percentages),
        cmocka_unit_test(rates_are_per_second_minute_or_hour),
        cmocka_unit_test(speeds_are_sizes_per_second),
        cmocka_unit_test(integers_survive_a_round_trip),
        cmocka_unit_test(numbers_survive_a_round_trip),
        cmocka_unit_test(junk_is_refused_without_a_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
