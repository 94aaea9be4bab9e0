#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static void monotonic_time_never_goes_back(void **state)
{
    uint64_t last_ns = clock_mono_ns();

    (void)state;
    for (int i = 0; i < 100000; i++) {
        const uint64_t now_ns = clock_mono_ns();

        assert_true(now_ns >= last_ns);
        last_ns = now_ns;
    }
}

static void wall_time_is_told_from_monotonic_time_within_the_width(void **state)
{
    uint64_t width_ns = 0;

    (void)state;
    const uint64_t before_ns = clock_wall_ns();
    const int64_t offset_ns = clock_wall_offset_ns(20, &width_ns);
    const uint64_t told_ns = clock_mono_ns() + (uint64_t)offset_ns;
    const uint64_t after_ns = clock_wall_ns();

    assert_true(told_ns + width_ns >= before_ns);
    assert_true(told_ns <= after_ns + width_ns);
    assert_true(width_ns < NS_PER_S);
    assert_true(llabs(clock_wall_offset_ns(1, NULL) - offset_ns) < (int64_t)NS_PER_S);
}

static void wall_time_is_written_as_rfc_3339(void **state)
{
    char text[32];

    (void)state;
    clock_format_wall(UINT64_C(1795255740) * NS_PER_S + 123999999, text);
    assert_string_equal(text, "2026-11-21T10:09:00.123Z");
    clock_format_wall(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    clock_format_wall(UINT64_C(1709164799) * NS_PER_S + 999000000, text);
    assert_string_equal(text, "2024-02-28T23:59:59.999Z");
    clock_format_wall(UINT64_MAX, text);
    assert_string_equal(text, "2554-07-21T23:34:33.709Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_time_never_goes_back),
        cmocka_unit_test(wall_time_is_told_from_monotonic_time_within_the_width),
        cmocka_unit_test(wall_time_is_written_as_rfc_3339),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
