#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/run_view.h"
#include "measure/sample.h"

static void assert_snake_case(const char *name)
{
    assert_non_null(name);
    assert_int_not_equal(name[0], '\0');
    for (const char *at = name; *at; at++)
        assert_true(islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
                    *at == '_');
}

static void every_outcome_has_its_own_name_and_a_sentence(void **state)
{
    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        const char *help = outcome_help(outcome);

        assert_snake_case(outcome_name(outcome));
        assert_int_equal(help[strlen(help) - 1], '.');
        for (enum outcome other = 0; other < outcome; other++)
            assert_string_not_equal(outcome_name(outcome), outcome_name(other));
    }
    assert_string_equal(outcome_name(OUTCOME_FIRST_TOKEN_TIMEOUT), "first_token_timeout");
}

/* Whether it is among three outcomes. */
static bool is_one_of(enum outcome outcome, enum outcome a, enum outcome b,
                      enum outcome c)
{
    return outcome == a || outcome == b || outcome == c;
}

static void successes_and_what_throng_ended_are_no_failures(void **state)
{
    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        const bool withdrawn =
            is_one_of(outcome, OUTCOME_CANCELLED, OUTCOME_ABANDONED, OUTCOME_SABOTAGED);
        const bool success =
            is_one_of(outcome, OUTCOME_OK, OUTCOME_DEGRADED, OUTCOME_DEGRADED);

        assert_int_equal(outcome_is_withdrawn(outcome), withdrawn);
        assert_int_equal(outcome_is_failure(outcome), !withdrawn && !success);
    }
}

static void only_a_failure_can_be_an_outage(void **state)
{
    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        assert_false(outcome_is_outage(outcome) && !outcome_is_failure(outcome));
    assert_true(outcome_is_outage(OUTCOME_HTTP_5XX));
    assert_true(outcome_is_outage(OUTCOME_CIRCUIT_OPEN));
    assert_false(outcome_is_outage(OUTCOME_RATE_LIMITED));
    assert_false(outcome_is_outage(OUTCOME_LOCAL_RESOURCE));
}

/* samples.bin of older versions has them: none may ever move. */
static void the_numbers_of_outcomes_stand(void **state)
{
    (void)state;
    assert_int_equal(OUTCOME_CANCELLED, 2);
    assert_int_equal(OUTCOME_DNS, 3);
    assert_int_equal(OUTCOME_STATUS, 27);
    assert_int_equal(OUTCOME_ABANDONED, 28);
    assert_int_equal(OUTCOME_TOOL_ERROR, 31);
}

static void a_refusal_is_never_a_whole_answer(void **state)
{
    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        assert_false(outcome_is_whole(outcome) && outcome_is_refusal(outcome));
    assert_true(outcome_is_whole(OUTCOME_CHECK_FAILED));
    assert_false(outcome_is_whole(OUTCOME_EMPTY));
    assert_true(outcome_is_refusal(OUTCOME_RATE_LIMITED));
    assert_false(outcome_is_refusal(OUTCOME_RESET));
}

static void every_state_and_stop_reason_has_a_name(void **state)
{
    (void)state;
    for (enum run_state run = RUN_STARTING; run <= RUN_DONE; run++)
        assert_snake_case(run_state_name(run));
    for (enum stop_reason reason = STOP_NONE; reason <= STOP_SCENARIO; reason++)
        assert_snake_case(stop_reason_name(reason));
    assert_string_equal(run_state_name(RUN_DONE), "done");
    assert_string_equal(stop_reason_name(STOP_ERROR), "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_its_own_name_and_a_sentence),
        cmocka_unit_test(successes_and_what_throng_ended_are_no_failures),
        cmocka_unit_test(only_a_failure_can_be_an_outage),
        cmocka_unit_test(the_numbers_of_outcomes_stand),
        cmocka_unit_test(a_refusal_is_never_a_whole_answer),
        cmocka_unit_test(every_state_and_stop_reason_has_a_name),
    };

    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
