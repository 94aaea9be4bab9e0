#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/retry.h"
#include "measure/sample.h"
#include "plan/people.h"

#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)
#define S(s) ((uint64_t)(s) * NS_PER_S)
#define BIT(outcome) (UINT64_C(1) << (outcome))

static const struct plan_retry retry = {
    .attempts = 4,
    .base_ns = MS(100),
    .max_ns = MS(300),
    .honour_retry_after = true,
    .max_retry_after_ns = S(60),
    .outcomes = BIT(OUTCOME_RATE_LIMITED) | BIT(OUTCOME_RESET),
    .statuses = (const uint16_t[]){503},
    .status_count = 1,
};

static const struct retry_told nothing = {0};

static void assert_told(const char *retry_after, const char *date, uint64_t expected_ns)
{
    const struct retry_told told = retry_read_header(retry_after, date);

    assert_true(told.known);
    assert_int_equal(told.after_ns, expected_ns);
}

static void
fault_27_retry_after_is_seconds_or_a_date_by_the_servers_own_clock(void **state)
{
    static const char now[] = "Sun, 06 Nov 1994 08:49:37 GMT";

    (void)state;
    assert_told("0", NULL, 0);
    assert_told("120", NULL, S(120));
    assert_told("Sun, 06 Nov 1994 08:49:42 GMT", now, S(5));
    assert_told("Sunday, 06-Nov-94 08:50:37 GMT", now, S(60));
    assert_told("Sun Nov  6 08:49:39 1994", now, S(2));
    assert_told("Sun, 06 Nov 1994 08:49:30 GMT", now, 0); /* it has passed */
}

static void
fault_27_an_absurd_retry_after_is_bounded_and_a_senseless_one_ignored(void **state)
{
    static const char *const senseless[] = {
        "",    "-5",  "-99999999999999999999", "soon",
        "1.5", "5 s", "Sun, 06 Nov 1994",      "\x80",
    };

    (void)state;
    assert_told("99999999999999999999999999", NULL, S(3200000000));
    assert_told("Sun, 06 Nov 2594 08:49:42 GMT", "Sun, 06 Nov 1994 08:49:37 GMT",
                S(3200000000));
    for (size_t i = 0; i < sizeof(senseless) / sizeof(senseless[0]); i++)
        assert_false(
            retry_read_header(senseless[i], "Sun, 06 Nov 1994 08:49:37 GMT").known);
    assert_false(retry_read_header(NULL, NULL).known);
    assert_false(retry_read_header("Sun, 06 Nov 1994 08:49:42 GMT", NULL).known);
    assert_false(retry_read_header("Sun, 06 Nov 1994 08:49:42 GMT", "today").known);
}

static void only_what_the_scenario_lists_is_tried_again_and_no_oftener(void **state)
{
    struct sample sample = {.outcome = OUTCOME_RATE_LIMITED, .status = 429};

    (void)state;
    assert_true(retry_wants(&retry, &sample, 1));
    assert_true(retry_wants(&retry, &sample, 3));
    assert_false(retry_wants(&retry, &sample, 4));
    assert_false(retry_wants(NULL, &sample, 1));
    sample = (struct sample){.outcome = OUTCOME_HTTP_5XX, .status = 503};
    assert_true(retry_wants(&retry, &sample, 1));
    sample.status = 500;
    assert_false(retry_wants(&retry, &sample, 1));
    sample = (struct sample){.outcome = OUTCOME_UNAUTHORIZED, .status = 401};
    assert_false(retry_wants(&retry, &sample, 1));
    /* A status that the step expects is a success, whatever retry lists. */
    sample = (struct sample){.outcome = OUTCOME_DEGRADED, .status = 503};
    assert_false(retry_wants(&retry, &sample, 1));
}

/* Evenly from 0 to base × 2^(n−1), at most max. */
static void the_wait_is_full_jitter(void **state)
{
    static const uint64_t longest_ns[] = {MS(100), MS(200), MS(300)};

    (void)state;
    for (uint32_t attempts = 1; attempts <= 3; attempts++) {
        const double longest = (double)longest_ns[attempts - 1];
        uint64_t below_a_tenth = 0;
        double sum = 0;

        for (uint64_t user = 0; user < 10000; user++) {
            const struct retry_key key = {.seed = 1, .user = user, .operation = 3};
            const uint64_t ns = retry_delay_ns(&retry, &key, attempts, &nothing);

            assert_int_equal(ns, retry_delay_ns(&retry, &key, attempts, &nothing));
            assert_true((double)ns <= longest);
            below_a_tenth += (double)ns < longest / 10;
            sum += (double)ns;
        }
        /* Five standard deviations of chance. */
        assert_true(sum / 10000 > longest * 0.485 && sum / 10000 < longest * 0.515);
        assert_in_range(below_a_tenth, 850, 1150);
    }
}

static void no_base_and_no_number_of_attempts_overflows(void **state)
{
    struct plan_retry long_one = retry;
    const struct retry_key key = {.seed = 1};

    (void)state;
    long_one.base_ns = UINT64_MAX / 3;
    long_one.max_ns = UINT64_MAX;
    (void)retry_delay_ns(&long_one, &key, 1000000, &nothing);
    long_one.max_ns = 0;
    assert_int_equal(retry_delay_ns(&long_one, &key, 70, &nothing), 0);
}

static void what_the_server_told_is_waited_for_up_to_the_limit(void **state)
{
    const struct retry_key key = {.seed = 1};
    struct retry_told told = {.known = true, .after_ns = S(7)};
    struct plan_retry deaf = retry;

    (void)state;
    assert_int_equal(retry_delay_ns(&retry, &key, 1, &told), S(7));
    told.after_ns = S(3600);
    assert_int_equal(retry_delay_ns(&retry, &key, 1, &told), S(60));
    deaf.honour_retry_after = false;
    assert_true(retry_delay_ns(&deaf, &key, 1, &told) <= MS(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            fault_27_retry_after_is_seconds_or_a_date_by_the_servers_own_clock),
        cmocka_unit_test(
            fault_27_an_absurd_retry_after_is_bounded_and_a_senseless_one_ignored),
        cmocka_unit_test(only_what_the_scenario_lists_is_tried_again_and_no_oftener),
        cmocka_unit_test(the_wait_is_full_jitter),
        cmocka_unit_test(no_base_and_no_number_of_attempts_overflows),
        cmocka_unit_test(what_the_server_told_is_waited_for_up_to_the_limit),
    };

    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
