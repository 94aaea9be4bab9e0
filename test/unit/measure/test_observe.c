#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/observe.h"

struct seen {
    struct observation observations[METRIC_COUNT];
    size_t count;
};

static struct seen observe(struct sample sample)
{
    struct seen seen;

    seen.count = observe_sample(&sample, seen.observations);
    return seen;
}

static struct seen observe_the_parts(struct sample sample)
{
    struct seen seen;

    seen.count = observe_parts(&sample, seen.observations);
    return seen;
}

/* How often a metric was observed, and the last time. */
static size_t find(const struct seen *seen, enum metric metric,
                   struct observation *ret_found)
{
    size_t count = 0;

    for (size_t i = 0; i < seen->count; i++) {
        if (seen->observations[i].metric == metric) {
            *ret_found = seen->observations[i];
            count++;
        }
    }
    return count;
}

static void assert_observed(const struct seen *seen, enum metric metric,
                            uint64_t value_ns)
{
    struct observation found = {0};

    assert_int_equal(find(seen, metric, &found), 1);
    assert_false(found.censored);
    assert_int_equal(found.value_ns, value_ns);
}

static void assert_censored(const struct seen *seen, enum metric metric,
                            uint64_t value_ns)
{
    struct observation found = {0};

    assert_int_equal(find(seen, metric, &found), 1);
    assert_true(found.censored);
    assert_int_equal(found.value_ns, value_ns);
}

static void assert_absent(const struct seen *seen, enum metric metric)
{
    struct observation found = {0};

    assert_int_equal(find(seen, metric, &found), 0);
}

static void a_stream_has_each_moment_from_sent(void **state)
{
    const struct seen seen = observe(good_stream());

    (void)state;
    assert_observed(&seen, METRIC_HEADERS, MS(8));
    assert_observed(&seen, METRIC_TTFB, MS(9));
    assert_observed(&seen, METRIC_TT_FIRST_EVENT, MS(11));
    assert_observed(&seen, METRIC_TTFT, MS(100));
    assert_observed(&seen, METRIC_E2E, MS(500));
    assert_observed(&seen, METRIC_STREAM_CLOSE, MS(510));
    assert_observed(&seen, METRIC_GENERATION, MS(400));
    assert_observed(&seen, METRIC_TPOT, MS(50));
    assert_observed(&seen, METRIC_TTFT_SERVER, MS(95));
    assert_observed(&seen, METRIC_HTTP_REQ_DURATION, MS(508));
    assert_observed(&seen, METRIC_SCHEDULE_LAG, MS(1));
    assert_observed(&seen, METRIC_SEND_DELAY, MS(2));
    assert_int_equal(seen.count, 12);
}

/* They add up to http_req_duration, and what a standing connection spares is 0. */
static void the_parts_of_k6_add_up(void **state)
{
    const struct seen stream = observe_the_parts(good_stream());
    const struct seen body = observe_the_parts(good_body());

    (void)state;
    assert_observed(&stream, METRIC_HTTP_REQ_BLOCKED, MS(2));
    assert_observed(&stream, METRIC_HTTP_REQ_CONNECTING, 0);
    assert_observed(&stream, METRIC_HTTP_REQ_TLS_HANDSHAKING, 0);
    assert_observed(&stream, METRIC_HTTP_REQ_SENDING, 0);
    assert_observed(&stream, METRIC_HTTP_REQ_WAITING, MS(6));
    assert_observed(&stream, METRIC_HTTP_REQ_RECEIVING, MS(502));
    assert_observed(&body, METRIC_HTTP_REQ_BLOCKED, MS(20));
    assert_observed(&body, METRIC_HTTP_REQ_CONNECTING, MS(6));
    assert_observed(&body, METRIC_HTTP_REQ_TLS_HANDSHAKING, MS(9));
    assert_observed(&body, METRIC_HTTP_REQ_WAITING, MS(25));
    assert_observed(&body, METRIC_HTTP_REQ_RECEIVING, MS(15));
}

/* No header came: all of it was waiting. */
static void a_failure_is_in_the_parts_of_k6_as_it_is(void **state)
{
    struct sample sample = good_body();
    struct seen seen;

    (void)state;
    sample.outcome = OUTCOME_RESET;
    sample.headers_ns = sample.first_byte_ns = 0;
    seen = observe_the_parts(sample);
    assert_observed(&seen, METRIC_HTTP_REQ_WAITING, MS(40));
    assert_observed(&seen, METRIC_HTTP_REQ_RECEIVING, 0);
    sample.wire_ns = 0;
    seen = observe_the_parts(sample);
    assert_absent(&seen, METRIC_HTTP_REQ_BLOCKED);
    assert_absent(&seen, METRIC_HTTP_REQ_WAITING);
}

