#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "measure/run_view.h"
#include "output/summary_manners.h"

typedef bool say_fn(const struct counters *counters, struct buf *out);

static void assert_said(say_fn *say, const struct counters *counters,
                        const char *expected)
{
    struct buf said = BUF_INIT(4096);

    assert_int_equal(say(counters, &said), expected != NULL);
    assert_string_equal(buf_str(&said), expected ? expected : "");
    buf_deinit(&said);
}

static void nothing_is_said_where_nothing_of_it_happened(void **state)
{
    const struct counters counters = {.ok = 10, .failed = 3, .operations = 13};
    const struct run_view view = {.circuit_count = 0};
    struct buf said = BUF_INIT(4096);

    (void)state;
    assert_said(summary_say_manners, &counters, NULL);
    assert_said(summary_say_retries, &counters, NULL);
    assert_said(summary_say_chaos, &counters, NULL);
    assert_false(summary_say_circuit(&view, 0, &said));
}

static void people_who_left_are_told_as_people(void **state)
{
    const struct counters some = {.abandoned = 40, .slow_reads = 1200};
    const struct counters one = {.abandoned = 1};

    (void)state;
    assert_said(summary_say_manners, &some,
                "40 requests abandoned by impatient people, 1,200 answers read slowly");
    assert_said(summary_say_manners, &one, "1 request abandoned by impatient people");
}

static void retries_are_told_with_what_they_hide(void **state)
{
    struct counters counters = {.retries = 37, .operations = 400, .operations_failed = 2};

    (void)state;
    counters.retries_of[OUTCOME_HTTP_5XX] = 7;
    counters.retries_of[OUTCOME_RATE_LIMITED] = 30;
    assert_said(summary_say_retries, &counters,
                "37 requests were retries: after 30 rate_limited, 7 http_5xx; 2 of 400 "
                "operations failed in the end");
}

static void what_throng_broke_is_told_as_that(void **state)
{
    const struct counters counters = {.sabotaged = 12, .delayed = 1};

    (void)state;
    assert_said(summary_say_chaos, &counters,
                "12 connections broken, 1 request sent late, on purpose");
}

static void a_circuit_is_told_once_it_opened(void **state)
{
    struct circuit_view circuits[] = {
        {.target = "api", .state = "closed", .is_closed = true},
        {.target = "slow",
         .state = "half-open",
         .opened = 1,
         .open_ns = 62 * NS_PER_S,
         .not_sent = 340},
    };
    const struct run_view view = {.circuits = circuits, .circuit_count = 2};
    struct buf said = BUF_INIT(4096);

    (void)state;
    assert_false(summary_say_circuit(&view, 0, &said));
    assert_true(summary_say_circuit(&view, 1, &said));
    assert_string_equal(buf_str(&said), "slow: opened 1 time and was open for 1m2s, 340 "
                                        "requests were not sent; it is half-open");
    buf_deinit(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_said_where_nothing_of_it_happened),
        cmocka_unit_test(people_who_left_are_told_as_people),
        cmocka_unit_test(retries_are_told_with_what_they_hide),
        cmocka_unit_test(what_throng_broke_is_told_as_that),
        cmocka_unit_test(a_circuit_is_told_once_it_opened),
    };

    return cmocka_run_group_tests_name("summary_manners", tests, NULL, NULL);
}
