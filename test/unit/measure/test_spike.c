#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "measure/spike.h"
#include "plan/plan.h"

#define STARTED MS(5000)
#define SPIKE_END MS(25000)
#define LOAD_END MS(45000)
#define EVERY MS(50) /* 20 requests a second */

/* Ten seconds as usual, ten of spike, twenty as before, from STARTED on. */
static const struct plan_phase phases[] = {
    {.kind = PLAN_PHASE_SUSTAINED, .name = "calm", .users = 10, .duration_ns = MS(10000)},
    {.kind = PLAN_PHASE_SPIKE, .name = "rush", .users = 50, .duration_ns = MS(10000)},
    {.kind = PLAN_PHASE_SUSTAINED,
     .name = "after",
     .users = 10,
     .duration_ns = MS(20000)},
};

static const struct plan plan = {.max_series = 100, .phases = phases, .phase_count = 3};

static struct recorder *make(const struct plan *of_plan)
{
    const struct recorder_options options = {
        .plan = of_plan, .started_ns = STARTED, .window_end_ns = LOAD_END};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

/* A stream due at a moment, whose first output comes after ttft_ns. */
static struct sample stream(uint64_t due_ns, uint64_t ttft_ns)
{
    struct sample sample = good_stream();

    sample.due_ns = due_ns;
    sample.sent_ns = due_ns;
    sample.wire_ns = due_ns;
    sample.first_byte_ns = due_ns + ttft_ns;
    sample.first_event_ns = due_ns + ttft_ns;
    sample.first_output_ns = due_ns + ttft_ns;
    sample.last_output_ns = due_ns + ttft_ns + MS(400);
    sample.end_ns = due_ns + ttft_ns + MS(401);
    return sample;
}

/* One that ended after waited_ns, without any output. */
static struct sample ended(uint64_t due_ns, uint64_t waited_ns, enum outcome outcome)
{
    struct sample sample = stream(due_ns, waited_ns);

    sample.outcome = outcome;
    sample.first_byte_ns = 0;
    sample.first_event_ns = 0;
    sample.first_output_ns = 0;
    sample.last_output_ns = 0;
    sample.end_ns = due_ns + waited_ns;
    sample.chunks = 0;
    return sample;
}

static void add(struct recorder *recorder, const char *phase, struct sample sample)
{
    const struct label set[] = {{"phase", phase}};

    assert_int_equal(labels_intern(recorder_labels(recorder), set, 1, &sample.labels), 0);
    recorder_started(recorder, sample.sent_ns, sample.labels, true);
    recorder_sample(recorder, &sample);
}

/* Streams due from one moment until before another. */
static void add_streams(struct recorder *recorder, const char *phase, uint64_t from_ns,
                        uint64_t until_ns, uint64_t ttft_ns)
{
    for (uint64_t due_ns = from_ns; due_ns < until_ns; due_ns += EVERY)
        add(recorder, phase, stream(due_ns, ttft_ns));
}

/* 100 ms to the first output before the spike, a second during it. */
static void add_until_spike_ends(struct recorder *recorder)
{
    add_streams(recorder, "calm", STARTED, MS(15000), MS(100));
    add_streams(recorder, "rush", MS(15000), SPIKE_END, MS(1000));
}

static struct spike_view view(const struct recorder *recorder)
{
    struct spike_view spike;

