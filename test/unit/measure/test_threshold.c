#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "expr/threshold.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"

#define START_NS (100 * NS_PER_S)

static const struct plan no_selectors = {.max_series = 100};

/* 100 requests of 10 s: every fifth fails with a 500; request i has its first output after i ms. */
static struct recorder *make_run(const struct plan *plan)
{
    const struct recorder_options options = {.plan = plan,
                                             .started_ns = START_NS,
                                             .window_start_ns = START_NS,
                                             .window_end_ns = START_NS + 10 * NS_PER_S,
                                             .interval_ns = NS_PER_S};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (uint64_t i = 1; i <= 100; i++) {
        const bool fails = i % 5 == 0;
        const struct label set[] = {{"model", i % 2 ? "odd" : "even"},
                                    {"step", fails ? "failing" : "working"},
                                    {"tier", i <= 50 ? "gold" : "tin"}};
        const uint64_t sent_ns = START_NS + i * NS_PER_MS;
        struct sample sample = {.outcome = fails ? OUTCOME_HTTP_5XX : OUTCOME_OK,
                                .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
                                .due_ns = sent_ns,
                                .sent_ns = sent_ns,
                                .wire_ns = sent_ns,
                                .end_ns = sent_ns + 200 * NS_PER_MS,
                                .prompt_tokens = i <= 10 ? 1000 : 10,
                                .cost_pusd = 1000000000};

        assert_int_equal(
            labels_intern(recorder_labels(recorder), set, COUNT_OF(set), &sample.labels),
            0);
        if (!fails) {
            sample.first_output_ns = sent_ns + i * NS_PER_MS;
            sample.last_output_ns = sample.first_output_ns + 90 * NS_PER_MS;
            sample.chunks = 10;
            sample.completion_tokens = 10;
        }
        recorder_started(recorder, sent_ns, sample.labels, true);
        recorder_sample(recorder, &sample);
    }
    return recorder;
}

static struct threshold_judgement judge_sampled(const char *metric, const char *selector,
                                                const char *expression,
                                                uint64_t min_samples)
{
    const struct plan_threshold threshold = {.metric = metric,
                                             .selector = selector,
                                             .expression = expression,
                                             .min_samples = min_samples};
    const struct plan plan = {
        .max_series = 100, .thresholds = &threshold, .threshold_count = 1};
    struct recorder *recorder = make_run(&plan);
    const struct threshold_judgement judgement =
        threshold_judge(&threshold, recorder, START_NS + 60 * NS_PER_S, NULL);

    recorder_free(recorder);
    return judgement;
}

static struct threshold_judgement judge(const char *metric, const char *selector,
                                        const char *expression)
{
    return judge_sampled(metric, selector, expression, 0);
}

static void assert_near(double value, double expected)
{
    assert_true(value > expected * 0.98 - 1e-9 && value < expected * 1.02 + 1e-9);
}

static void latencies_are_judged_in_milliseconds(void **state)
{
    (void)state;
    const struct threshold_judgement median = judge("ttft", "", "p(40)<60ms");

    assert_true(median.passed);
    assert_int_equal(median.unit, THRESHOLD_UNIT_MS);
    assert_false(judge("ttft", "", "p(40)<20ms").passed);
    assert_near(judge("ttft", "", "min<2").value, 1);
    assert_near(judge("ttft", "", "count>0").value, 80);
}

/* A fifth never had an output: what lies above cannot be told, and is not good. */
static void a_percentile_among_the_censored_fails_every_upper_limit(void **state)
{
    (void)state;
    const struct threshold_judgement judgement = judge("ttft", "", "p(95)<10s");

    assert_true(judgement.known);
    assert_true(judgement.above);
    assert_false(judgement.passed);
    assert_false(judge("ttft", "", "max<10s").passed);
}

