#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/cleanup.h"
#include "measure/excerpt.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"

#define BEGIN MS(1000)

static const struct plan_threshold selecting = {
    .metric = "ttft", .selector = "model:a", .expression = "p(50)<1s"};
static const struct plan run_plan = {.max_series = 100};
static const struct plan level_plan = {
    .max_series = 100, .thresholds = &selecting, .threshold_count = 1};

static struct recorder *recorder_of_run(void)
{
    const struct recorder_options options = {.plan = &run_plan,
                                             .started_ns = BEGIN,
                                             .window_start_ns = BEGIN,
                                             .window_end_ns = MS(1000000),
                                             .interval_ns = MS(1000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

static uint32_t labels_in(struct recorder *recorder, const char *phase, const char *model)
{
    const struct label set[] = {{"phase", phase}, {"model", model}};
    uint32_t id = 0;

    assert_int_equal(labels_intern(recorder_labels(recorder), set, COUNT_OF(set), &id),
                     0);
    return id;
}

static void start(struct recorder *recorder, uint32_t labels)
{
    recorder_started(recorder, MS(1001), labels, true);
}

/* Its first output comes after so many milliseconds. */
static void end(struct recorder *recorder, uint32_t labels, uint64_t ttft_ms)
{
    struct sample sample = good_stream();

    sample.labels = labels;
    sample.first_output_ns = sample.sent_ns + MS(ttft_ms);
    sample.last_output_ns = sample.first_output_ns + MS(400);
    sample.end_ns = sample.last_output_ns + MS(1);
    recorder_sample(recorder, &sample);
}

static void it_has_what_is_due_in_its_phase_and_nothing_else(void **state)
{
    struct recorder *recorder = recorder_of_run();
    const uint32_t before = labels_in(recorder, "one", "a");
    const uint32_t a = labels_in(recorder, "two", "a");
    const uint32_t b = labels_in(recorder, "two", "b");
    struct excerpt *excerpt = NULL;
    struct series_view total;
    struct series_view view;

    (void)state;
    start(recorder, before);
    assert_int_equal(excerpt_new(recorder, &level_plan, "two", MS(2000), &excerpt), 0);
    start(recorder, a);
    start(recorder, b);
    assert_int_equal(excerpt_pending(excerpt), 2);
    recorder_gap(recorder, a, true, MS(5));
    recorder_gap(recorder, before, true, MS(7));
    end(recorder, before, 10);
    end(recorder, a, 100);
    assert_int_equal(excerpt_pending(excerpt), 1);
    excerpt_close(excerpt, MS(3000));
    end(recorder, b, 900); /* long after: it counts all the same */
    assert_int_equal(excerpt_pending(excerpt), 0);

    total = recorder_total(excerpt_figures(excerpt), RECORDER_WINDOW);
    assert_int_equal(total.counters->ok, 2);
    assert_int_equal(histogram_count(total.histograms[METRIC_TTFT]), 2);
    assert_int_equal(histogram_count(total.histograms[METRIC_ICL]), 1);
    assert_true(recorder_selected(excerpt_figures(excerpt), "model:a", &view));
    assert_int_equal(view.counters->ok, 1);
    assert_int_equal(recorder_total(recorder, RECORDER_WINDOW).counters->ok, 3);
    excerpt_free(excerpt);
    recorder_free(recorder);
}

static void it_is_judged_as_a_run_is(void **state)
{
    struct recorder *recorder = recorder_of_run();
    const uint32_t a = labels_in(recorder, "two", "a");
    struct excerpt *excerpt = NULL;
    struct threshold_judgement judgement;

    (void)state;
    assert_int_equal(excerpt_new(recorder, &level_plan, "two", MS(2000), &excerpt), 0);
    start(recorder, a);
    end(recorder, a, 1500);
    judgement = threshold_judge(&selecting, excerpt_figures(excerpt), MS(4000), NULL);
    assert_true(judgement.known);
    assert_false(judgement.passed);
    excerpt_free(excerpt);
    recorder_free(recorder);
}

static void what_the_program_did_after_its_end_is_none_of_it(void **state)
{
    struct recorder *recorder = recorder_of_run();
    struct excerpt *excerpt = NULL;
    struct series_view total;

    (void)state;
    assert_int_equal(excerpt_new(recorder, &level_plan, "two", MS(2000), &excerpt), 0);
    recorder_loop_lag(recorder, MS(2100), MS(3));
    recorder_stall(recorder, MS(1900), MS(2200));
    excerpt_close(excerpt, MS(3000));
    recorder_loop_lag(recorder, MS(3100), MS(3));
    recorder_stall(recorder, MS(3100), MS(3200));
    total = recorder_total(excerpt_figures(excerpt), RECORDER_WINDOW);
    assert_int_equal(histogram_count(total.histograms[METRIC_LOOP_LAG]), 1);
    struct client_view client;

    recorder_client(excerpt_figures(excerpt), MS(4000), &client);
    assert_int_equal(client.stalls.total_ns, MS(200));
    excerpt_free(excerpt);
    recorder_loop_lag(recorder, MS(3100), MS(3)); /* nobody has an excerpt any more */
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_what_is_due_in_its_phase_and_nothing_else),
        cmocka_unit_test(it_is_judged_as_a_run_is),
        cmocka_unit_test(what_the_program_did_after_its_end_is_none_of_it),
    };

    return cmocka_run_group_tests_name("excerpt", tests, NULL, NULL);
}
