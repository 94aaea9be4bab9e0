#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "measure/slo.h"
#include "plan/plan.h"

#define BIT(metric) (UINT32_C(1) << (metric))
#define SLO(metric, limit)                                                               \
    {                                                                                    \
        .limit_ns = { [metric] = (limit) }                                               \
    }

/* An operation of one attempt. */
static struct slo_judgement judge(const struct plan_slo *slo, const struct sample *last)
{
    const struct operation operation = {.failed = outcome_is_failure(last->outcome),
                                        .withdrawn = outcome_is_withdrawn(last->outcome),
                                        .due_ns = last->due_ns,
                                        .end_ns = last->end_ns};

    return slo_judge(slo, &operation, last);
}

/* good_stream(): 100 ms to the first output, 50 ms per token after it, 500 ms to the last. */
static void each_slo_is_met_at_its_limit_and_missed_just_below_it(void **state)
{
    static const uint64_t values_ns[PLAN_SLO_COUNT] = {
        [PLAN_SLO_TTFT] = MS(100),
        [PLAN_SLO_TTFO] = MS(200),
        [PLAN_SLO_TPOT] = MS(50),
        [PLAN_SLO_E2E] = MS(500),
        [PLAN_SLO_TTFB] = MS(9),
        [PLAN_SLO_HTTP_REQ_DURATION] = MS(508),
        [PLAN_SLO_OPERATION_DURATION] = MS(511),
    };
    struct sample sample = good_stream();

    (void)state;
    sample.first_answer_ns = sample.sent_ns + MS(200);
    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        struct plan_slo slo = {{0}};
        struct slo_judgement judged;

        slo.limit_ns[metric] = values_ns[metric];
        judged = judge(&slo, &sample);
        assert_true(judged.judged && judged.met);
        assert_int_equal(judged.observed, BIT(metric));
        assert_int_equal(judged.missed, 0);
        slo.limit_ns[metric]--;
        judged = judge(&slo, &sample);
        assert_true(judged.judged && !judged.met);
        assert_int_equal(judged.missed, BIT(metric));
    }
}

static void all_slos_must_be_met_and_each_that_was_not_is_told(void **state)
{
    const struct plan_slo slo = {.limit_ns = {[PLAN_SLO_TTFT] = MS(90),
                                              [PLAN_SLO_TPOT] = MS(60),
                                              [PLAN_SLO_E2E] = MS(400)}};
    const struct sample sample = good_stream();
    const struct slo_judgement judged = judge(&slo, &sample);

    (void)state;
    assert_false(judged.met);
    assert_int_equal(judged.observed,
                     BIT(PLAN_SLO_TTFT) | BIT(PLAN_SLO_TPOT) | BIT(PLAN_SLO_E2E));
    assert_int_equal(judged.missed, BIT(PLAN_SLO_TTFT) | BIT(PLAN_SLO_E2E));
}

/* One that answers fast and fails is no good one, and says nothing about the metrics. */
static void what_failed_met_nothing_however_fast_it_was(void **state)
{
    const struct plan_slo slo = SLO(PLAN_SLO_TTFT, MS(10000));

    (void)state;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        struct sample sample = good_stream();
        struct slo_judgement judged;

        if (!outcome_is_failure(outcome))
            continue;
        sample.outcome = outcome;
        judged = judge(&slo, &sample);
        assert_true(judged.judged && !judged.met);
        assert_int_equal(judged.observed | judged.missed, 0);
    }
}

/* A body has no first token, an answer without reasoning no ttfo, one token no time per token. */
static void what_an_answer_does_not_have_is_ignored(void **state)
{
    const struct plan_slo streams = {
        .limit_ns = {[PLAN_SLO_TTFT] = 1, [PLAN_SLO_TTFO] = 1, [PLAN_SLO_TPOT] = 1}};
    const struct plan_slo both = {
        .limit_ns = {[PLAN_SLO_TTFT] = 1, [PLAN_SLO_E2E] = MS(60)}};
    const struct plan_slo tpot = SLO(PLAN_SLO_TPOT, 1);
    const struct sample body = good_body();
    struct sample stream = good_stream();

    (void)state;
    assert_false(judge(&streams, &body).judged);
    assert_true(judge(&both, &body).met);
    assert_int_equal(judge(&both, &body).observed, BIT(PLAN_SLO_E2E));
    assert_int_equal(judge(&streams, &stream).observed,
                     BIT(PLAN_SLO_TTFT) | BIT(PLAN_SLO_TPOT));
    stream.completion_tokens = 1;
    assert_false(judge(&tpot, &stream).judged);
    assert_false(judge(NULL, &stream).judged);
}