static void a_stream_that_began_in_a_heap_says_nothing_of_the_time_per_token(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.flags |= SAMPLE_TTFT_BOUND | SAMPLE_GENERATION_UNKNOWN;
    seen = observe(sample);
    assert_absent(&seen, METRIC_TPOT);
    assert_absent(&seen, METRIC_GENERATION);
    assert_observed(&seen, METRIC_TTFT, MS(100));
    assert_observed(&seen, METRIC_STREAM_CLOSE, MS(510));
}

static void a_body_has_first_byte_and_end_and_no_token_times(void **state)
{
    const struct seen seen = observe(good_body());

    (void)state;
    assert_observed(&seen, METRIC_HEADERS, MS(45));
    assert_observed(&seen, METRIC_TTFB, MS(50));
    assert_observed(&seen, METRIC_E2E, MS(60));
    assert_observed(&seen, METRIC_HTTP_REQ_DURATION, MS(40));
    assert_observed(&seen, METRIC_CONN_WAIT, MS(20));
    assert_observed(&seen, METRIC_DNS, MS(5));
    assert_observed(&seen, METRIC_CONNECT, MS(6));
    assert_observed(&seen, METRIC_TLS, MS(9));
    assert_observed(&seen, METRIC_SCHEDULE_LAG, 0);
    assert_int_equal(seen.count, 9);
}

static void a_whole_answer_without_a_body_misses_no_first_byte(void **state)
{
    struct sample sample = good_body();
    struct seen seen;

    (void)state;
    sample.first_byte_ns = 0;
    seen = observe(sample);
    assert_absent(&seen, METRIC_TTFB);
    assert_observed(&seen, METRIC_E2E, MS(60));
}

static void
the_servers_word_on_the_prompt_is_an_observation_where_it_is_given(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    seen = observe(sample);
    assert_absent(&seen, METRIC_PROMPT_PROCESSING);
    sample.server_prompt_ns = MS(70);
    seen = observe(sample);
    assert_observed(&seen, METRIC_PROMPT_PROCESSING, MS(70));
}

static void waiting_for_a_connection_and_for_the_loop_are_kept_apart(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    seen = observe(sample);
    assert_absent(&seen, METRIC_CONN_WAIT);
    sample.flags &= ~(uint32_t)SAMPLE_REUSED;
    seen = observe(sample);
    assert_absent(&seen, METRIC_SEND_DELAY);
    assert_observed(&seen, METRIC_CONN_WAIT, MS(2));
}

static void each_end_before_the_first_output_is_censored_at_the_time_waited(void **state)
{
    (void)state;
    for (enum outcome outcome = OUTCOME_CANCELLED; outcome < OUTCOME_COUNT; outcome++) {
        struct sample sample = good_stream();
        struct seen seen;

        sample.outcome = outcome;
        sample.first_output_ns = sample.last_output_ns = 0;
        sample.chunks = 0;
        sample.end_ns = MS(4001);
        seen = observe(sample);
        assert_censored(&seen, METRIC_TTFT, MS(3000));
        assert_censored(&seen, METRIC_E2E, MS(3000));
        assert_absent(&seen, METRIC_TPOT);
        assert_absent(&seen, METRIC_GENERATION);
        assert_absent(&seen, METRIC_TTFT_SERVER);
    }
}

static void an_error_page_is_not_an_early_answer(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.outcome = OUTCOME_HTTP_5XX;
    seen = observe(sample);
    assert_censored(&seen, METRIC_HEADERS, MS(510));
    assert_censored(&seen, METRIC_TTFB, MS(510));
    assert_censored(&seen, METRIC_TT_FIRST_EVENT, MS(510));
    assert_censored(&seen, METRIC_TTFT, MS(510));
    assert_observed(&seen, METRIC_HTTP_REQ_DURATION, MS(508));

    sample = good_body();
    sample.outcome = OUTCOME_RATE_LIMITED;
    seen = observe(sample);
    assert_censored(&seen, METRIC_TTFB, MS(60));
    assert_censored(&seen, METRIC_E2E, MS(60));
}