/* The mean of 80 observed (49.x ms) and 20 that waited for 200 ms is at least their mean. */
static void a_mean_over_the_censored_fails_every_upper_limit(void **state)
{
    (void)state;
    const struct threshold_judgement mean = judge("ttft", "", "avg<10s");

    assert_true(mean.known && mean.above && !mean.passed);
    assert_near(mean.value, 80);
    assert_true(judge("ttft", "", "value<10s").above);
    assert_true(judge("ttft", "", "avg>70ms").passed);
    /* The least is the least, whatever the others would have been. */
    assert_true(judge("ttft", "", "min<2ms").passed);
}

static void where_every_attempt_failed_nothing_is_ever_good_enough(void **state)
{
    static const char *const limits[] = {"avg<10s", "value<10s", "min<10s",
                                         "max<10s", "med<10s",   "p(95)<10s"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        const struct threshold_judgement judgement =
            judge("ttft", "step:failing", limits[i]);

        assert_true(judgement.known && judgement.above && !judgement.passed);
        assert_near(judgement.value, 200);
    }
}

static void rates_counts_and_money_are_judged(void **state)
{
    (void)state;
    assert_near(judge("error_rate", "", "rate<50%").value, 0.2);
    assert_true(judge("error_rate", "", "rate<=20%").passed);
    assert_false(judge("error_rate", "", "rate<20%").passed);
    assert_near(judge("success_rate", "", "rate>0").value, 0.8);
    assert_near(judge("requests", "", "count>0").value, 100);
    assert_near(judge("requests", "", "rate>0").value, 10); /* of a window of 10 s */
    assert_near(judge("requests_per_second", "", "value>0").value, 10);
    assert_near(judge("output_tokens_per_second", "", "value>0").value, 80);
    assert_near(judge("cost_usd", "", "value<1 USD").value, 0.1);
}

static double value_of(const struct recorder *recorder, const char *metric,
                       const char *expression)
{
    const struct plan_threshold threshold = {
        .metric = metric, .selector = "", .expression = expression};

    return threshold_judge(&threshold, recorder, START_NS + 10 * NS_PER_S, NULL).value;
}

/* Ten operations with SLOs and one without in ten seconds; step and phase select among them. */
static void goodput_is_judged_by_operations_that_had_slos(void **state)
{
    static const struct plan_threshold thresholds[] = {
        {.metric = "slo_met", .selector = "step:fast", .expression = "rate>=80%"},
        {.metric = "slo_met", .selector = "step:bare", .expression = "rate>0"},
    };
    const struct plan plan = {
        .max_series = 100, .thresholds = thresholds, .threshold_count = 2};
    const struct recorder_options options = {.plan = &plan,
                                             .started_ns = START_NS,
                                             .window_start_ns = START_NS,
                                             .window_end_ns = START_NS + 10 * NS_PER_S,
                                             .interval_ns = NS_PER_S};
    struct recorder *recorder = NULL;
    struct threshold_judgement judged;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (uint64_t i = 0; i < 11; i++) {
        const struct label set[] = {{"step", i < 5 ? "fast" : i < 10 ? "slow" : "bare"}};
        struct operation operation = {.in_window = true,
                                      .slo = {.judged = i < 10, .met = i < 4 || i == 9}};

        assert_int_equal(
            labels_intern(recorder_labels(recorder), set, 1, &operation.labels), 0);
        recorder_operation(recorder, &operation);
    }
    assert_near(value_of(recorder, "goodput", "value>0"), 0.5);
    assert_near(value_of(recorder, "slo_met", "rate>0"), 0.5);
    judged = threshold_judge(&thresholds[0], recorder, START_NS + 10 * NS_PER_S, NULL);
    assert_true(judged.passed);
    assert_near(judged.value, 0.8);
    assert_int_equal(judged.samples, 5);
    judged = threshold_judge(&thresholds[1], recorder, START_NS + 10 * NS_PER_S, NULL);
    assert_false(judged.known || judged.passed);
    recorder_free(recorder);
}

