#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/iso_date.h"

static void moments_of_all_writers_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t unix_ns;
    } moments[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2023-11-16 18:15:46.6805900", UINT64_C(1700158546680590000)},
        {"2024-05-10 00:00:00.009930+00:00", UINT64_C(1715299200009930000)},
        {"2024-05-10T02:30:00+02:30", UINT64_C(1715299200000000000)},
        {"2024-05-09t19:00:00-0500", UINT64_C(1715299200000000000)},
        {"2024-02-29T12:00:00.1234567899z", UINT64_C(1709208000123456789)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        uint64_t unix_ns = 1;

        assert_true(iso_date_parse(moments[i].text, strlen(moments[i].text), &unix_ns));
        assert_int_equal(unix_ns, moments[i].unix_ns);
    }
}

static void what_is_no_moment_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "2024",
        "2024-05-10",
        "2024-05-10T",
        "2024-13-10T00:00:00Z",
        "2024-00-10T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-05-10T24:00:00Z",
        "2024-05-10T00:00:00.Z",
        "2024-05-10T00:00:00Zz",
        "2024-05-10T00:00:00+1:00",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
        "9999-05-10T00:00:00Z",
        "2024-05-10  00:00:00",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        uint64_t unix_ns = 7;

        assert_false(iso_date_parse(texts[i], strlen(texts[i]), &unix_ns));
        assert_int_equal(unix_ns, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_of_all_writers_are_read),
        cmocka_unit_test(what_is_no_moment_is_refused),
    };

    return cmocka_run_group_tests_name("base_iso_date", tests, NULL, NULL);
}
