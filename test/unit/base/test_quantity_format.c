#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "base/rng.h"

struct example {
    uint64_t value;
    const char *expected;
};

typedef int format_fn(struct buf *out, uint64_t value);

static void assert_formats(format_fn *format, const struct example *examples,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buf out = BUF_INIT(100);

        assert_int_equal(format(&out, examples[i].value), 0);
        assert_string_equal(buf_str(&out), examples[i].expected);
        buf_deinit(&out);
    }
}

static void durations_are_as_a_person_would_write_them(void **state)
{
    static const struct example examples[] = {
        {0, "0s"},
        {250000, "250\u00b5s"},
        {12500, "12.5\u00b5s"},
        {999499, "999\u00b5s"},
        {999500, "1ms"},
        {UINT64_C(500000000), "500ms"},
        {UINT64_C(999499999), "999ms"},
        {UINT64_C(999500000), "1s"},
        {UINT64_C(1500000000), "1.5s"},
        {UINT64_C(1250000000), "1.25s"},
        {UINT64_C(9999000000), "10s"},
        {UINT64_C(12500000000), "12.5s"},
        {30 * NS_PER_S, "30s"},
        {UINT64_C(59949999999), "59.9s"},
        {UINT64_C(59950000000), "1m"},
        {90 * NS_PER_S, "1m30s"},
        {UINT64_C(90500000000), "1m31s"},
        {UINT64_C(3599500000000), "1h"},
        {3600 * NS_PER_S, "1h"},
        {3605 * NS_PER_S, "1h5s"},
        {90061 * NS_PER_S, "25h1m1s"},
        {UINT64_MAX, "5124095h34m34s"},
    };

    (void)state;
    assert_formats(quantity_format_duration, examples, COUNT_OF(examples));
}

static void latencies_have_three_digits_that_matter(void **state)
{
    static const struct example examples[] = {
        {0, "0 ms"},
        {1000, "1.00 \u00b5s"},
        {12500, "12.5 \u00b5s"},
        {999499, "999 \u00b5s"},
        {999500, "1.00 ms"},
        {UINT64_C(9994999), "9.99 ms"},
        {UINT64_C(9995001), "10.0 ms"},
        {UINT64_C(99950001), "100 ms"},
        {UINT64_C(412300000), "412 ms"},
        {UINT64_C(2345000000), "2345 ms"},
        {UINT64_C(9999499999), "9999 ms"},
        {UINT64_C(9999500000), "10.0 s"},
        {UINT64_C(12345000000), "12.3 s"},
        {3600 * NS_PER_S, "3600 s"},
    };

    (void)state;
    assert_formats(quantity_format_latency, examples, COUNT_OF(examples));
}

static void counts_are_grouped_by_thousands(void **state)
{
    static const struct example examples[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {12345, "12,345"},
        {1000001, "1,000,001"},
        {UINT64_MAX, "18,446,744,073,709,551,615"},
    };

    (void)state;
    assert_formats(quantity_format_count, examples, COUNT_OF(examples));
}

static void numbers_are_whole_where_they_are(void **state)
{
    static const struct {
        double value;
        const char *expected;
    } examples[] = {
        {0, "0"},       {12345, "12,345"},      {-1000, "-1,000"}, {0.25, "0.25"},
        {-2.5, "-2.5"}, {1234.5678, "1234.57"}, {1e15, "1e+15"},   {(double)NAN, "nan"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        struct buf out = BUF_INIT(100);

        assert_int_equal(quantity_format_number(&out, examples[i].value), 0);
        assert_string_equal(buf_str(&out), examples[i].expected);
        buf_deinit(&out);
    }
}

static void sizes_are_powers_of_1024(void **state)
{
    static const struct example examples[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {10188, "9.9 KiB"},
        {10240, "10 KiB"},
        {1048575, "1.0 MiB"},
        {UINT64_C(1288490189), "1.2 GiB"},
        {UINT64_C(1) << 40, "1.0 TiB"},
        {UINT64_MAX, "16777216 TiB"},
    };

    (void)state;
    assert_formats(quantity_format_size, examples, COUNT_OF(examples));
}

static void money_shows_more_decimals_for_less(void **state)
{
    static const struct {
        int64_t pusd;
        const char *expected;
    } examples[] = {
        {0, "$0.00"},
        {1, "$0.000000000001"},
        {999999, "$0.000000999999"},
        {1000000, "$0.00000100"},
        {99994999, "$0.00009999"},
        {99995000, "$0.000100"},
        {INT64_C(12345678), "$0.00001235"},
        {INT64_C(9999499999), "$0.009999"},
        {INT64_C(9999500000), "$0.0100"},
        {INT64_C(12300000000), "$0.0123"},
        {INT64_C(999949999999), "$0.9999"},
        {INT64_C(999950000000), "$1.00"},
        {PUSD_PER_USD * 2, "$2.00"},
        {-PUSD_PER_USD * 2, "-$2.00"},
        {PUSD_PER_USD * 2469 / 2, "$1,234.50"},
        {INT64_MAX, "$9,223,372.04"},
        {INT64_MIN, "-$9,223,372.04"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        struct buf out = BUF_INIT(100);

        assert_int_equal(quantity_format_money(&out, examples[i].pusd), 0);
        assert_string_equal(buf_str(&out), examples[i].expected);
        buf_deinit(&out);
    }
}

/* Three digits: 0.5 percent off, or half a second where whole seconds are shown. */
static void a_duration_is_read_back_as_what_it_was(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    for (int i = 0; i < 20000; i++) {
        const uint64_t ns = 10 * NS_PER_US + (rng_next(&rng) >> rng_below(&rng, 64)) / 2;
        struct buf out = BUF_INIT(100);
        uint64_t back_ns = 0;

        quantity_format_duration(&out, ns);
        assert_int_equal(quantity_parse_duration(buf_str(&out), &back_ns), 0);
        const double error_ns = fabs((double)back_ns - (double)ns);

        if (error_ns > (ns < 60 * NS_PER_S ? (double)ns * 0.005 : 5.001e8))
            fail_msg("%s", buf_str(&out));
        buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_as_a_person_would_write_them),
        cmocka_unit_test(latencies_have_three_digits_that_matter),
        cmocka_unit_test(counts_are_grouped_by_thousands),
        cmocka_unit_test(numbers_are_whole_where_they_are),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(money_shows_more_decimals_for_less),
        cmocka_unit_test(a_duration_is_read_back_as_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
