#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/buf.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/recorder_state.h"
#include "plan/plan.h"

static const struct plan plan = {.max_series = 10};

struct run {
    struct recorder *recorder;
    struct buf broken; /* the sentences, one a line */
};

static void note(void *ctx, const char *sentence)
{
    struct run *run = ctx;

    buf_printf(&run->broken, "%s\n", sentence);
}

/* A run whose books are right: one answer of each kind of end. */
static void begin(struct run *run)
{
    const struct recorder_options options = {
        .plan = &plan, .started_ns = MS(500), .window_end_ns = MS(9000)};

    *run = (struct run){.broken = BUF_INIT(4096)};
    assert_int_equal(recorder_new(&options, &run->recorder), 0);
}

static void attempt(struct run *run, const struct sample *sample, uint32_t gaps)
{
    recorder_started(run->recorder, sample->sent_ns, 0, true);
    for (uint32_t i = 0; i < gaps; i++)
        recorder_gap(run->recorder, 0, true, MS(10));
    recorder_sample(run->recorder, sample);
}

static size_t end(struct run *run)
{
    return check_recorder(run->recorder, MS(9000), note, run);
}

static void assert_broken(struct run *run, const char *expected)
{
    if (!strstr(buf_str(&run->broken), expected))
        fail_msg("'%s' is missing from: %s", expected, buf_str(&run->broken));
}

static void done(struct run *run)
{
    buf_deinit(&run->broken);
    recorder_free(run->recorder);
}

static void books_that_are_right_break_nothing(void **state)
{
    struct sample sample = good_stream();
    struct operation operation = {.due_ns = MS(1000), .end_ns = MS(2000)};
    struct run run;

    (void)state;
    begin(&run);
    assert_int_equal(end(&run), 0);
    attempt(&run, &sample, 4);
    sample.unresolved_chunks = 3;
    attempt(&run, &sample, 1);
    sample.unresolved_chunks = 0;
    sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    recorder_started(run.recorder, sample.sent_ns, 0, false);
    for (int i = 0; i < 4; i++)
        recorder_gap(run.recorder, 0, false, MS(10));
    recorder_sample(run.recorder, &sample);
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        sample = good_stream();
        sample.outcome = outcome;
        attempt(&run, &sample, 4);
        sample.chunks = 0;
        sample.first_output_ns = sample.last_output_ns = 0;
        attempt(&run, &sample, 0);
        sample = good_body();
        sample.outcome = outcome;
        attempt(&run, &sample, 0);
    }
    recorder_operation(run.recorder, &operation);
    operation.slo = (struct slo_judgement){.judged = true, .met = true};
    recorder_operation(run.recorder, &operation);
    operation.failed = operation.in_window = true;
    recorder_operation(run.recorder, &operation);
    assert_int_equal(end(&run), 0);
    assert_string_equal(buf_str(&run.broken), "");
    done(&run);
}

static void an_attempt_that_never_ended_is_found(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    recorder_started(run.recorder, MS(1000), 0, true);
    assert_int_equal(end(&run), 3);
    assert_broken(&run, "in the window: 1 attempts were started and 0 ended");
    assert_broken(&run, "in the whole run: 1 attempts were started and 0 ended");
    assert_broken(&run, "1 requests are still in flight at the end");
    done(&run);
}

static void an_attempt_that_ended_twice_is_found(void **state)
{
    const struct sample sample = good_stream();
    struct run run;

    (void)state;
    begin(&run);
    attempt(&run, &sample, 8);
    recorder_sample(run.recorder, &sample);
    assert_int_not_equal(end(&run), 0);
    assert_broken(&run, "1 attempts were started and 2 ended (2 ok");
    done(&run);
}

static void an_attempt_that_ended_elsewhere_than_it_started_is_found(void **state)
{
    const struct sample sample = good_body();
    struct run run;

    (void)state;
    begin(&run);
    recorder_started(run.recorder, sample.sent_ns, 0, false);
    recorder_sample(run.recorder, &sample);
    assert_int_equal(end(&run), 1);
    assert_broken(&run, "in the window: 0 attempts were started and 1 ended");
    done(&run);
}

static void a_gap_that_was_not_recorded_is_found(void **state)
{
    const struct sample sample = good_stream();
    struct run run;

    (void)state;
    begin(&run);
    attempt(&run, &sample, 3);
    assert_int_equal(end(&run), 2);
    assert_broken(&run, "in the window: icl holds 3 observations where the counters make "
                        "it 4");
    done(&run);
}

static void a_stamp_that_moved_after_the_start_is_found(void **state)
{
    const struct sample sample = good_stream();
    struct run run;

    (void)state;
    begin(&run);
    recorder_started(run.recorder, sample.sent_ns + MS(2), 0, true);
    for (int i = 0; i < 4; i++)
        recorder_gap(run.recorder, 0, true, MS(10));
    recorder_sample(run.recorder, &sample);
    assert_int_equal(end(&run), 1);
    assert_broken(&run, "the integral of requests in flight is 0.508 s, the sum of their "
                        "latencies 0.510 s");
    done(&run);
}

static void a_thousandth_of_difference_is_allowed(void **state)
{
    const struct sample sample = good_stream();
    struct run run;

    (void)state;
    begin(&run);
    recorder_started(run.recorder, sample.sent_ns + MS(1) / 2, 0, true);
    for (int i = 0; i < 4; i++)
        recorder_gap(run.recorder, 0, true, MS(10));
    recorder_sample(run.recorder, &sample);
    assert_int_equal(end(&run), 0);
    done(&run);
}

/* What no run does: the parts were written as the totals were not. */
static void parts_that_do_not_add_up_are_found(void **state)
{
    const struct sample sample = good_stream();
    struct run run;

    (void)state;
    begin(&run);
    attempt(&run, &sample, 4);
    assert_int_equal(end(&run), 0);
    run.recorder->people.others.requests++;
    run.recorder->people.others.failed++;
    run.recorder->people.others.completion_tokens++;
    run.recorder->tally.counts[0].outcomes[SNAPSHOT_DEGRADED]++;
    run.recorder->tally.counts[0].errors[OUTCOME_RESET]++;
    run.recorder->tally.counts[0].slo_operations++;
    run.recorder->tally.counts[0].slo_met++;
    buckets_add(&run.recorder->tally.timings[0].buckets[BUCKETS_ICL], BUCKETS_ICL, MS(5));
    assert_int_equal(end(&run), 8);
    assert_broken(&run, "requests of users: added up they are 2");
    assert_broken(&run, "failures of users: added up they are 1");
    assert_broken(&run, "tokens of users: ");
    assert_broken(&run, "degraded by labels: added up they are 1");
    assert_broken(&run, "operations with SLOs by labels: added up they are 1");
    assert_broken(&run, "operations that met their SLOs by labels: added up they are 1");
    assert_broken(&run, "errors by labels: added up they are 1");
    assert_broken(&run, "icl: added up they are 5 where the counters make it 4");
    done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_that_do_not_add_up_are_found),
        cmocka_unit_test(books_that_are_right_break_nothing),
        cmocka_unit_test(an_attempt_that_never_ended_is_found),
        cmocka_unit_test(an_attempt_that_ended_twice_is_found),
        cmocka_unit_test(an_attempt_that_ended_elsewhere_than_it_started_is_found),
        cmocka_unit_test(a_gap_that_was_not_recorded_is_found),
        cmocka_unit_test(a_stamp_that_moved_after_the_start_is_found),
        cmocka_unit_test(a_thousandth_of_difference_is_allowed),
    };

    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
