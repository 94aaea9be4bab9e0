#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
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

static void all_but_three_outcomes_are_failures(void **state)
{
    size_t failures = 0;

    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        failures += outcome_is_failure(outcome);
    assert_int_equal(failures, OUTCOME_COUNT - 3);
    assert_false(outcome_is_failure(OUTCOME_OK));
    assert_false(outcome_is_failure(OUTCOME_DEGRADED));
    assert_false(outcome_is_failure(OUTCOME_CANCELLED));
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
    for (enum stop_reason reason = STOP_NONE; reason <= STOP_ERROR; reason++)
        assert_snake_case(stop_reason_name(reason));
    assert_string_equal(run_state_name(RUN_DONE), "done");
    assert_string_equal(stop_reason_name(STOP_ERROR), "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_its_own_name_and_a_sentence),
        cmocka_unit_test(all_but_three_outcomes_are_failures),
        cmocka_unit_test(a_refusal_is_never_a_whole_answer),
        cmocka_unit_test(every_state_and_stop_reason_has_a_name),
    };

    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
