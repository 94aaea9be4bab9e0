#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/http_date.h"

static void the_three_forms_of_http_are_the_same_moment(void **state)
{
    static const char *const forms[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        int64_t unix_s = 0;

        assert_true(http_date_parse(forms[i], strlen(forms[i]), &unix_s));
        assert_int_equal(unix_s, 784111777);
    }
}

static void leap_days_and_the_time_before_1970_are_reckoned(void **state)
{
    static const struct {
        const char *text;
        int64_t unix_s;
    } dates[] = {
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
        {"Thu, 29 Feb 2024 12:00:00 GMT", 1709208000},
        {"Fri, 01 Mar 2024 00:00:00 GMT", 1709251200},
        {"Wed, 01 Mar 2000 00:00:00 GMT", 951868800},
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        int64_t unix_s = 7;

        assert_true(http_date_parse(dates[i].text, strlen(dates[i].text), &unix_s));
        assert_int_equal(unix_s, dates[i].unix_s);
    }
}

static void what_is_no_date_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "never",
        "120",
        "Sun, 06 Nov 1994",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 06 Nov 1600 08:49:37 GMT",
        "99999999999999999999999999999999 99:99:99",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t unix_s = 0;

        assert_false(http_date_parse(texts[i], strlen(texts[i]), &unix_s));
    }
}

static void a_text_that_is_cut_anywhere_is_read_no_further(void **state)
{
    static const char whole[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    int64_t unix_s = 0;

    (void)state;
    for (size_t len = 0; len < 25; len++)
        assert_false(http_date_parse(whole, len, &unix_s) && unix_s == 784111777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_forms_of_http_are_the_same_moment),
        cmocka_unit_test(leap_days_and_the_time_before_1970_are_reckoned),
        cmocka_unit_test(what_is_no_date_is_none),
        cmocka_unit_test(a_text_that_is_cut_anywhere_is_read_no_further),
    };

    return cmocka_run_group_tests_name("http_date", tests, NULL, NULL);
}
