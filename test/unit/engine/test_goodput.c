/* Which operations met their SLOs: whole runs in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/threshold.h"
#include "stage.h"

#define HALF S(1800)

/* In the second half of an hour the server thinks for 600 ms before it says anything. */
static void slow_down(void *ctx, const struct virtual_request *request,
                      struct virtual_answer *ret_answer)
{
    stage_serve(ctx, request, ret_answer);
    ret_answer->headers_ns = request->sent_ns < BEGIN + HALF ? MS(400) : MS(600);
}

static void note_fast(struct stage *stage, const struct sample *sample)
{
    uint64_t *fast = stage->notes;

    *fast += sample->sent_ns < BEGIN + HALF;
}

static const struct counters *counters(const struct stage *stage)
{
    return recorder_total(stage->recorder, RECORDER_ALL).counters;
}

static double judged(const struct stage *stage, const struct plan_threshold *threshold)
{
    const struct threshold_judgement judgement =
        threshold_judge(threshold, stage->recorder, BEGIN + 2 * HALF, NULL);

    assert_true(judgement.known);
    return judgement.value;
}

static void an_hour_of_which_half_was_in_time(void **state)
{
    static const struct plan_slo slo = {
        .limit_ns = {[PLAN_SLO_TTFT] = MS(500), [PLAN_SLO_E2E] = S(10)}};
    static const struct plan_threshold thresholds[] = {
        {.metric = "goodput", .selector = "", .expression = "value>0"},
        {.metric = "slo_met", .selector = "phase:before", .expression = "rate>0"},
        {.metric = "slo_met", .selector = "phase:behind", .expression = "rate>=0"},
    };
    struct stage stage;
    uint64_t fast = 0;

    (void)state;
    stage_init(&stage);
    stage.server = slow_down;
    stage.on_sample = note_fast;
    stage.notes = &fast;
    stage.steps[0].slo = &slo;
    stage.plan.thresholds = thresholds;
    stage.plan.threshold_count = 3;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, HALF)->name = "before";
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, HALF)->name = "behind";
    stage_open(&stage);
    stage_finish(&stage);
    assert_true(fast > 10000 && stage.samples > fast + 10000);
    assert_int_equal(counters(&stage)->slo_operations, stage.samples);
    assert_int_equal(counters(&stage)->slo_met, fast);
    assert_int_equal(counters(&stage)->slo_missed[PLAN_SLO_TTFT], stage.samples - fast);
    assert_int_equal(counters(&stage)->slo_missed[PLAN_SLO_E2E], 0);
    assert_float_equal(judged(&stage, &thresholds[0]), (double)fast / 3600, 1e-9);
    assert_float_equal(judged(&stage, &thresholds[1]), 1, 1e-9);
    assert_float_equal(judged(&stage, &thresholds[2]), 0, 1e-9);
    stage_close(&stage);
}

/* The whole answer takes 30 ms, and they leave after 25: for 20 that was too late already. */
static void who_left_missed_only_what_was_too_late_by_then(void **state)
{
    static const struct plan_patience patience = {
        .total = {.kind = PLAN_PAUSE_CONSTANT, .base_ns = MS(25), .max_ns = UINT64_MAX}};
    static const struct plan_slo late = {
        .limit_ns = {[PLAN_SLO_TTFT] = S(1), [PLAN_SLO_OPERATION_DURATION] = MS(20)}};
    static const struct plan_slo open = {
        .limit_ns = {[PLAN_SLO_TTFT] = S(1), [PLAN_SLO_E2E] = MS(27)}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct stage stage;

        stage_init(&stage);
        stage.steps[0].patience = &patience;
        stage.steps[0].slo = i == 0 ? &late : &open;
        stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(10));
        stage_open(&stage);
        stage_finish(&stage);
        assert_int_equal(counters(&stage)->abandoned, stage.samples);
        assert_int_equal(counters(&stage)->slo_operations, i == 0 ? stage.samples : 0);
        assert_int_equal(counters(&stage)->slo_met, 0);
        assert_int_equal(counters(&stage)->slo_missed[PLAN_SLO_OPERATION_DURATION],
                         i == 0 ? stage.samples : 0);
        stage_close(&stage);
    }
}

/* What is done before the load is in no figure, and so in no goodput. */
static void an_unmeasured_step_has_no_slos(void **state)
{
    static const struct plan_slo slo = {.limit_ns = {[PLAN_SLO_E2E] = S(10)}};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.steps[0].slo = &slo;
    stage.steps[0].unmeasured = true;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(10));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(counters(&stage)->slo_operations, 0);
    assert_int_equal(plan_slo_metrics(&stage.plan), 0);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_of_which_half_was_in_time),
        cmocka_unit_test(who_left_missed_only_what_was_too_late_by_then),
        cmocka_unit_test(an_unmeasured_step_has_no_slos),
    };

    return cmocka_run_group_tests_name("goodput", tests, NULL, NULL);
}