/* Six answers, two failures of which one is tried again with success, four people who left. */
static void who_left_and_what_was_tried_again_is_judged(void **state)
{
    static const enum outcome outcomes[] = {
        OUTCOME_OK,        OUTCOME_OK,        OUTCOME_OK,        OUTCOME_OK,
        OUTCOME_OK,        OUTCOME_OK,        OUTCOME_RESET,     OUTCOME_RESET,
        OUTCOME_ABANDONED, OUTCOME_ABANDONED, OUTCOME_ABANDONED, OUTCOME_ABANDONED};
    const struct recorder_options options = {.plan = &no_selectors,
                                             .started_ns = START_NS,
                                             .window_start_ns = START_NS,
                                             .window_end_ns = START_NS + 10 * NS_PER_S,
                                             .interval_ns = NS_PER_S};
    struct recorder *recorder = NULL;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        const struct sample sample = {.outcome = outcomes[i],
                                      .attempt = i == 0,
                                      .retry_of = OUTCOME_RESET,
                                      .flags = SAMPLE_IN_WINDOW,
                                      .due_ns = START_NS + 1,
                                      .sent_ns = START_NS + 1,
                                      .end_ns = START_NS + 2};
        const struct operation operation = {.failed = i == 7, .in_window = true};

        recorder_started(recorder, START_NS + 1, 0, true);
        recorder_sample(recorder, &sample);
        if (i != 6)
            recorder_operation(recorder, &operation);
    }
    assert_near(value_of(recorder, "error_rate", "rate<1"), 0.25);
    assert_near(value_of(recorder, "abandonment_rate", "rate<1"), 4.0 / 12);
    assert_near(value_of(recorder, "retries", "count<1"), 1);
    assert_near(value_of(recorder, "retries", "rate<1"), 0.1);
    assert_near(value_of(recorder, "operations", "count>1"), 11);
    assert_near(value_of(recorder, "operation_failed", "rate<1"), 1.0 / 11);
    recorder_free(recorder);
}

static void a_stream_s_tokens_per_second_are_the_inverse_of_tpot(void **state)
{
    (void)state;
    const struct threshold_judgement judgement = judge("tps", "", "avg>40");

    assert_true(judgement.passed);
    assert_int_equal(judgement.unit, THRESHOLD_UNIT_PER_S);
    assert_near(judgement.value, 100); /* 90 ms for 9 tokens */
}

/* One answer at 10 and one at 100 tokens per second: their mean, not the inverse of the mean. */
static void the_mean_rate_is_over_requests(void **state)
{
    const struct recorder_options options = {
        .plan = &no_selectors, .window_end_ns = NS_PER_S, .interval_ns = NS_PER_S};
    const struct plan_threshold threshold = {
        .metric = "tps", .selector = "", .expression = "avg>50"};
    struct recorder *recorder = NULL;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (uint64_t tpot_ms = 10; tpot_ms <= 100; tpot_ms *= 10) {
        const struct sample sample = {
            .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
            .first_output_ns = NS_PER_MS,
            .last_output_ns = NS_PER_MS * (1 + tpot_ms),
            .end_ns = NS_PER_S,
            .chunks = 2,
            .completion_tokens = 2,
        };

        recorder_started(recorder, 0, 0, true);
        recorder_sample(recorder, &sample);
    }
    const struct threshold_judgement judgement =
        threshold_judge(&threshold, recorder, NS_PER_S, NULL);

    assert_true(judgement.passed);
    assert_near(judgement.value, 55);
    recorder_free(recorder);
}

static void a_selector_names_one_value_of_a_dimension(void **state)
{
    (void)state;
    assert_near(judge("requests", "model:even", "count>0").value, 50);
    assert_near(judge("requests", "model=odd", "count>0").value, 50);
    assert_near(judge("error_rate", "model:even", "rate<1").value, 0.2);
}

static void several_labels_select_what_has_all_of_them(void **state)
{
    (void)state;
    assert_near(judge("requests", "model:even,step:failing", "count>0").value, 10);
    assert_near(judge("error_rate", "step:failing, model=odd", "rate<1").value, 1);
    /* Any label does, not only those that results are told by. */
    assert_near(judge("requests", "tier:gold", "count>0").value, 50);
    assert_near(judge("ttft", "tier:gold,model:odd", "count>0").value, 20);
    assert_near(judge("requests", "tier:\"gold\",step:failing", "count>0").value, 10);
    assert_false(judge("requests", "tier:gold,model:none", "count>=0").known);
}

