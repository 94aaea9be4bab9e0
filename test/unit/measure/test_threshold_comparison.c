/* Thresholds that compare: with what a model could reach, and with another run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"

#define START_NS (100 * NS_PER_S)

static const struct plan no_selectors = {.max_series = 100};

/* 100 streams of two models; stream i has its first output after i ms, and 9 gaps of 10 ms. */
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
        const struct label set[] = {{"model", i % 2 ? "odd" : "even"},
                                    {"step", "working"}};
        const uint64_t sent_ns = START_NS + i * NS_PER_MS;
        struct sample sample = {.flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
                                .due_ns = sent_ns,
                                .sent_ns = sent_ns,
                                .wire_ns = sent_ns,
                                .first_output_ns = sent_ns + i * NS_PER_MS,
                                .last_output_ns = sent_ns + (i + 90) * NS_PER_MS,
                                .end_ns = sent_ns + 200 * NS_PER_MS,
                                .chunks = 10,
                                .completion_tokens = 10};

        assert_int_equal(
            labels_intern(recorder_labels(recorder), set, COUNT_OF(set), &sample.labels),
            0);
        recorder_started(recorder, sent_ns, sample.labels, true);
        recorder_sample(recorder, &sample);
    }
    return recorder;
}

static void assert_near(double value, double expected)
{
    assert_true(value > expected * 0.98 - 1e-9 && value < expected * 1.02 + 1e-9);
}

/* 10 tokens in 90 ms: 9 gaps of 10 ms, 100 tokens/s of the 400 that one model could reach. */
static void efficiency_is_what_streams_reached_of_what_they_could(void **state)
{
    static const struct plan_model models[] = {{.name = "odd", .theoretical_tps = 400},
                                               {.name = "even", .theoretical_tps = 100}};
    static const struct plan_threshold thresholds[] = {
        {.metric = "tps_efficiency",
         .selector = "model:odd,step:working",
         .expression = "rate>20%"},
        {.metric = "tps_efficiency", .selector = "model:even", .expression = "rate>99%"},
        {.metric = "tps_efficiency", .selector = "", .expression = "rate>1%"}};
    const struct plan plan = {.max_series = 100,
                              .models = models,
                              .model_count = 2,
                              .thresholds = thresholds,
                              .threshold_count = 3};
    struct recorder *recorder = make_run(&plan);
    struct threshold_judgement judged[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        judged[i] =
            threshold_judge(&thresholds[i], recorder, START_NS + 60 * NS_PER_S, NULL);
    recorder_free(recorder);
    assert_near(judged[0].value, 0.25);
    assert_true(judged[0].passed);
    assert_int_equal(judged[0].unit, THRESHOLD_UNIT_FRACTION);
    assert_near(judged[1].value, 1);
    /* The models differ: of both together nothing can be said. */
    assert_false(judged[2].known);
}

static void a_baseline_is_a_factor_of_another_runs_value(void **state)
{
    struct plan_threshold threshold = {.metric = "ttft",
                                       .selector = "",
                                       .expression = "p(40)<baseline*1.10",
                                       .baseline = {PLAN_BASELINE_KNOWN, 30}};
    struct recorder *recorder = make_run(&no_selectors);
    const uint64_t end_ns = START_NS + 60 * NS_PER_S;
    struct threshold_judgement judged;

    (void)state;
    judged = threshold_judge(&threshold, recorder, end_ns, NULL);
    assert_true(judged.known && judged.compared && !judged.passed);
    assert_near(judged.baseline, 30);
    threshold.baseline.value = 60;
    assert_true(threshold_judge(&threshold, recorder, end_ns, NULL).passed);
    threshold.baseline.state = PLAN_BASELINE_MISSING;
    judged = threshold_judge(&threshold, recorder, end_ns, NULL);
    assert_true(!judged.known && !judged.passed && !judged.compared && judged.lack);
    threshold.baseline.state = PLAN_BASELINE_WAIVED;
    assert_true(threshold_judge(&threshold, recorder, end_ns, NULL).passed);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(efficiency_is_what_streams_reached_of_what_they_could),
        cmocka_unit_test(a_baseline_is_a_factor_of_another_runs_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
