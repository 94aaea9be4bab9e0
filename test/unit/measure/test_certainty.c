#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/certainty.h"
#include "measure/recorder.h"
#include "plan/plan.h"

#define ERROR 0.025

static const struct plan no_selectors = {.max_series = 100};

/* `count` streams, of which the first `slow` have a ttft of 1 s and the others of 100 ms; `failed` more fail. */
static struct recorder *make(uint64_t count, uint64_t slow, uint64_t failed)
{
    const struct recorder_options options = {.plan = &no_selectors,
                                             .started_ns = MS(1000),
                                             .window_start_ns = MS(1000),
                                             .window_end_ns = MS(11000),
                                             .interval_ns = MS(1000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (uint64_t i = 0; i < count + failed; i++) {
        struct sample sample = good_stream();

        sample.first_output_ns = sample.sent_ns + (i < slow ? MS(1000) : MS(100));
        sample.last_output_ns = sample.first_output_ns + MS(400);
        sample.end_ns = sample.last_output_ns;
        if (i >= count) {
            sample.outcome = OUTCOME_HTTP_5XX;
            sample.first_output_ns = sample.last_output_ns = 0;
        }
        recorder_started(recorder, sample.sent_ns, 0, true);
        recorder_sample(recorder, &sample);
    }
    return recorder;
}

static struct threshold_certainty look(struct recorder *recorder, const char *metric,
                                       const char *expression, uint64_t pending)
{
    const struct plan_threshold threshold = {
        .metric = metric, .selector = "", .expression = expression};
    const struct threshold_certainty certainty =
        threshold_certainty_of(&threshold, recorder, MS(11000), NULL, pending, ERROR);

    recorder_free(recorder);
    return certainty;
}

/* 0.95^71 is above 2.5%, and 0.95^72 below. */
static void a_percentile_holds_for_sure_only_with_enough_of_them(void **state)
{
    (void)state;
    assert_int_equal(look(make(71, 0, 0), "ttft", "p(95)<500ms", 0).certainty,
                     CERTAINTY_UNDECIDED);
    const struct threshold_certainty enough =
        look(make(73, 0, 0), "ttft", "p(95)<500ms", 0);

    assert_int_equal(enough.certainty, CERTAINTY_HOLDS);
    assert_true(enough.is_count);
    assert_int_equal(enough.of, 73);
    assert_int_equal(enough.missed, 0);
}

static void what_is_near_the_limit_is_undecided_and_leans(void **state)
{
    (void)state;
    const struct threshold_certainty little =
        look(make(1000, 47, 0), "ttft", "p(95)<500ms", 0);
    const struct threshold_certainty more =
        look(make(1000, 55, 0), "ttft", "p(95)<500ms", 0);

    assert_int_equal(little.certainty, CERTAINTY_UNDECIDED);
    assert_true(little.leans_to_holding);
    assert_int_equal(more.certainty, CERTAINTY_UNDECIDED);
    assert_false(more.leans_to_holding);
    assert_int_equal(look(make(1000, 90, 0), "ttft", "p(95)<500ms", 0).certainty,
                     CERTAINTY_BREAKS);
}

/* Who has not been answered yet may still be slow: nothing is sure before. */
static void requests_in_flight_may_turn_out_either_way(void **state)
{
    (void)state;
    assert_int_equal(look(make(200, 0, 0), "ttft", "p(95)<500ms", 0).certainty,
                     CERTAINTY_HOLDS);
    assert_int_equal(look(make(200, 0, 0), "ttft", "p(95)<500ms", 30).certainty,
                     CERTAINTY_UNDECIDED);
    assert_false(look(make(200, 0, 0), "ttft", "p(95)<500ms", 30).leans_to_holding);
    assert_int_equal(look(make(200, 60, 0), "ttft", "p(95)<500ms", 30).certainty,
                     CERTAINTY_BREAKS);
}

static void limits_from_below_count_the_other_side(void **state)
{
    (void)state;
    assert_int_equal(look(make(500, 0, 0), "ttft", "p(5)>500ms", 0).certainty,
                     CERTAINTY_BREAKS);
    assert_int_equal(look(make(500, 500, 0), "ttft", "p(5)>500ms", 0).certainty,
                     CERTAINTY_HOLDS);
    /* All generate nine tokens in 400 ms: 20/s. */
    assert_int_equal(look(make(500, 0, 0), "tps", "p(5)>10", 0).certainty,
                     CERTAINTY_HOLDS);
    assert_int_equal(look(make(500, 0, 0), "tps", "p(5)>30", 0).certainty,
                     CERTAINTY_BREAKS);
}

static void shares_are_counts_too(void **state)
{
    (void)state;
    assert_int_equal(look(make(500, 0, 0), "error_rate", "rate<1%", 0).certainty,
                     CERTAINTY_HOLDS);
    assert_int_equal(look(make(100, 0, 0), "error_rate", "rate<1%", 0).certainty,
                     CERTAINTY_UNDECIDED);
    assert_int_equal(look(make(80, 0, 20), "error_rate", "rate<1%", 0).certainty,
                     CERTAINTY_BREAKS);
    assert_int_equal(look(make(80, 0, 20), "success_rate", "rate>99%", 0).certainty,
                     CERTAINTY_BREAKS);
}

static void a_mean_is_as_sure_as_its_standard_error(void **state)
{
    (void)state;
    /* 325 ms, with a standard error of 20 ms. */
    assert_int_equal(look(make(400, 100, 0), "ttft", "avg<500ms", 0).certainty,
                     CERTAINTY_HOLDS);
    assert_int_equal(look(make(400, 100, 0), "ttft", "avg<335ms", 0).certainty,
                     CERTAINTY_UNDECIDED);
    assert_int_equal(look(make(400, 100, 0), "ttft", "avg<200ms", 0).certainty,
                     CERTAINTY_BREAKS);
}

static void without_data_nothing_is_decided(void **state)
{
    (void)state;
    const struct threshold_certainty none = look(make(0, 0, 0), "ttft", "p(95)<1s", 0);

    assert_int_equal(none.certainty, CERTAINTY_UNDECIDED);
    assert_false(none.leans_to_holding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_percentile_holds_for_sure_only_with_enough_of_them),
        cmocka_unit_test(what_is_near_the_limit_is_undecided_and_leans),
        cmocka_unit_test(requests_in_flight_may_turn_out_either_way),
        cmocka_unit_test(limits_from_below_count_the_other_side),
        cmocka_unit_test(shares_are_counts_too),
        cmocka_unit_test(a_mean_is_as_sure_as_its_standard_error),
        cmocka_unit_test(without_data_nothing_is_decided),
    };

    return cmocka_run_group_tests_name("certainty", tests, NULL, NULL);
}
