#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/limits.h"
#include "measure/cost.h"
#include "measure/sample.h"
#include "plan/plan.h"

#define S(s) ((uint64_t)(s) * NS_PER_S)

static struct sample ended(enum outcome outcome, uint64_t end_ns)
{
    return (struct sample){.outcome = outcome, .wire_ns = 1, .end_ns = end_ns};
}

/* Sends and ends one; returns what the limits say. */
static enum stop_reason one(struct limits *limits, enum outcome outcome, uint64_t end_ns)
{
    const struct sample sample = ended(outcome, end_ns);

    limits_sent(limits, 0);
    return limits_over(limits, &sample, 0);
}

static void without_limits_nothing_stops(void **state)
{
    const struct plan none = {.limits = {0}};
    struct limits limits;

    (void)state;
    limits_init(&limits, &none);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(limits_may_send(&limits, INT64_MAX), STOP_NONE);
        assert_int_equal(one(&limits, OUTCOME_RESET, S(i)), STOP_NONE);
    }
}

static void the_last_request_that_is_allowed_is_sent_and_no_other(void **state)
{
    const struct plan plan = {.limits = {.requests = 3}};
    struct limits limits;

    (void)state;
    limits_init(&limits, &plan);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(limits_may_send(&limits, 0), STOP_NONE);
        limits_sent(&limits, 0);
    }
    assert_int_equal(limits_may_send(&limits, 0), STOP_REQUESTS);
}

/* 7 requests and 1,000,000 pico-dollars by 3 workers: all of it, and no more; one may have nothing. */
static void workers_share_what_is_allowed(void **state)
{
    uint64_t sent = 0;
    int64_t pusd = 0;

    (void)state;
    for (uint32_t worker = 0; worker < 3; worker++) {
        const struct plan plan = {.limits = {.requests = 7, .cost_pusd = 1000000},
                                  .worker_index = worker,
                                  .worker_count = 3};
        struct limits limits;
        uint64_t own = 0;

        limits_init(&limits, &plan);
        pusd += limits.most_cost_pusd;
        for (; limits_may_send(&limits, 0) == STOP_NONE; own++)
            limits_sent(&limits, 0);
        assert_true(own == 2 || own == 3);
        sent += own;
    }
    assert_int_equal(sent, 7);
    assert_int_equal(pusd, 1000000);
}

static void a_worker_without_a_share_sends_nothing(void **state)
{
    const struct plan plan = {
        .limits = {.requests = 2}, .worker_index = 2, .worker_count = 3};
    struct limits limits;

    (void)state;
    limits_init(&limits, &plan);
    assert_int_equal(limits_may_send(&limits, 0), STOP_REQUESTS);
}

static void no_request_that_could_break_the_cost_limit_is_sent(void **state)
{
    const struct plan plan = {.limits = {.cost_pusd = 1000}};
    struct limits limits;
    struct sample sample = ended(OUTCOME_OK, S(1));

    (void)state;
    limits_init(&limits, &plan);
    limits_sent(&limits, 400);
    limits_sent(&limits, 400);
    assert_int_equal(limits_may_send(&limits, 200), STOP_NONE);
    assert_int_equal(limits_may_send(&limits, 201), STOP_COST);
    /* Usage tells that the first was cheaper than feared. */
    sample.token_source = TOKENS_USAGE;
    sample.cost_pusd = 100;
    assert_int_equal(limits_over(&limits, &sample, 400), STOP_NONE);
    assert_int_equal(limits_may_send(&limits, 500), STOP_NONE);
    assert_int_equal(limits_may_send(&limits, 501), STOP_COST);
}

/* An answer that nobody bounds is reserved as if it were the longest so far. */
static void answers_without_a_bound_are_reserved_by_the_longest_so_far(void **state)
{
    const struct plan plan = {.limits = {.cost_pusd = 1000}};
    struct limits limits;
    struct sample sample = ended(OUTCOME_OK, S(1));

    (void)state;
    limits_init(&limits, &plan);
    assert_int_equal(limits_answer_tokens(&limits, 0), COST_ANSWER_TOKENS);
    assert_int_equal(limits_answer_tokens(&limits, 50), 50);
    sample.completion_tokens = 300;
    limits_sent(&limits, 0);
    (void)limits_over(&limits, &sample, 0);
    sample.completion_tokens = 20;
    limits_sent(&limits, 0);
    (void)limits_over(&limits, &sample, 0);
    assert_int_equal(limits_answer_tokens(&limits, 0), 300);
    assert_int_equal(limits_answer_tokens(&limits, 50), 50);
}

