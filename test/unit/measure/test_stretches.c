#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/stretches.h"
#include "measure/stretches_archive.h"

DEFINE_CLEANUP(struct stretches, stretches_free)

#define START_NS (1000 * NS_PER_S)

static uint64_t count_of(const struct contrast_values *values)
{
    uint64_t count = 0;

    for (size_t i = 0; i < values->count; i++)
        if (values->stretches[i])
            count += histogram_count(values->stretches[i]) +
                     histogram_censored(values->stretches[i]);
    return count;
}

static void a_day_takes_no_more_stretches_than_a_minute(void **state)
{
    CLEANUP(stretches_freep) struct stretches *stretches = NULL;
    const uint64_t hours = 24;

    (void)state;
    assert_int_equal(stretches_new(START_NS, NS_PER_S, 1, 1, &stretches), 0);
    for (uint64_t second = 0; second < hours * 3600; second += 10) {
        const uint64_t at_ns = START_NS + second * NS_PER_S;

        assert_int_equal(stretches_record(stretches, at_ns, 0, NS_PER_S), 0);
        assert_int_equal(stretches_record_censored(stretches, at_ns, 0, NS_PER_S), 0);
        stretches_add(stretches, at_ns, 0, 1);
    }
    stretches_end(stretches, START_NS + hours * 3600 * NS_PER_S);
    const struct contrast_values values = stretches_values(stretches, 0);
    const struct contrast_sums sums = stretches_per_second(stretches, 0);
    double total = 0;
    double seconds = 0;

    assert_in_range(values.count, STRETCHES_MOST / 2, STRETCHES_MOST);
    assert_int_equal(stretches_length_ns(stretches), 2048 * NS_PER_S);
    assert_int_equal(count_of(&values), 2 * hours * 360);
    for (size_t i = 0; i < sums.count; i++) {
        total += sums.over[i];
        seconds += sums.under[i];
        assert_true(fabs(sums.over[i] / sums.under[i] - 0.1) < 0.001);
    }
    assert_true(total == (double)hours * 360);
    assert_true(fabs(seconds - (double)hours * 3600) < 1e-6);
}

static void a_short_rest_belongs_to_the_stretch_before(void **state)
{
    CLEANUP(stretches_freep) struct stretches *stretches = NULL;

    (void)state;
    assert_int_equal(stretches_new(0, NS_PER_S, 1, 1, &stretches), 0);
    for (uint64_t i = 0; i < 22; i++) {
        assert_int_equal(stretches_record(stretches, i * NS_PER_S / 10, 0, NS_PER_S), 0);
        stretches_add(stretches, i * NS_PER_S / 10, 0, 1);
    }
    stretches_end(stretches, 22 * NS_PER_S / 10);
    const struct contrast_values values = stretches_values(stretches, 0);
    const struct contrast_sums sums = stretches_per_second(stretches, 0);

    assert_int_equal(values.count, 2);
    assert_int_equal(histogram_count(values.stretches[1]), 12);
    assert_true(fabs(sums.over[1] - 12) < 1e-9 && fabs(sums.under[1] - 1.2) < 1e-9);
}

static void stretches_without_anything_count_as_idle(void **state)
{
    CLEANUP(stretches_freep) struct stretches *stretches = NULL;

    (void)state;
    assert_int_equal(stretches_new(START_NS, NS_PER_S, 1, 1, &stretches), 0);
    assert_int_equal(stretches_record(stretches, 5, 0, NS_PER_S),
                     0); /* before the start */
    stretches_end(stretches, START_NS + 5 * NS_PER_S);
    const struct contrast_values values = stretches_values(stretches, 0);

    assert_int_equal(values.count, 5);
    assert_non_null(values.stretches[0]);
    for (size_t i = 1; i < 5; i++)
        assert_null(values.stretches[i]);
}

/* One worker ran longer, so that its stretches are longer; all of both is there, at its time. */
static void those_of_two_workers_add_up(void **state)
{
    const uint64_t seconds[] = {60, 200};
    CLEANUP(stretches_freep) struct stretches *merged = NULL;

    (void)state;
    assert_int_equal(stretches_new(START_NS, NS_PER_S, 1, 1, &merged), 0);
    for (size_t i = 0; i < COUNT_OF(seconds); i++) {
        CLEANUP(buf_deinit) struct buf bytes = BUF_INIT(1 << 20);
        CLEANUP(stretches_freep) struct stretches *one = NULL;
        struct archive archive = archive_writer(&bytes);

        assert_int_equal(stretches_new(START_NS, NS_PER_S, 1, 1, &one), 0);
        for (uint64_t second = 0; second < seconds[i]; second++) {
            const uint64_t at_ns = START_NS + second * NS_PER_S;

            assert_int_equal(stretches_record(one, at_ns, 0, NS_PER_S), 0);
            stretches_add(one, at_ns, 0, 2);
        }
        stretches_archive(&archive, one);
        archive = archive_reader(bytes.bytes, bytes.len);
        stretches_archive(&archive, merged);
        assert_int_equal(archive_error(&archive), 0);
    }
    stretches_end(merged, START_NS + 200 * NS_PER_S);
    const struct contrast_values values = stretches_values(merged, 0);
    const struct contrast_sums sums = stretches_per_second(merged, 0);

    assert_int_equal(stretches_length_ns(merged), 4 * NS_PER_S);
    assert_int_equal(values.count, 50);
    assert_int_equal(histogram_count(values.stretches[0]), 8);
    assert_int_equal(histogram_count(values.stretches[49]), 4);
    assert_true(fabs(sums.over[0] - 16) < 1e-9 && fabs(sums.over[30] - 8) < 1e-9);
    assert_int_equal(count_of(&values), 260);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_takes_no_more_stretches_than_a_minute),
        cmocka_unit_test(a_short_rest_belongs_to_the_stretch_before),
        cmocka_unit_test(stretches_without_anything_count_as_idle),
        cmocka_unit_test(those_of_two_workers_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
