#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/breaker.h"
#include "plan/people.h"

#define S(s) ((uint64_t)(s) * NS_PER_S)

static const struct plan_breaker plan = {
    .on = true,
    .above = 0.5,
    .over_ns = S(10),
    .min_count = 4,
    .open_ns = S(30),
    .probes = 2,
};

struct expected {
    enum breaker_state state;
    enum breaker_event event;
    enum breaker_state next;
};

static void every_pair_leads_where_the_list_says(void **state)
{
    static const struct expected expected[] = {
        {BREAKER_CLOSED, BREAKER_EVENT_FAILING, BREAKER_OPEN},
        {BREAKER_OPEN, BREAKER_EVENT_TIME, BREAKER_HALF_OPEN},
        {BREAKER_HALF_OPEN, BREAKER_EVENT_PROBE_FAILED, BREAKER_OPEN},
        {BREAKER_HALF_OPEN, BREAKER_EVENT_PROVEN, BREAKER_CLOSED},
    };

    (void)state;
    for (enum breaker_state from = 0; from < BREAKER_STATE_COUNT; from++) {
        for (enum breaker_event event = 0; event < BREAKER_EVENT_COUNT; event++) {
            enum breaker_state next = BREAKER_REFUSED;

            for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
                if (expected[i].state == from && expected[i].event == event)
                    next = expected[i].next;
            assert_int_equal(breaker_next_state(from, event), next);
        }
    }
}

/* Sends one that ends at once. Returns whether it could go. */
static bool ask(struct breaker *breaker, uint64_t now_ns, enum outcome outcome)
{
    uint32_t turn = 0;

    if (!breaker_may_send(breaker, now_ns, &turn))
        return false;
    breaker_over(breaker, turn, outcome, now_ns);
    return true;
}

static void open_it(struct breaker *breaker, uint64_t now_ns)
{
    for (int i = 0; i < 4; i++)
        assert_true(ask(breaker, now_ns, OUTCOME_HTTP_5XX));
    assert_int_equal(breaker->state, BREAKER_OPEN);
}

static void it_opens_when_more_than_the_share_of_enough_failed(void **state)
{
    struct breaker breaker;

    (void)state;
    breaker_init(&breaker, &plan);
    assert_true(ask(&breaker, S(100), OUTCOME_RESET));
    assert_true(ask(&breaker, S(100), OUTCOME_RESET));
    assert_true(ask(&breaker, S(101), OUTCOME_OK));
    assert_true(ask(&breaker, S(101), OUTCOME_OK)); /* 2 of 4: not more than half */
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_true(ask(&breaker, S(102), OUTCOME_RATE_LIMITED));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(breaker.cause.attempts, 5);
    assert_int_equal(breaker.cause.failed, 3);
    assert_false(ask(&breaker, S(103), OUTCOME_OK));
}

static void what_is_no_illness_of_the_service_never_opens_it(void **state)
{
    static const enum outcome harmless[] = {
        OUTCOME_HTTP_4XX,       OUTCOME_UNAUTHORIZED, OUTCOME_CHECK_FAILED,
        OUTCOME_TOOL_ERROR,     OUTCOME_CANCELLED,    OUTCOME_ABANDONED,
        OUTCOME_LOCAL_RESOURCE, OUTCOME_SABOTAGED,
    };
    struct breaker breaker;

    (void)state;
    breaker_init(&breaker, &plan);
    for (size_t i = 0; i < 80; i++)
        assert_true(ask(&breaker, S(100), harmless[i % 8]));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void failures_that_are_long_past_do_not_count(void **state)
{
    struct breaker breaker;

    (void)state;
    breaker_init(&breaker, &plan);
    for (uint64_t i = 0; i < 3; i++)
        assert_true(ask(&breaker, S(100), OUTCOME_HTTP_5XX));
    assert_true(ask(&breaker, S(111), OUTCOME_HTTP_5XX));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void it_lets_one_probe_through_at_a_time_and_closes_when_they_succeed(void **state)
{
    struct breaker breaker;
    uint32_t probe = 0;
    uint32_t other = 0;

    (void)state;
    breaker_init(&breaker, &plan);
    open_it(&breaker, S(100));
    assert_false(ask(&breaker, S(129), OUTCOME_OK));
    assert_true(breaker_may_send(&breaker, S(130), &probe));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_false(breaker_may_send(&breaker, S(131), &other));
    breaker_over(&breaker, probe, OUTCOME_OK, S(132));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_true(ask(&breaker, S(133), OUTCOME_OK));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_int_equal(breaker.opened, 1);
    assert_int_equal(breaker_broken_ns(&breaker, S(200)), S(33));
    /* And the failures of before are forgotten. */
    assert_true(ask(&breaker, S(134), OUTCOME_HTTP_5XX));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void a_probe_that_fails_opens_it_again_for_the_whole_time(void **state)
{
    struct breaker breaker;

    (void)state;
    breaker_init(&breaker, &plan);
    open_it(&breaker, S(100));
    assert_true(ask(&breaker, S(130), OUTCOME_OK));
    assert_true(ask(&breaker, S(131), OUTCOME_TOTAL_TIMEOUT));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_false(ask(&breaker, S(160), OUTCOME_OK));
    assert_true(ask(&breaker, S(161), OUTCOME_OK));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN); /* the first of two again */
    assert_int_equal(breaker.opened, 1); /* it was never closed in between */
    assert_int_equal(breaker_broken_ns(&breaker, S(200)), S(100));
}

static void a_probe_that_a_person_leaves_makes_room_for_another(void **state)
{
    struct breaker breaker;

    (void)state;
    breaker_init(&breaker, &plan);
    open_it(&breaker, S(100));
    assert_true(ask(&breaker, S(130), OUTCOME_ABANDONED));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_true(ask(&breaker, S(131), OUTCOME_OK));
}

static void what_was_on_its_way_before_says_nothing_new(void **state)
{
    struct breaker breaker;
    uint32_t old = 0;
    uint32_t probe = 0;

    (void)state;
    breaker_init(&breaker, &plan);
    assert_true(breaker_may_send(&breaker, S(99), &old));
    open_it(&breaker, S(100));
    assert_true(breaker_may_send(&breaker, S(130), &probe));
    breaker_over(&breaker, old, OUTCOME_TOTAL_TIMEOUT, S(131));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    breaker_over(&breaker, probe, OUTCOME_OK, S(132));
    assert_true(ask(&breaker, S(132), OUTCOME_OK));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_leads_where_the_list_says),
        cmocka_unit_test(it_opens_when_more_than_the_share_of_enough_failed),
        cmocka_unit_test(what_is_no_illness_of_the_service_never_opens_it),
        cmocka_unit_test(failures_that_are_long_past_do_not_count),
        cmocka_unit_test(
            it_lets_one_probe_through_at_a_time_and_closes_when_they_succeed),
        cmocka_unit_test(a_probe_that_fails_opens_it_again_for_the_whole_time),
        cmocka_unit_test(a_probe_that_a_person_leaves_makes_room_for_another),
        cmocka_unit_test(what_was_on_its_way_before_says_nothing_new),
    };

    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