static void a_prompt_size_selects_beside_labels(void **state)
{
    (void)state;
    assert_near(judge("requests", "prompt_size:256-1023", "count>0").value, 10);
    assert_near(judge("requests", "prompt_size:256-1023,model:odd", "count>0").value, 5);
    assert_false(judge("requests", "prompt_size:65536+", "count>=0").known);
}

static void gaps_and_operations_count_in_what_a_threshold_selects(void **state)
{
    const struct plan_threshold thresholds[] = {
        {.metric = "icl", .selector = "model:m,phase:p", .expression = "avg<1s"},
        {.metric = "operation_duration", .selector = "model:m", .expression = "max<1s"},
        {.metric = "icl", .selector = "model:other", .expression = "avg<1s"}};
    const struct plan plan = {
        .max_series = 2, .thresholds = thresholds, .threshold_count = 3};
    const struct recorder_options options = {
        .plan = &plan, .window_end_ns = NS_PER_S, .interval_ns = NS_PER_S};
    const struct label set[] = {{"model", "m"}, {"phase", "p"}};
    const struct label more[] = {{"model", "n"}};
    struct operation operation = {.in_window = true, .end_ns = 30 * NS_PER_MS};
    struct recorder *recorder = NULL;
    uint32_t beyond = 1;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    assert_int_equal(labels_intern(recorder_labels(recorder), set, 2, &operation.labels),
                     0);
    assert_int_equal(labels_intern(recorder_labels(recorder), more, 1, &beyond), 0);
    assert_int_equal(beyond, LABELS_OTHER);
    recorder_gap(recorder, operation.labels, true, 10 * NS_PER_MS);
    recorder_gap(recorder, operation.labels, false, 90 * NS_PER_MS); /* warm-up */
    recorder_gap(recorder, beyond, true, 50 * NS_PER_MS);
    recorder_operation(recorder, &operation);
    assert_near(threshold_judge(&thresholds[0], recorder, NS_PER_S, NULL).value, 10);
    assert_near(threshold_judge(&thresholds[1], recorder, NS_PER_S, NULL).value, 30);
    assert_near(threshold_judge(&thresholds[2], recorder, NS_PER_S, NULL).value, 50);
    recorder_free(recorder);
}

static void fewer_samples_than_asked_for_are_no_data(void **state)
{
    (void)state;
    assert_true(
        judge_sampled("ttft", "", "p(50)<1s", 100).passed); /* 80 and 20 without */
    assert_true(judge_sampled("error_rate", "", "rate<50%", 100).passed);
    const struct threshold_judgement few =
        judge_sampled("error_rate", "model:odd", "rate<50%", 51);

    assert_true(few.few && !few.known && !few.passed);
    assert_int_equal(few.samples, 50);
    assert_false(judge_sampled("ttft", "", "p(50)<1s", 101).passed);
}

/* Timeouts and broken answers take from availability; a refusal that was said does not. */
static void availability_is_the_share_of_requests_that_were_answered(void **state)
{
    static const enum outcome ends[] = {
        OUTCOME_OK,        OUTCOME_DEGRADED,      OUTCOME_RATE_LIMITED, OUTCOME_HTTP_4XX,
        OUTCOME_HTTP_5XX,  OUTCOME_IDLE_TIMEOUT,  OUTCOME_CONNECT,      OUTCOME_TRUNCATED,
        OUTCOME_CANCELLED, OUTCOME_LOCAL_RESOURCE};
    const struct recorder_options options = {
        .plan = &no_selectors, .window_end_ns = NS_PER_S, .interval_ns = NS_PER_S};
    const struct plan_threshold threshold = {
        .metric = "availability", .selector = "", .expression = "rate>=50%"};
    struct recorder *recorder = NULL;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        const struct sample sample = {
            .outcome = ends[i], .flags = SAMPLE_IN_WINDOW, .end_ns = 1};

        recorder_started(recorder, 0, 0, true);
        recorder_sample(recorder, &sample);
    }
    const struct threshold_judgement judgement =
        threshold_judge(&threshold, recorder, NS_PER_S, NULL);

    assert_near(judgement.value, 0.5);
    assert_true(judgement.passed);
    assert_int_equal(judgement.unit, THRESHOLD_UNIT_FRACTION);
    recorder_free(recorder);
}

