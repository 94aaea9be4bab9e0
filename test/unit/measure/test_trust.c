#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/trust.h"
#include "plan/plan.h"

#define US(us) ((uint64_t)(us) * NS_PER_US)
#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)
#define START_NS (100 * NS_PER_S)
#define WINDOW_NS (10 * NS_PER_S)
#define REQUESTS 200
#define CHUNKS 5

static const struct plan plan = {.max_series = 100};

/* What all requests of a made run have in common. */
struct shape {
    uint64_t lag_ns;
    uint64_t send_delay_ns;
    uint64_t ttft_ns; /* 100 ms where 0 */
    uint64_t gap_ns;  /* 20 ms where 0 */
    uint64_t ttft_width_ns;
    uint64_t end_width_ns; /* of answers in one piece */
    uint64_t wide;         /* requests with that width; all where 0 */
    uint64_t gap_width_ns; /* of one gap in each request */
    uint64_t unsure;       /* chunks in all, of the first requests */
    uint64_t unstamped;    /* likewise */
    uint64_t requests;     /* REQUESTS where 0 */
    uint64_t stall_ns;
    uint64_t throttled_ns; /* of 100 s */
    uint64_t dropped;
    uint64_t cpu_wait_ns;
    size_t broken;
    uint32_t flags; /* more of them */
    bool body;      /* not streamed */
    bool at_once;   /* all due at the same moment */
    bool connects;  /* each on a new connection */
};

static uint64_t or_else(uint64_t value, uint64_t otherwise)
{
    return value ? value : otherwise;
}

static uint32_t take(uint64_t *left, uint64_t most)
{
    const uint64_t taken = *left < most ? *left : most;

    *left -= taken;
    return (uint32_t)taken;
}

static struct sample sample_of(const struct shape *shape, uint64_t i)
{
    const uint64_t due_ns = START_NS + (shape->at_once ? 0 : i * MS(20));
    const uint64_t sent_ns = due_ns + shape->lag_ns;
    const uint64_t first_ns = sent_ns + or_else(shape->ttft_ns, MS(100));
    struct sample sample = {
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_IN_WINDOW | shape->flags |
                 (shape->connects ? 0 : (uint32_t)SAMPLE_REUSED),
        .due_ns = due_ns,
        .sent_ns = sent_ns,
        .wire_ns = sent_ns + shape->send_delay_ns,
        .end_ns = first_ns,
        .end_width_ns = i < or_else(shape->wide, UINT64_MAX) ? shape->end_width_ns : 0,
    };

    if (shape->body)
        return sample;
    sample.flags |= SAMPLE_STREAMED;
    sample.first_output_ns = first_ns;
    sample.last_output_ns = first_ns + MS(80);
    sample.end_ns = sample.last_output_ns;
    sample.chunks = CHUNKS;
    sample.ttft_width_ns =
        i < or_else(shape->wide, UINT64_MAX) ? shape->ttft_width_ns : 0;
    return sample;
}

static void fill(struct recorder *recorder, const struct shape *shape)
{
    uint64_t unsure = shape->unsure;
    uint64_t unstamped = shape->unstamped;

    for (uint64_t i = 0; i < or_else(shape->requests, REQUESTS); i++) {
        struct sample sample = sample_of(shape, i);

        sample.unsure_chunks = take(&unsure, sample.chunks);
        sample.unstamped_chunks = take(&unstamped, sample.chunks);
        recorder_due(recorder, true, sample.due_ns);
        recorder_started(recorder, sample.sent_ns, 0, true);
        for (uint32_t gap = 1; gap < sample.chunks; gap++)
            recorder_gap(recorder, 0, true, or_else(shape->gap_ns, MS(20)));
        if (shape->gap_width_ns)
            recorder_gap_width(recorder, true, shape->gap_width_ns);
        recorder_sample(recorder, &sample);
    }
    if (shape->stall_ns)
        recorder_stall(recorder, START_NS + NS_PER_S,
                       START_NS + NS_PER_S + shape->stall_ns);
}

static struct recorder *make(void)
{
    const struct recorder_options options = {.plan = &plan,
                                             .started_ns = START_NS,
                                             .window_start_ns = START_NS,
                                             .window_end_ns = START_NS + WINDOW_NS,
                                             .interval_ns = NS_PER_S};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

static struct trust judge(struct shape shape)
{
    const struct trust_inputs inputs = {
        .elapsed_ns = 100 * NS_PER_S,
        .throttled_ns = shape.throttled_ns,
        .cpu_wait_ns = shape.cpu_wait_ns,
        .load_end_ns = START_NS + WINDOW_NS,
        .samples_dropped = shape.dropped,
        .broken_checks = shape.broken,
    };
    struct recorder *recorder = make();
    struct trust trust;

