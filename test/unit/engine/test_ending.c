#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/ending.h"
#include "plan/program.h"

/* A stream that came whole. */
static struct ending good(void)
{
    return (struct ending){
        .form = ANSWER_STREAM,
        .end = TRANSFER_COMPLETE,
        .status = 200,
        .expected = true,
        .form_ok = true,
        .finished = true,
        .done = true,
        .events = 5,
        .outputs = 3,
    };
}

static void a_stream_that_came_whole_is_ok(void **state)
{
    struct ending ending = good();

    (void)state;
    assert_int_equal(ending_outcome(&ending), OUTCOME_OK);
    ending.degraded = true;
    assert_int_equal(ending_outcome(&ending), OUTCOME_DEGRADED);
}

static void each_failed_transfer_has_its_own_outcome(void **state)
{
    static const enum outcome expected[TRANSFER_END_COUNT] = {
        OUTCOME_TRUNCATED,
        OUTCOME_CANCELLED,
        OUTCOME_DNS,
        OUTCOME_CONNECT,
        OUTCOME_TLS,
        OUTCOME_PROXY,
        OUTCOME_CONNECT_TIMEOUT,
        OUTCOME_FIRST_TOKEN_TIMEOUT,
        OUTCOME_IDLE_TIMEOUT,
        OUTCOME_TOTAL_TIMEOUT,
        OUTCOME_RESET,
        OUTCOME_TRUNCATED,
        OUTCOME_PROTOCOL,
        OUTCOME_EVENT_TOO_LARGE,
        OUTCOME_ENCODING,
        OUTCOME_LOCAL_RESOURCE,
        OUTCOME_ABANDONED,
        OUTCOME_SABOTAGED,
        OUTCOME_SABOTAGED,
    };

    (void)state;
    for (enum transfer_end end = 0; end < TRANSFER_END_COUNT; end++) {
        struct ending ending = good();

        ending.end = end;
        ending.finished = ending.done = false;
        assert_int_equal(ending_outcome(&ending), expected[end]);
    }
}

static void fault_13_no_end_mark_and_an_open_socket_is_a_success(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.done = false;
    ending.end = TRANSFER_CANCELLED;
    ending.enough = true;
    assert_int_equal(ending_outcome(&ending), OUTCOME_OK);
}

static void a_reset_behind_the_end_mark_takes_nothing_away(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.end = TRANSFER_RESET;
    assert_int_equal(ending_outcome(&ending), OUTCOME_OK);
    ending.done = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_RESET);
}

static void fault_19_an_error_event_in_a_stream_is_no_success(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.error = true;
    assert_int_equal(ending_outcome(&ending), OUTCOME_STREAM_ERROR);
    ending.end = TRANSFER_RESET;
    ending.finished = ending.done = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_STREAM_ERROR);
}

static void fault_20_a_stream_without_finish_reason_is_truncated(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.finished = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_TRUNCATED);
    ending.done = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_TRUNCATED);
}

static void fault_11_a_malformed_event_is_told(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.malformed = 1;
    assert_int_equal(ending_outcome(&ending), OUTCOME_MALFORMED_EVENT);
}

static void fault_23_another_content_type_is_told(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.form_ok = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_BAD_CONTENT_TYPE);
}

static void fault_24_an_empty_success_is_told(void **state)
{
    struct ending ending = good();

    (void)state;
    ending.status = 204;
    ending.form_ok = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_EMPTY);
    ending = good();
    ending.events = ending.outputs = 0;
    ending.finished = ending.done = false;
    assert_int_equal(ending_outcome(&ending), OUTCOME_EMPTY);
    ending = good();
    ending.outputs = 0;
    assert_int_equal(ending_outcome(&ending), OUTCOME_EMPTY);
    ending.form = ANSWER_ANY;
    ending.status = 204;
    assert_int_equal(ending_outcome(&ending), OUTCOME_OK);
}