/* Two digits would make 1000 ms 1007.6. */
static void what_a_threshold_selects_is_kept_as_fine_as_the_total(void **state)
{
    const struct plan_threshold threshold = {
        .metric = "ttft", .selector = "model=m", .expression = "p(50)<1002ms"};
    const struct plan named = {
        .max_series = 10, .thresholds = &threshold, .threshold_count = 1};
    const struct recorder_options options = {
        .plan = &named, .window_end_ns = NS_PER_S, .interval_ns = NS_PER_S};
    const struct label label = {"model", "m"};
    struct recorder *recorder = NULL;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (uint32_t i = 0; i < 20; i++) {
        struct sample sample = {
            .flags = SAMPLE_STREAMED | (i % 2 ? (uint32_t)SAMPLE_IN_WINDOW : 0),
            .first_output_ns = (i < 14 ? 1000 : 1100) * NS_PER_MS,
            .last_output_ns = 1200 * NS_PER_MS,
            .end_ns = 1200 * NS_PER_MS,
        };

        assert_int_equal(
            labels_intern(recorder_labels(recorder), &label, 1, &sample.labels), 0);
        recorder_started(recorder, 0, sample.labels, i % 2);
        recorder_sample(recorder, &sample);
    }
    const struct threshold_judgement judgement =
        threshold_judge(&threshold, recorder, NS_PER_S, NULL);

    assert_true(judgement.passed && judgement.value > 999);
    recorder_free(recorder);
}

static void no_data_is_a_failure(void **state)
{
    (void)state;
    assert_false(judge("requests", "model:none", "count>=0").known);
    assert_false(judge("requests", "model:none", "count>=0").passed);
    assert_false(judge("ttfo", "", "p(50)<1h").passed);
    assert_false(judge("question_uniqueness", "", "value>=0").passed);
    assert_false(judge("ttft", "", "rate<1").passed);
}

static void a_metric_of_streams_is_ignored_where_nothing_streamed(void **state)
{
    static const struct plan_threshold of_streams[] = {
        {.metric = "ttft", .selector = "", .expression = "p(95)<2s"},
        {.metric = "tps", .selector = "", .expression = "avg>10"},
    };
    static const struct plan_threshold of_all = {
        .metric = "e2e", .selector = "", .expression = "max<1ms"};
    const struct recorder_options options = {
        .plan = &no_selectors, .window_end_ns = NS_PER_S, .interval_ns = NS_PER_S};
    const struct sample body = {.flags = SAMPLE_IN_WINDOW, .end_ns = 2 * NS_PER_MS};
    struct recorder *recorder = NULL;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    /* Before anything ended there is no knowing. */
    assert_false(threshold_judge(&of_streams[0], recorder, NS_PER_S, NULL).passed);
    recorder_started(recorder, 0, 0, true);
    recorder_sample(recorder, &body);
    for (size_t i = 0; i < COUNT_OF(of_streams); i++) {
        const struct threshold_judgement judgement =
            threshold_judge(&of_streams[i], recorder, NS_PER_S, NULL);

        assert_true(judgement.ignored && judgement.passed && !judgement.known);
    }
    assert_false(threshold_judge(&of_all, recorder, NS_PER_S, NULL).passed);
    recorder_free(recorder);
    /* Streams without reasoning could have had some. */
    assert_false(judge("ttfo", "", "p(50)<1h").ignored);
}

