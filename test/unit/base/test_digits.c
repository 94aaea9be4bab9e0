#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/digits.h"
#include "base/rng.h"

static void assert_as_printf(uint64_t value)
{
    char ours[DIGITS_MAX + 1];
    char theirs[DIGITS_MAX + 1];

    *digits_decimal(ours, value) = '\0';
    (void)snprintf(theirs, sizeof(theirs), "%" PRIu64, value);
    assert_string_equal(ours, theirs);
    *digits_hex(ours, value) = '\0';
    (void)snprintf(theirs, sizeof(theirs), "%016" PRIx64, value);
    assert_string_equal(ours, theirs);
}

static void numbers_are_written_as_printf_writes_them(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    assert_as_printf(0);
    assert_as_printf(UINT64_MAX);
    for (uint64_t power = 1; power < UINT64_MAX / 10; power *= 10) {
        assert_as_printf(power - 1);
        assert_as_printf(power);
    }
    for (int i = 0; i < 1000; i++)
        assert_as_printf(rng_next(&rng) >> rng_below(&rng, 64));
}

static void hexadecimal_digits_count_and_no_other_byte_does(void **state)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int found = 0;

    (void)state;
    for (int i = 0; i < 22; i++)
        assert_int_equal(digits_hex_value(digits[i]), i < 16 ? i : i - 6);
    for (int byte = -128; byte < 128; byte++)
        found += digits_hex_value((char)byte) >= 0;
    assert_int_equal(found, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_printf_writes_them),
        cmocka_unit_test(hexadecimal_digits_count_and_no_other_byte_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