    assert_int_equal(spike_count(recorder), 1);
    spike_of(recorder, 0, LOAD_END, &spike);
    return spike;
}

static void assert_recovered_after(const struct recorder *recorder, uint64_t after_ns)
{
    const struct spike_view spike = view(recorder);

    assert_int_equal(spike.recovery, SPIKE_RECOVERED);
    assert_int_equal(spike.recovery_ns, after_ns);
}

static void assert_near(struct histogram_quantile quantile, uint64_t expected_ns)
{
    assert_true(quantile.known);
    assert_false(quantile.above);
    assert_true(fabs((double)quantile.value_ns - (double)expected_ns) <=
                (double)expected_ns / 100);
}

static void each_stage_has_the_figures_of_its_phase(void **state)
{
    struct recorder *recorder = make(&plan);
    struct spike_view spike;

    (void)state;
    add_until_spike_ends(recorder);
    add(recorder, "rush", ended(MS(20000), MS(3000), OUTCOME_HTTP_5XX));
    add_streams(recorder, "after", SPIKE_END, MS(27000), MS(300));
    spike = view(recorder);
    assert_int_equal(spike.phase, 1);
    assert_int_equal(spike.users, 50);
    assert_int_equal(spike.metric, METRIC_TTFT);
    assert_string_equal(spike.before.phase, "calm");
    assert_int_equal(spike.before.requests, 200);
    assert_int_equal(spike.before.failed, 0);
    assert_true(spike.before.error_rate == 0);
    assert_near(spike.before.ttft_p50, MS(100));
    assert_near(spike.before.ttft_p95, MS(100));
    assert_near(spike.before.e2e_p95, MS(500));
    assert_string_equal(spike.during.phase, "rush");
    assert_int_equal(spike.during.requests, 201);
    assert_int_equal(spike.during.failed, 1);
    assert_true(fabs(spike.during.error_rate - 1.0 / 201) < 1e-9);
    assert_near(spike.during.ttft_p95, MS(1000));
    assert_string_equal(spike.after.phase, "after");
    assert_int_equal(spike.after.requests, 40);
    assert_near(spike.after.ttft_p95, MS(300));
    recorder_free(recorder);
}

static void recovery_counts_from_the_end_of_the_spike(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    add_streams(recorder, "after", SPIKE_END, SPIKE_END + MS(2300), MS(500));
    add_streams(recorder, "after", SPIKE_END + MS(2300), LOAD_END, MS(110));
    /* Of the 40 requests of two seconds, a p95 leaves out two: those of the last 0.1 s. */
    assert_recovered_after(recorder, MS(2200));
    recorder_free(recorder);
}

static void what_was_never_worse_recovered_at_once(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    add_streams(recorder, "after", SPIKE_END, LOAD_END, MS(119));
    assert_recovered_after(recorder, 0);
    recorder_free(recorder);
}

static void what_stays_above_the_limit_does_not_recover(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    add_streams(recorder, "after", SPIKE_END, LOAD_END, MS(123));
    assert_int_equal(view(recorder).recovery, SPIKE_NOT_RECOVERED);
    recorder_free(recorder);
}

static void the_order_in_which_answers_end_does_not_matter(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    for (uint64_t due_ns = LOAD_END - EVERY; due_ns >= SPIKE_END; due_ns -= EVERY)
        add(recorder, "after",
            stream(due_ns, due_ns < SPIKE_END + MS(4000) ? MS(900) : MS(90)));
    assert_recovered_after(recorder, MS(3900));
    recorder_free(recorder);
}

static void refusals_are_no_recovery_however_fast_they_come(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    for (uint64_t due_ns = SPIKE_END; due_ns < SPIKE_END + MS(5000); due_ns += EVERY)
        add(recorder, "after", ended(due_ns, MS(2), OUTCOME_RATE_LIMITED));
    add_streams(recorder, "after", SPIKE_END + MS(5000), LOAD_END, MS(100));
    assert_recovered_after(recorder, MS(4900));
    recorder_free(recorder);
}

static void a_cancelled_request_counts_by_how_long_it_waited(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    for (uint64_t due_ns = SPIKE_END; due_ns < LOAD_END; due_ns += EVERY) {
        const bool soon = due_ns < SPIKE_END + MS(3000);

        add(recorder, "after", stream(due_ns, MS(100)));
        add(recorder, "after",
            ended(due_ns, soon ? MS(7000) : MS(10), OUTCOME_CANCELLED));
    }
    /* The short waits say nothing: two of 42 may be long, those of the last 0.1 s. */
    assert_recovered_after(recorder, MS(2900));
    recorder_free(recorder);
}

static void few_requests_take_longer_than_the_window(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    /* Two a second: 20 of them are those of ten seconds. */
    for (uint64_t due_ns = SPIKE_END; due_ns < LOAD_END; due_ns += MS(500))
        add(recorder, "after",
            stream(due_ns, due_ns < SPIKE_END + MS(3000) ? MS(900) : MS(100)));
    /* Due at 2.5 s, the last slow one is the one in twenty that a p95 leaves out. */
    assert_recovered_after(recorder, MS(2100));
    recorder_free(recorder);
}

static void too_few_requests_after_it_tell_nothing(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    add_until_spike_ends(recorder);
    add_streams(recorder, "after", SPIKE_END, SPIKE_END + 19 * EVERY, MS(100));
    assert_int_equal(view(recorder).recovery, SPIKE_UNKNOWN);
    add(recorder, "after", stream(SPIKE_END + 19 * EVERY, MS(100)));
    assert_recovered_after(recorder, 0);
    recorder_free(recorder);
}

static void a_load_that_ended_at_the_spike_tells_nothing(void **state)
{
    struct recorder *recorder = make(&plan);
    struct spike_view spike;

    (void)state;
    add_until_spike_ends(recorder);
    add_streams(recorder, "after", SPIKE_END, LOAD_END, MS(100));
    spike_of(recorder, 0, SPIKE_END + MS(1900), &spike);
    assert_int_equal(spike.recovery, SPIKE_UNKNOWN);
    spike_of(recorder, 0, SPIKE_END + MS(2000), &spike);
    assert_int_equal(spike.recovery, SPIKE_RECOVERED);
    recorder_free(recorder);
}

static void where_nothing_streams_e2e_is_what_recovers(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    for (uint64_t due_ns = STARTED; due_ns < LOAD_END; due_ns += EVERY) {
        const bool slow = due_ns >= MS(15000) && due_ns < SPIKE_END + MS(1000);
        struct sample sample = good_body();

        sample.due_ns = due_ns;
        sample.sent_ns = due_ns;
        sample.end_ns = due_ns + (slow ? MS(2000) : MS(100));
        add(recorder,
            due_ns < MS(15000)   ? "calm"
            : due_ns < SPIKE_END ? "rush"
                                 : "after",
            sample);
    }
    assert_int_equal(view(recorder).metric, METRIC_E2E);
    assert_false(view(recorder).before.ttft_p95.known);
    assert_recovered_after(recorder, MS(900));
    recorder_free(recorder);
}

static void a_spike_without_neighbours_has_its_own_figures_only(void **state)
{
    const struct plan alone = {.max_series = 100, .phases = &phases[1], .phase_count = 1};
    struct recorder *recorder = make(&alone);
    struct spike_view spike;

    (void)state;
    add_streams(recorder, "rush", STARTED, MS(15000), MS(100));
    spike = view(recorder);
    assert_null(spike.before.phase);
    assert_true(isnan(spike.before.error_rate));
    assert_null(spike.after.phase);
    assert_int_equal(spike.during.requests, 200);
    assert_int_equal(spike.recovery, SPIKE_UNKNOWN);
    recorder_free(recorder);
}

static void a_plan_without_spikes_has_none(void **state)
{
    const struct plan calm = {.max_series = 100, .phases = phases, .phase_count = 1};
    struct recorder *recorder = make(&calm);

    (void)state;
    assert_int_equal(spike_count(recorder), 0);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_has_the_figures_of_its_phase),
        cmocka_unit_test(recovery_counts_from_the_end_of_the_spike),
        cmocka_unit_test(what_was_never_worse_recovered_at_once),
        cmocka_unit_test(what_stays_above_the_limit_does_not_recover),
        cmocka_unit_test(the_order_in_which_answers_end_does_not_matter),
        cmocka_unit_test(refusals_are_no_recovery_however_fast_they_come),
        cmocka_unit_test(a_cancelled_request_counts_by_how_long_it_waited),
        cmocka_unit_test(few_requests_take_longer_than_the_window),
        cmocka_unit_test(too_few_requests_after_it_tell_nothing),
        cmocka_unit_test(a_load_that_ended_at_the_spike_tells_nothing),
        cmocka_unit_test(where_nothing_streams_e2e_is_what_recovers),
        cmocka_unit_test(a_spike_without_neighbours_has_its_own_figures_only),
        cmocka_unit_test(a_plan_without_spikes_has_none),
    };

    return cmocka_run_group_tests_name("spike", tests, NULL, NULL);
}