static void a_refused_connection_is_censored_and_has_no_request_duration(void **state)
{
    struct sample sample = {
        .outcome = OUTCOME_CONNECT,
        .flags = SAMPLE_STREAMED,
        .due_ns = MS(1000),
        .sent_ns = MS(1000),
        .end_ns = MS(1002),
    };
    const struct seen seen = observe(sample);

    (void)state;
    assert_censored(&seen, METRIC_TTFT, MS(2));
    assert_censored(&seen, METRIC_E2E, MS(2));
    assert_absent(&seen, METRIC_HTTP_REQ_DURATION);
    assert_absent(&seen, METRIC_CONN_WAIT);
}

static void withdrawn_after_the_first_output_keeps_ttft_and_has_no_end(void **state)
{
    static const enum outcome withdrawn[] = {OUTCOME_CANCELLED, OUTCOME_ABANDONED,
                                             OUTCOME_SABOTAGED};

    (void)state;
    for (size_t i = 0; i < sizeof(withdrawn) / sizeof(withdrawn[0]); i++) {
        struct sample sample = good_stream();
        struct seen seen;

        sample.outcome = withdrawn[i];
        seen = observe(sample);
        assert_observed(&seen, METRIC_TTFT, MS(100));
        assert_absent(&seen, METRIC_E2E);
        assert_absent(&seen, METRIC_TPOT);
        assert_absent(&seen, METRIC_GENERATION);
        assert_absent(&seen, METRIC_STREAM_CLOSE);
    }
}

static void broken_after_the_first_output_keeps_ttft_and_censors_the_end(void **state)
{
    static const enum outcome broken[] = {
        OUTCOME_IDLE_TIMEOUT, OUTCOME_TOTAL_TIMEOUT, OUTCOME_RESET,
        OUTCOME_TRUNCATED,    OUTCOME_STREAM_ERROR,  OUTCOME_MALFORMED_EVENT,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct sample sample = good_stream();
        struct seen seen;

        sample.outcome = broken[i];
        seen = observe(sample);
        assert_observed(&seen, METRIC_TTFT, MS(100));
        assert_censored(&seen, METRIC_E2E, MS(510));
        assert_absent(&seen, METRIC_TPOT);
    }
}

static void an_answer_that_fails_a_check_was_still_a_whole_one(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.outcome = OUTCOME_CHECK_FAILED;
    seen = observe(sample);
    assert_observed(&seen, METRIC_E2E, MS(500));
    assert_observed(&seen, METRIC_TPOT, MS(50));
}

static void time_per_token_needs_two_chunks_and_two_tokens(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.completion_tokens = 1;
    seen = observe(sample);
    assert_absent(&seen, METRIC_TPOT);
    assert_observed(&seen, METRIC_GENERATION, MS(400));

    sample = good_stream();
    sample.chunks = 1;
    sample.last_output_ns = sample.first_output_ns;
    seen = observe(sample);
    assert_absent(&seen, METRIC_TPOT);
    assert_absent(&seen, METRIC_GENERATION);
    assert_observed(&seen, METRIC_E2E, MS(100));

    sample = good_stream();
    sample.chunks = 2;
    sample.completion_tokens = 2;
    seen = observe(sample);
    assert_observed(&seen, METRIC_TPOT, MS(400));
}

static void time_per_token_is_rounded_to_the_nearest(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.last_output_ns = sample.first_output_ns + 5;
    sample.completion_tokens = 4;
    seen = observe(sample);
    assert_observed(&seen, METRIC_TPOT, 2);
}

static void the_first_answer_counts_only_after_reasoning(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    seen = observe(sample);
    assert_absent(&seen, METRIC_TTFO);
    sample.first_answer_ns = MS(1301);
    seen = observe(sample);
    assert_observed(&seen, METRIC_TTFO, MS(300));
    assert_observed(&seen, METRIC_TTFT, MS(100));
}

static void the_servers_share_is_never_below_nothing(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.rtt_min_ns = MS(200);
    seen = observe(sample);
    assert_observed(&seen, METRIC_TTFT_SERVER, 0);
}

static void a_kernel_stamp_before_sent_is_nothing_and_not_an_age(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    sample.first_byte_ns = sample.sent_ns - 1;
    seen = observe(sample);
    assert_observed(&seen, METRIC_TTFB, 0);
}