/* Whoever left after 2 s without a word had waited too long for one within 1 s, but not for 3 s. */
static void what_was_withdrawn_counts_only_where_it_was_too_late_by_then(void **state)
{
    static const enum outcome outcomes[] = {OUTCOME_ABANDONED, OUTCOME_CANCELLED,
                                            OUTCOME_SABOTAGED};
    const struct plan_slo tight = {
        .limit_ns = {[PLAN_SLO_TTFT] = MS(1000), [PLAN_SLO_E2E] = MS(9000)}};
    const struct plan_slo wide = SLO(PLAN_SLO_TTFT, MS(3000));

    (void)state;
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        const struct sample sample = {.outcome = outcomes[i],
                                      .flags = SAMPLE_STREAMED,
                                      .due_ns = MS(1000),
                                      .sent_ns = MS(1000),
                                      .end_ns = MS(3000)};
        const struct slo_judgement missed = judge(&tight, &sample);

        assert_true(missed.judged && !missed.met);
        assert_int_equal(missed.missed, BIT(PLAN_SLO_TTFT));
        assert_int_equal(missed.observed, BIT(PLAN_SLO_TTFT));
        assert_false(judge(&wide, &sample).judged);
    }
}

/* A fast second attempt is good for ttft, and the operation took as long as it took. */
static void
latencies_are_the_last_attempts_and_the_duration_is_the_operations(void **state)
{
    const struct plan_slo slo = {
        .limit_ns = {
            [PLAN_SLO_TTFT] = MS(100), [PLAN_SLO_OPERATION_DURATION] = MS(1000)}};
    const struct sample last = good_stream();
    const struct operation operation = {
        .attempts = 2, .due_ns = MS(100), .end_ns = last.end_ns};
    const struct operation given_up = {
        .attempts = 1, .withdrawn = true, .due_ns = MS(100), .end_ns = MS(1200)};

    (void)state;
    assert_int_equal(slo_judge(&slo, &operation, &last).missed,
                     BIT(PLAN_SLO_OPERATION_DURATION));
    /* Ended by throng while it waited for its next attempt. */
    assert_int_equal(slo_judge(&slo, &given_up, NULL).missed,
                     BIT(PLAN_SLO_OPERATION_DURATION));
}

/* 400 ms for 8 tokens at least; the first may have come 80 ms earlier: 60 ms each at most. */
static void
a_time_per_token_that_is_not_known_is_judged_by_the_longest_it_can_be(void **state)
{
    const struct plan_slo above = SLO(PLAN_SLO_TPOT, MS(60));
    const struct plan_slo within = SLO(PLAN_SLO_TPOT, MS(55));
    struct sample sample = good_stream();

    (void)state;
    sample.flags |= SAMPLE_GENERATION_UNKNOWN;
    sample.ttft_width_ns = MS(80);
    assert_true(judge(&above, &sample).met);
    assert_int_equal(judge(&within, &sample).missed, BIT(PLAN_SLO_TPOT));
    /* Nothing is known of when it began but that it had been sent: 500 ms for 8. */
    sample.ttft_width_ns = 0;
    assert_int_equal(judge(&above, &sample).missed, BIT(PLAN_SLO_TPOT));
}

static void an_arrival_waits_from_the_moment_it_was_due(void **state)
{
    const struct plan_slo ttft = SLO(PLAN_SLO_TTFT, MS(100));
    const struct plan_slo e2e = SLO(PLAN_SLO_E2E, MS(500));
    struct sample sample = good_stream(); /* sent 1 ms after it was due */

    (void)state;
    sample.flags |= SAMPLE_OPEN_LOOP;
    assert_int_equal(judge(&ttft, &sample).missed, BIT(PLAN_SLO_TTFT));
    assert_int_equal(judge(&e2e, &sample).missed, BIT(PLAN_SLO_E2E));
}

/* The plan has an SLO on reasoning, and good answers came without any; failures prove nothing. */
static void an_slo_that_no_answer_had_a_value_for_is_told_to_be_ignored(void **state)
{
    static const struct plan_slo slo = {
        .limit_ns = {[PLAN_SLO_TTFO] = 1, [PLAN_SLO_E2E] = 1}};
    static const struct plan_slo other = SLO(PLAN_SLO_TTFB, 1);
    const struct plan_step steps[] = {{.slo = &slo}, {.slo = &other, .unmeasured = true}};
    const struct plan plan = {.steps = steps, .step_count = 2};
    struct counters counters = {.failed = 5, .slo_failed = 5};

    (void)state;
    assert_int_equal(slo_ignored(&plan, &counters), 0);
    counters.ok = 3;
    counters.slo_observed[PLAN_SLO_E2E] = 3;
    assert_int_equal(slo_ignored(&plan, &counters), BIT(PLAN_SLO_TTFO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_slo_is_met_at_its_limit_and_missed_just_below_it),
        cmocka_unit_test(all_slos_must_be_met_and_each_that_was_not_is_told),
        cmocka_unit_test(what_failed_met_nothing_however_fast_it_was),
        cmocka_unit_test(what_an_answer_does_not_have_is_ignored),
        cmocka_unit_test(what_was_withdrawn_counts_only_where_it_was_too_late_by_then),
        cmocka_unit_test(
            latencies_are_the_last_attempts_and_the_duration_is_the_operations),
        cmocka_unit_test(
            a_time_per_token_that_is_not_known_is_judged_by_the_longest_it_can_be),
        cmocka_unit_test(an_arrival_waits_from_the_moment_it_was_due),
        cmocka_unit_test(an_slo_that_no_answer_had_a_value_for_is_told_to_be_ignored),
    };

    return cmocka_run_group_tests_name("slo", tests, NULL, NULL);
}