static void an_unexpected_status_is_classed_whatever_came_behind_it(void **state)
{
    static const struct {
        uint16_t status;
        enum outcome outcome;
    } table[] = {
        {204, OUTCOME_STATUS},   {301, OUTCOME_REDIRECT},     {399, OUTCOME_REDIRECT},
        {400, OUTCOME_HTTP_4XX}, {401, OUTCOME_UNAUTHORIZED}, {403, OUTCOME_UNAUTHORIZED},
        {404, OUTCOME_HTTP_4XX}, {429, OUTCOME_RATE_LIMITED}, {500, OUTCOME_HTTP_5XX},
        {503, OUTCOME_HTTP_5XX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct ending ending = {.status = table[i].status, .end = TRANSFER_TRUNCATED};

        assert_int_equal(ending_outcome(&ending), table[i].outcome);
        ending.end = TRANSFER_CANCELLED;
        assert_int_equal(ending_outcome(&ending), OUTCOME_CANCELLED);
    }
}

static void a_listed_status_is_a_success_without_an_answer(void **state)
{
    const struct ending ending = {.form = ANSWER_STREAM,
                                  .status = 503,
                                  .expected = true,
                                  .degraded = true,
                                  .end = TRANSFER_COMPLETE};

    (void)state;
    assert_int_equal(ending_outcome(&ending), OUTCOME_DEGRADED);
}

static void a_step_expects_what_it_lists_or_any_2xx(void **state)
{
    static const struct plan_status listed[] = {{200, false}, {503, true}};
    const struct plan_step any = {0};
    const struct plan_step some = {.expect = listed, .expect_count = 2};
    bool degraded;

    (void)state;
    assert_true(ending_expects(&any, 204, &degraded));
    assert_false(ending_expects(&any, 199, &degraded));
    assert_false(ending_expects(&any, 300, &degraded));
    assert_true(ending_expects(&some, 200, &degraded));
    assert_false(degraded);
    assert_true(ending_expects(&some, 503, &degraded));
    assert_true(degraded);
    assert_false(ending_expects(&some, 204, &degraded));
    assert_false(degraded);
}

static void content_types_are_told_apart(void **state)
{
    (void)state;
    assert_true(ending_is_form(ANSWER_STREAM, "text/event-stream"));
    assert_true(ending_is_form(ANSWER_STREAM, "Text/Event-Stream; charset=utf-8"));
    assert_false(ending_is_form(ANSWER_STREAM, "text/html"));
    assert_false(ending_is_form(ANSWER_STREAM, "application/json"));
    assert_false(ending_is_form(ANSWER_STREAM, NULL));
    assert_true(ending_is_form(ANSWER_JSON, "application/json; charset=utf-8"));
    assert_true(ending_is_form(ANSWER_JSON, "application/problem+json"));
    assert_false(ending_is_form(ANSWER_JSON, "text/event-stream"));
    assert_true(ending_is_form(ANSWER_ANY, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_came_whole_is_ok),
        cmocka_unit_test(each_failed_transfer_has_its_own_outcome),
        cmocka_unit_test(fault_13_no_end_mark_and_an_open_socket_is_a_success),
        cmocka_unit_test(a_reset_behind_the_end_mark_takes_nothing_away),
        cmocka_unit_test(fault_19_an_error_event_in_a_stream_is_no_success),
        cmocka_unit_test(fault_20_a_stream_without_finish_reason_is_truncated),
        cmocka_unit_test(fault_11_a_malformed_event_is_told),
        cmocka_unit_test(fault_23_another_content_type_is_told),
        cmocka_unit_test(fault_24_an_empty_success_is_told),
        cmocka_unit_test(an_unexpected_status_is_classed_whatever_came_behind_it),
        cmocka_unit_test(a_listed_status_is_a_success_without_an_answer),
        cmocka_unit_test(a_step_expects_what_it_lists_or_any_2xx),
        cmocka_unit_test(content_types_are_told_apart),
    };

    return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