static void an_attempt_without_usage_keeps_its_reservation(void **state)
{
    const struct plan plan = {.limits = {.cost_pusd = 1000}};
    struct limits limits;
    struct sample sample = ended(OUTCOME_TRUNCATED, S(1));

    (void)state;
    limits_init(&limits, &plan);
    limits_sent(&limits, 400);
    sample.token_source = TOKENS_ESTIMATED;
    sample.cost_pusd = 10;
    limits_over(&limits, &sample, 400);
    assert_int_equal(limits_may_send(&limits, 601), STOP_COST);
    assert_int_equal(limits_may_send(&limits, 600), STOP_NONE);
}

static void an_attempt_that_never_reached_the_wire_costs_nothing(void **state)
{
    const struct plan plan = {.limits = {.cost_pusd = 1000}};
    struct limits limits;
    struct sample sample = ended(OUTCOME_CONNECT, S(1));

    (void)state;
    limits_init(&limits, &plan);
    limits_sent(&limits, 400);
    sample.token_source = TOKENS_ESTIMATED;
    sample.wire_ns = 0;
    limits_over(&limits, &sample, 400);
    assert_int_equal(limits_may_send(&limits, 1000), STOP_NONE);
}

static void a_server_that_claims_absurd_usage_stops_the_run(void **state)
{
    const struct plan plan = {.limits = {.cost_pusd = 1000}};
    struct limits limits;
    struct sample sample = ended(OUTCOME_OK, S(1));

    (void)state;
    limits_init(&limits, &plan);
    for (int i = 0; i < 3; i++) {
        limits_sent(&limits, 1);
        sample.token_source = TOKENS_USAGE;
        sample.cost_pusd = INT64_MAX;
        assert_int_equal(limits_over(&limits, &sample, 1), STOP_COST);
    }
}

static void the_error_rate_counts_only_what_lies_in_its_window(void **state)
{
    const struct plan plan = {
        .limits = {.error_rate = 0.5, .error_rate_over_ns = S(10), .error_rate_min = 10}};
    struct limits limits;

    (void)state;
    limits_init(&limits, &plan);
    for (uint64_t i = 0; i < 9; i++)
        assert_int_equal(one(&limits, OUTCOME_HTTP_5XX, S(100)), STOP_NONE);
    /* Long past; the window begins anew. */
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(one(&limits, OUTCOME_OK, S(200)), STOP_NONE);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(one(&limits, OUTCOME_HTTP_5XX, S(205)), STOP_NONE);
    assert_int_equal(one(&limits, OUTCOME_HTTP_5XX, S(205)), STOP_ERROR_RATE);
    /* Without the five good ones, that have left the window, there are too few. */
    assert_int_equal(one(&limits, OUTCOME_HTTP_5XX, S(212)), STOP_NONE);
}

static void what_throng_cancelled_is_no_error(void **state)
{
    const struct plan plan = {
        .limits = {.error_rate = 0.1, .error_rate_over_ns = S(10), .error_rate_min = 1}};
    struct limits limits;

    (void)state;
    limits_init(&limits, &plan);
    for (int i = 0; i < 100; i++)
        assert_int_equal(one(&limits, OUTCOME_CANCELLED, S(1)), STOP_NONE);
    assert_int_equal(one(&limits, OUTCOME_OK, S(1)), STOP_NONE);
    assert_int_equal(one(&limits, OUTCOME_RESET, S(1)), STOP_ERROR_RATE);
}

static void fault_26_a_key_that_is_always_refused_stops_the_run(void **state)
{
    const struct plan none = {.limits = {0}};
    struct limits limits;

    (void)state;
    limits_init(&limits, &none);
    for (int i = 1; i < LIMITS_REFUSALS; i++)
        assert_int_equal(one(&limits, OUTCOME_UNAUTHORIZED, S(1)), STOP_NONE);
    assert_int_equal(one(&limits, OUTCOME_UNAUTHORIZED, S(1)), STOP_ERROR_RATE);
    limits_init(&limits, &none);
    one(&limits, OUTCOME_OK, S(1));
    for (int i = 0; i < 10 * LIMITS_REFUSALS; i++)
        assert_int_equal(one(&limits, OUTCOME_UNAUTHORIZED, S(1)), STOP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_limits_nothing_stops),
        cmocka_unit_test(the_last_request_that_is_allowed_is_sent_and_no_other),
        cmocka_unit_test(workers_share_what_is_allowed),
        cmocka_unit_test(a_worker_without_a_share_sends_nothing),
        cmocka_unit_test(no_request_that_could_break_the_cost_limit_is_sent),
        cmocka_unit_test(answers_without_a_bound_are_reserved_by_the_longest_so_far),
        cmocka_unit_test(an_attempt_without_usage_keeps_its_reservation),
        cmocka_unit_test(an_attempt_that_never_reached_the_wire_costs_nothing),
        cmocka_unit_test(a_server_that_claims_absurd_usage_stops_the_run),
        cmocka_unit_test(the_error_rate_counts_only_what_lies_in_its_window),
        cmocka_unit_test(what_throng_cancelled_is_no_error),
        cmocka_unit_test(fault_26_a_key_that_is_always_refused_stops_the_run),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