static void an_arrival_counts_from_the_moment_it_was_due(void **state)
{
    struct sample sample = good_stream();
    struct seen seen;

    (void)state;
    seen = observe(sample);
    assert_absent(&seen, METRIC_TTFT_FROM_DUE);
    assert_absent(&seen, METRIC_E2E_FROM_DUE);

    sample.flags |= SAMPLE_OPEN_LOOP;
    seen = observe(sample);
    assert_observed(&seen, METRIC_TTFT_FROM_DUE, MS(101));
    assert_observed(&seen, METRIC_E2E_FROM_DUE, MS(501));

    sample.outcome = OUTCOME_FIRST_TOKEN_TIMEOUT;
    sample.first_output_ns = sample.last_output_ns = 0;
    seen = observe(sample);
    assert_censored(&seen, METRIC_TTFT_FROM_DUE, MS(511));
    assert_censored(&seen, METRIC_E2E_FROM_DUE, MS(511));

    sample = good_body();
    sample.flags |= SAMPLE_OPEN_LOOP;
    seen = observe(sample);
    assert_observed(&seen, METRIC_E2E_FROM_DUE, MS(60));
    assert_absent(&seen, METRIC_TTFT_FROM_DUE);
}

static void the_table_tells_the_truth_about_streams_and_censoring(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < OUTCOME_COUNT * 4; i++) {
        struct sample sample = i & 1 ? good_stream() : good_body();
        struct seen seen;

        sample.outcome = (enum outcome)(i / 4);
        sample.flags |= SAMPLE_OPEN_LOOP;
        if (i & 2)
            sample.first_output_ns = sample.last_output_ns = 0;
        seen = observe(sample);
        for (size_t j = 0; j < seen.count; j++) {
            const struct metric_info *info = metric_info(seen.observations[j].metric);

            assert_true(info->censored || !seen.observations[j].censored);
            assert_true((i & 1) || !info->streamed);
        }
    }
}

static void an_operation_that_did_not_succeed_is_censored(void **state)
{
    struct operation operation = {.due_ns = MS(100), .end_ns = MS(350)};
    struct observation observation = observe_operation(&operation);

    (void)state;
    assert_int_equal(observation.metric, METRIC_OPERATION_DURATION);
    assert_int_equal(observation.value_ns, MS(250));
    assert_false(observation.censored);
    operation.failed = true;
    assert_true(observe_operation(&operation).censored);
    operation.failed = false;
    operation.withdrawn = true;
    assert_true(observe_operation(&operation).censored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_has_each_moment_from_sent),
        cmocka_unit_test(the_parts_of_k6_add_up),
        cmocka_unit_test(a_failure_is_in_the_parts_of_k6_as_it_is),
        cmocka_unit_test(
            a_stream_that_began_in_a_heap_says_nothing_of_the_time_per_token),
        cmocka_unit_test(a_body_has_first_byte_and_end_and_no_token_times),
        cmocka_unit_test(a_whole_answer_without_a_body_misses_no_first_byte),
        cmocka_unit_test(
            the_servers_word_on_the_prompt_is_an_observation_where_it_is_given),
        cmocka_unit_test(waiting_for_a_connection_and_for_the_loop_are_kept_apart),
        cmocka_unit_test(each_end_before_the_first_output_is_censored_at_the_time_waited),
        cmocka_unit_test(an_error_page_is_not_an_early_answer),
        cmocka_unit_test(a_refused_connection_is_censored_and_has_no_request_duration),
        cmocka_unit_test(withdrawn_after_the_first_output_keeps_ttft_and_has_no_end),
        cmocka_unit_test(broken_after_the_first_output_keeps_ttft_and_censors_the_end),
        cmocka_unit_test(an_answer_that_fails_a_check_was_still_a_whole_one),
        cmocka_unit_test(time_per_token_needs_two_chunks_and_two_tokens),
        cmocka_unit_test(time_per_token_is_rounded_to_the_nearest),
        cmocka_unit_test(the_first_answer_counts_only_after_reasoning),
        cmocka_unit_test(the_servers_share_is_never_below_nothing),
        cmocka_unit_test(a_kernel_stamp_before_sent_is_nothing_and_not_an_age),
        cmocka_unit_test(an_arrival_counts_from_the_moment_it_was_due),
        cmocka_unit_test(the_table_tells_the_truth_about_streams_and_censoring),
        cmocka_unit_test(an_operation_that_did_not_succeed_is_censored),
    };

    return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