    fill(recorder, &shape);
    trust_of(recorder, &inputs, &trust);
    recorder_free(recorder);
    return trust;
}

/* Each run has one thing that is not as it should be, and the grade is for that alone. */
struct expectation {
    struct shape shape;
    enum trust_grade grade;
};

static void expect(const struct expectation *cases, size_t count, enum trust_rule rule)
{
    for (size_t i = 0; i < count; i++) {
        const struct trust trust = judge(cases[i].shape);

        if (trust.grade != cases[i].grade)
            fail_msg("%s: case %zu: %c instead of %c: %s", trust_rule_name(rule), i,
                     trust_letter(trust.grade), trust_letter(cases[i].grade),
                     trust.reason_count ? trust.reasons[0].sentence : "no reason");
        assert_int_equal(trust.reason_count, trust.grade == TRUST_A ? 0 : 1);
        if (trust.reason_count == 0)
            continue;
        assert_int_equal(trust.reasons[0].rule, rule);
        assert_int_equal(trust.reasons[0].grade, trust.grade);
        assert_true(strlen(trust.reasons[0].sentence) <
                    sizeof(trust.reasons[0].sentence) - 1);
    }
}

#define EXPECT(cases, rule) expect(cases, COUNT_OF(cases), rule)

static void a_calm_run_is_an_a_without_reasons(void **state)
{
    const struct trust trust = judge((struct shape){.lag_ns = US(300)});

    (void)state;
    assert_int_equal(trust.grade, TRUST_A);
    assert_int_equal(trust.reason_count, 0);
}

static void schedule_lag_is_graded_by_its_p99(void **state)
{
    static const struct expectation cases[] = {
        {{.lag_ns = MS(1)}, TRUST_A},   {{.lag_ns = MS(1) + US(1)}, TRUST_B},
        {{.lag_ns = MS(10)}, TRUST_B},  {{.lag_ns = MS(10) + US(1)}, TRUST_C},
        {{.lag_ns = MS(50)}, TRUST_C},  {{.lag_ns = MS(50) + US(1)}, TRUST_D},
        {{.lag_ns = MS(200)}, TRUST_D}, {{.lag_ns = MS(200) + US(1)}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_SCHEDULE_LAG);
}

static void send_delay_is_graded_over_the_median_of_ttft(void **state)
{
    static const struct expectation cases[] = {
        {{.send_delay_ns = MS(1)}, TRUST_A},
        {{.send_delay_ns = MS(1) + US(1)}, TRUST_B},
        {{.send_delay_ns = MS(5)}, TRUST_B},
        {{.send_delay_ns = MS(5) + US(1)}, TRUST_C},
        {{.send_delay_ns = MS(10)}, TRUST_C},
        {{.send_delay_ns = MS(10) + US(1)}, TRUST_D},
        {{.send_delay_ns = MS(25)}, TRUST_D},
        {{.send_delay_ns = MS(25) + US(1)}, TRUST_F},
        {{.send_delay_ns = MS(25), .ttft_ns = MS(2500)}, TRUST_A},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_SEND_DELAY);
}

static void
where_nothing_streams_send_delay_is_graded_over_the_median_of_e2e(void **state)
{
    static const struct expectation cases[] = {
        {{.send_delay_ns = MS(5), .body = true}, TRUST_B},
        {{.send_delay_ns = MS(5) + US(1), .body = true}, TRUST_C},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_SEND_DELAY);
}

static void the_unresolved_width_is_graded_over_the_median_of_ttft(void **state)
{
    static const struct expectation cases[] = {
        {{.ttft_width_ns = MS(1)}, TRUST_A},
        {{.ttft_width_ns = MS(1) + US(1)}, TRUST_B},
        {{.ttft_width_ns = MS(5)}, TRUST_B},
        {{.ttft_width_ns = MS(5) + US(1)}, TRUST_C},
        {{.ttft_width_ns = MS(10)}, TRUST_C},
        {{.ttft_width_ns = MS(10) + US(1)}, TRUST_D},
        {{.ttft_width_ns = MS(25)}, TRUST_D},
        {{.ttft_width_ns = MS(25) + US(1)}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_TTFT_WIDTH);
}

static void the_width_of_an_unstamped_end_is_graded_over_the_median_of_e2e(void **state)
{
    static const struct expectation cases[] = {
        {{.end_width_ns = MS(1), .body = true}, TRUST_A},
        {{.end_width_ns = MS(1) + US(1), .body = true}, TRUST_B},
        {{.end_width_ns = MS(5) + US(1), .body = true}, TRUST_C},
        {{.end_width_ns = MS(10) + US(1), .body = true}, TRUST_D},
        {{.end_width_ns = MS(25) + US(1), .body = true}, TRUST_F},
        {{.end_width_ns = US(999), .ttft_ns = MS(2), .body = true}, TRUST_A},
        {{.end_width_ns = MS(80), .wide = 2, .body = true}, TRUST_A}, /* of 200 */
        {{.end_width_ns = MS(80), .wide = 3, .body = true}, TRUST_F},
        {{.end_width_ns = MS(80), .body = true, .flags = SAMPLE_SLOW_READER}, TRUST_A},
        {{.end_width_ns = MS(80)}, TRUST_A}, /* a stream's end is no output */
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_E2E_WIDTH);
}

static void requests_whose_ttft_is_exact_count_in_the_p99_of_the_width(void **state)
{
    static const struct expectation cases[] = {
        {{.ttft_width_ns = MS(80), .wide = 2},
         TRUST_A}, /* of 200: the p99 has none of it */
        {{.ttft_width_ns = MS(80), .wide = 3}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_TTFT_WIDTH);
}

static void a_bound_below_a_millisecond_is_always_an_a(void **state)
{
    static const struct expectation fast[] = {
        {{.ttft_width_ns = US(999), .ttft_ns = MS(2)}, TRUST_A},
        {{.ttft_width_ns = MS(1), .ttft_ns = MS(2)}, TRUST_F},
    };

    (void)state;
    EXPECT(fast, TRUST_RULE_TTFT_WIDTH);
}

static void the_width_of_unstamped_gaps_is_graded_over_the_median_of_icl(void **state)
{
    static const struct expectation cases[] = {
        {{.gap_width_ns = MS(2), .gap_ns = MS(200)}, TRUST_A},
        {{.gap_width_ns = MS(1), .gap_ns = MS(20)}, TRUST_B},
        {{.gap_width_ns = MS(2), .gap_ns = MS(20)}, TRUST_C},
        {{.gap_width_ns = MS(5), .gap_ns = MS(20)}, TRUST_D},
        {{.gap_width_ns = MS(5) + US(1), .gap_ns = MS(20)}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_ICL_WIDTH);
}

static void the_share_of_chunks_whose_arrival_is_unknown_is_graded(void **state)
{
    static const struct expectation cases[] = {
        {{.unsure = 10}, TRUST_A},  {{.unsure = 11}, TRUST_B},
        {{.unsure = 50}, TRUST_B},  {{.unsure = 51}, TRUST_C},
        {{.unsure = 150}, TRUST_C}, {{.unsure = 151}, TRUST_D},
        {{.unsure = 400}, TRUST_D}, {{.unsure = 401}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_CHUNKS);
}

static void the_time_that_the_loop_stood_still_is_graded(void **state)
{
    static const struct expectation cases[] = {
        {{.stall_ns = MS(10)}, TRUST_A},   {{.stall_ns = MS(10) + 1}, TRUST_B},
        {{.stall_ns = MS(100)}, TRUST_B},  {{.stall_ns = MS(100) + 1}, TRUST_C},
        {{.stall_ns = MS(500)}, TRUST_C},  {{.stall_ns = MS(500) + 1}, TRUST_D},
        {{.stall_ns = MS(2000)}, TRUST_D}, {{.stall_ns = MS(2000) + 1}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_STALLS);
}

static void throttled_time_is_graded(void **state)
{
    static const struct expectation cases[] = {
        {{.throttled_ns = MS(100)}, TRUST_A},
        {{.throttled_ns = MS(100) + 1}, TRUST_B},
        {{.throttled_ns = MS(1000)}, TRUST_B},
        {{.throttled_ns = MS(1000) + 1}, TRUST_C},
        {{.throttled_ns = MS(5000)}, TRUST_C},
        {{.throttled_ns = MS(5000) + 1}, TRUST_D},
        {{.throttled_ns = MS(20000)}, TRUST_D},
        {{.throttled_ns = MS(20000) + 1}, TRUST_F},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_THROTTLED);
}

static void a_dropped_sample_and_a_broken_check_are_an_f(void **state)
{
    static const struct expectation dropped[] = {{{.dropped = 1}, TRUST_F}};
    static const struct expectation broken[] = {{{.broken = 1}, TRUST_F}};

    (void)state;
    EXPECT(dropped, TRUST_RULE_DROPPED);
    EXPECT(broken, TRUST_RULE_CHECKS);
}

static void where_nothing_was_measured_there_is_nothing_to_trust(void **state)
{
    struct trust_inputs inputs = {.load_end_ns = START_NS + WINDOW_NS};
    struct recorder *recorder = make();
    struct trust trust;

    (void)state;
    trust_of(recorder, &inputs, &trust);
    assert_int_equal(trust.grade, TRUST_A); /* it may be that nothing has ended yet */
    inputs.is_over = true;
    trust_of(recorder, &inputs, &trust);
    recorder_free(recorder);
    assert_int_equal(trust.grade, TRUST_F);
    assert_int_equal(trust.reason_count, 1);
    assert_int_equal(trust.reasons[0].rule, TRUST_RULE_NOTHING);
}

static void deliberately_slow_readers_are_left_out(void **state)
{
    static const struct expectation cases[] = {
        {{.unsure = 1000, .ttft_width_ns = MS(90), .flags = SAMPLE_SLOW_READER}, TRUST_A},
    };

    (void)state;
    EXPECT(cases, TRUST_RULE_CHUNKS);
}

static void few_requests_are_judged_by_the_worst_of_them(void **state)
{
    static const struct expectation cases[] = {
        {{.lag_ns = MS(300), .requests = 1}, TRUST_F}};

    (void)state;
    EXPECT(cases, TRUST_RULE_SCHEDULE_LAG);
}

static void the_grade_is_the_worst_of_all_and_reasons_begin_with_it(void **state)
{
    const struct trust trust =
        judge((struct shape){.lag_ns = MS(5), .unsure = 500, .throttled_ns = MS(3000)});

    (void)state;
    assert_int_equal(trust.grade, TRUST_F);
    assert_int_equal(trust.reason_count, 3);
    assert_int_equal(trust.reasons[0].rule, TRUST_RULE_CHUNKS);
    assert_int_equal(trust.reasons[0].grade, TRUST_F);
    assert_int_equal(trust.reasons[1].rule, TRUST_RULE_THROTTLED);
    assert_int_equal(trust.reasons[1].grade, TRUST_C);
    assert_int_equal(trust.reasons[2].rule, TRUST_RULE_SCHEDULE_LAG);
    assert_int_equal(trust.reasons[2].grade, TRUST_B);
}

static void assert_says(const struct trust *trust, const char *words)
{
    if (!strstr(trust->reasons[0].sentence, words))
        fail_msg("'%s' is not in: %s", words, trust->reasons[0].sentence);
}

static void many_that_are_due_at_once_are_named_as_the_cause(void **state)
{
    const struct trust together =
        judge((struct shape){.lag_ns = MS(120), .at_once = true, .connects = true});
    const struct trust spread = judge((struct shape){.lag_ns = MS(120)});

    (void)state;
    assert_says(&together, "120 ms late (p99)");
    assert_says(&together, "up to 200 were due within 10 ms");
    assert_says(&together, "200 of 200 needed a new connection");
    assert_null(strstr(spread.reasons[0].sentence, "due within"));
    assert_says(&spread, "late (p99): give throng a CPU of its own");
}

static void a_cpu_that_others_had_is_told_where_it_is_notable(void **state)
{
    const struct trust waited =
        judge((struct shape){.lag_ns = MS(30), .cpu_wait_ns = MS(12300)});
    const struct trust had_it =
        judge((struct shape){.lag_ns = MS(30), .cpu_wait_ns = MS(999)});

    (void)state;
    assert_says(&waited, "it waited 12.3 s for a CPU that others had");
    assert_null(strstr(had_it.reasons[0].sentence, "CPU that others had"));
}

static void a_kernel_without_stamps_is_told_from_a_client_that_was_late(void **state)
{
    const struct trust unstamped =
        judge((struct shape){.unsure = 1000, .unstamped = 1000});
    const struct trust late = judge((struct shape){.unsure = 500, .unstamped = 500});

    (void)state;
    assert_says(&unstamped, "Of 100% of the chunks the kernel did not tell");
    assert_says(&unstamped, "without --no-kernel-stamps");
    assert_says(&late, "50% of the chunks have no certain arrival");
    assert_says(&late, "give throng a CPU of its own");
}

static void a_stall_is_told_with_its_length(void **state)
{
    const struct trust trust = judge((struct shape){.stall_ns = MS(800)});

    (void)state;
    assert_says(&trust, "stood still 1 time, 800 ms at most, 8% of the measured window");
}

/* Half of it is in the window, and half before. */
static void of_a_stall_only_what_lies_in_the_window_counts(void **state)
{
    struct recorder *recorder = make();
    struct client_view client;

    (void)state;
    recorder_stall(recorder, START_NS - MS(500), START_NS + MS(500));
    recorder_stall(recorder, START_NS + WINDOW_NS, START_NS + WINDOW_NS + MS(500));
    recorder_client(recorder, START_NS + WINDOW_NS, &client);
    assert_int_equal(client.stalls.count, 1);
    assert_int_equal(client.stalls.total_ns, MS(500));
    assert_int_equal(client.stalls.longest_ns, MS(500));
    recorder_free(recorder);
}

static void the_most_that_were_due_at_once_are_found_in_any_order(void **state)
{
    struct recorder *recorder = make();
    struct client_view client;

    (void)state;
    for (uint64_t i = 0; i < 40; i++) {
        recorder_due(recorder, true, START_NS + MS(1));
        recorder_due(recorder, true, START_NS + MS(300) + i * MS(7));
        recorder_due(recorder, false, START_NS + MS(1));
    }
    recorder_client(recorder, START_NS + WINDOW_NS, &client);
    assert_int_equal(client.most_at_once, 40);
    recorder_free(recorder);
}

static void however_many_come_one_by_one_none_are_due_at_once(void **state)
{
    struct recorder *recorder = make();
    struct client_view client;

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        recorder_due(recorder, true, START_NS + i * MS(10));
    recorder_client(recorder, START_NS + WINDOW_NS, &client);
    assert_int_equal(client.most_at_once, 1);
    recorder_free(recorder);
}

static void grades_have_letters_and_letters_grades(void **state)
{
    enum trust_grade grade = TRUST_A;

    (void)state;
    for (enum trust_grade i = TRUST_A; i <= TRUST_F; i++) {
        const char letter[] = {trust_letter(i), '\0'};

        assert_int_equal(trust_grade_of(letter, &grade), 0);
        assert_int_equal(grade, i);
    }
    assert_int_equal(trust_grade_of("E", &grade), -EINVAL);
    assert_int_equal(trust_grade_of("AB", &grade), -EINVAL);
    assert_int_equal(trust_grade_of("", &grade), -EINVAL);
    assert_int_equal(grade, TRUST_F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calm_run_is_an_a_without_reasons),
        cmocka_unit_test(schedule_lag_is_graded_by_its_p99),
        cmocka_unit_test(send_delay_is_graded_over_the_median_of_ttft),
        cmocka_unit_test(
            where_nothing_streams_send_delay_is_graded_over_the_median_of_e2e),
        cmocka_unit_test(the_unresolved_width_is_graded_over_the_median_of_ttft),
        cmocka_unit_test(the_width_of_an_unstamped_end_is_graded_over_the_median_of_e2e),
        cmocka_unit_test(requests_whose_ttft_is_exact_count_in_the_p99_of_the_width),
        cmocka_unit_test(a_bound_below_a_millisecond_is_always_an_a),
        cmocka_unit_test(the_width_of_unstamped_gaps_is_graded_over_the_median_of_icl),
        cmocka_unit_test(the_share_of_chunks_whose_arrival_is_unknown_is_graded),
        cmocka_unit_test(the_time_that_the_loop_stood_still_is_graded),
        cmocka_unit_test(throttled_time_is_graded),
        cmocka_unit_test(a_dropped_sample_and_a_broken_check_are_an_f),
        cmocka_unit_test(where_nothing_was_measured_there_is_nothing_to_trust),
        cmocka_unit_test(deliberately_slow_readers_are_left_out),
        cmocka_unit_test(few_requests_are_judged_by_the_worst_of_them),
        cmocka_unit_test(the_grade_is_the_worst_of_all_and_reasons_begin_with_it),
        cmocka_unit_test(many_that_are_due_at_once_are_named_as_the_cause),
        cmocka_unit_test(a_cpu_that_others_had_is_told_where_it_is_notable),
        cmocka_unit_test(a_kernel_without_stamps_is_told_from_a_client_that_was_late),
        cmocka_unit_test(a_stall_is_told_with_its_length),
        cmocka_unit_test(of_a_stall_only_what_lies_in_the_window_counts),
        cmocka_unit_test(the_most_that_were_due_at_once_are_found_in_any_order),
        cmocka_unit_test(however_many_come_one_by_one_none_are_due_at_once),
        cmocka_unit_test(grades_have_letters_and_letters_grades),
    };

    return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