static void every_metric_has_a_name_of_its_own(void **state)
{
    struct threshold_metric one;
    struct threshold_metric other;

    (void)state;
    for (size_t i = 0; threshold_metric_at(i, &one); i++)
        for (size_t j = 0; j < i; j++) {
            assert_true(threshold_metric_at(j, &other));
            assert_string_not_equal(one.name, other.name);
        }
}

/* Gaps and all that is no attempt come when the prompt's size is not known: none is of a size. */
static void what_has_no_prompt_size_says_so(void **state)
{
    static const char *const names[] = {"icl",
                                        "operation_duration",
                                        "group_duration",
                                        "iteration_duration",
                                        "iterations",
                                        "arrival_wait",
                                        "dropped_iterations",
                                        "operations",
                                        "operation_failed",
                                        "checks",
                                        "goodput",
                                        "slo_met"};
    struct threshold_metric metric;
    size_t sizeless = 0;

    (void)state;
    for (size_t i = 0; threshold_metric_at(i, &metric); i++) {
        bool wanted = false;

        for (size_t j = 0; j < COUNT_OF(names); j++)
            wanted = wanted || strcmp(metric.name, names[j]) == 0;

        assert_int_equal(metric.sizeless, wanted);
        sizeless += metric.sizeless;
    }
    assert_int_equal(sizeless, COUNT_OF(names));
}

/* A whole run's judgement, and no data where nobody judged. */
static void trust_is_a_grade_of_which_at_least_something_can_be_asked(void **state)
{
    const struct trust trust = {.grade = TRUST_C};
    struct plan_threshold threshold = {
        .metric = "trust", .selector = "", .expression = "value>=B"};
    struct recorder *recorder = make_run(&no_selectors);
    struct threshold_judgement judgement =
        threshold_judge(&threshold, recorder, NS_PER_S, &trust);

    (void)state;
    assert_true(judgement.known);
    assert_false(judgement.passed);
    assert_int_equal(judgement.unit, THRESHOLD_UNIT_GRADE);
    assert_int_equal(threshold_grade(&judgement), TRUST_C);
    threshold.expression = "value>=C";
    assert_true(threshold_judge(&threshold, recorder, NS_PER_S, &trust).passed);
    judgement = threshold_judge(&threshold, recorder, NS_PER_S, NULL);
    assert_false(judgement.known);
    assert_false(judgement.passed);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_is_a_grade_of_which_at_least_something_can_be_asked),
        cmocka_unit_test(latencies_are_judged_in_milliseconds),
        cmocka_unit_test(a_percentile_among_the_censored_fails_every_upper_limit),
        cmocka_unit_test(a_mean_over_the_censored_fails_every_upper_limit),
        cmocka_unit_test(where_every_attempt_failed_nothing_is_ever_good_enough),
        cmocka_unit_test(rates_counts_and_money_are_judged),
        cmocka_unit_test(goodput_is_judged_by_operations_that_had_slos),
        cmocka_unit_test(who_left_and_what_was_tried_again_is_judged),
        cmocka_unit_test(a_stream_s_tokens_per_second_are_the_inverse_of_tpot),
        cmocka_unit_test(the_mean_rate_is_over_requests),
        cmocka_unit_test(a_selector_names_one_value_of_a_dimension),
        cmocka_unit_test(what_a_threshold_selects_is_kept_as_fine_as_the_total),
        cmocka_unit_test(several_labels_select_what_has_all_of_them),
        cmocka_unit_test(a_prompt_size_selects_beside_labels),
        cmocka_unit_test(gaps_and_operations_count_in_what_a_threshold_selects),
        cmocka_unit_test(fewer_samples_than_asked_for_are_no_data),
        cmocka_unit_test(availability_is_the_share_of_requests_that_were_answered),
        cmocka_unit_test(no_data_is_a_failure),
        cmocka_unit_test(a_metric_of_streams_is_ignored_where_nothing_streamed),
        cmocka_unit_test(every_metric_has_a_name_of_its_own),
        cmocka_unit_test(what_has_no_prompt_size_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
