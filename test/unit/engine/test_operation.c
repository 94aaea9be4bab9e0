#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/operation.h"
#include "engine/parts.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "plan/plan.h"

#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)

static const struct plan_step steps[1];
static const struct plan plan = {.max_series = 10, .steps = steps, .step_count = 1};

static void begin(struct engine *engine, struct operation_progress *operation)
{
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(1000)};

    *engine = (struct engine){.plan = &plan};
    assert_int_equal(recorder_new(&options, &engine->recorder), 0);
    operation_begin(operation, engine, 0, 0, 0, MS(10));
}

static const struct counters *counters(const struct engine *engine)
{
    return recorder_total(engine->recorder, RECORDER_WINDOW).counters;
}

static void an_operation_is_recorded_when_its_last_attempt_is_over(void **state)
{
    const struct sample sample = {.outcome = OUTCOME_RESET, .end_ns = MS(50)};
    struct operation_progress operation;
    struct engine engine;
    uint64_t delay_ns;

    (void)state;
    begin(&engine, &operation);
    operation.attempts = 1;
    assert_false(operation_attempt_over(&operation, &engine, &sample, NULL, &delay_ns));
    assert_false(operation.open);
    assert_int_equal(counters(&engine)->operations, 1);
    assert_int_equal(counters(&engine)->operations_failed, 1);
    operation_cancel(&operation, &engine, MS(60));
    assert_int_equal(counters(&engine)->operations, 1);
    recorder_free(engine.recorder);
}

static void one_cancelled_between_attempts_is_recorded_and_did_not_fail(void **state)
{
    struct operation_progress operation;
    struct engine engine;

    (void)state;
    begin(&engine, &operation);
    operation.attempts = 1;
    operation_cancel(&operation, &engine, MS(60));
    assert_int_equal(counters(&engine)->operations, 1);
    assert_int_equal(counters(&engine)->operations_failed, 0);
    recorder_free(engine.recorder);
}

/* Two attempts: the second was fast, and came too late for the whole. */
static void an_operation_is_judged_by_the_slos_of_its_step(void **state)
{
    static const struct plan_slo slo = {
        .limit_ns = {[PLAN_SLO_E2E] = MS(20), [PLAN_SLO_OPERATION_DURATION] = MS(100)}};
    static const struct plan_retry retry = {.attempts = 2,
                                            .outcomes = UINT64_C(1) << OUTCOME_RESET};
    static const struct plan_step slo_steps[] = {{.retry = &retry, .slo = &slo}};
    const struct plan slo_plan = {.max_series = 10, .steps = slo_steps, .step_count = 1};
    struct sample sample = {
        .outcome = OUTCOME_RESET, .sent_ns = MS(10), .end_ns = MS(50)};
    struct operation_progress operation;
    struct engine engine;
    uint64_t delay_ns;

    (void)state;
    begin(&engine, &operation);
    engine.plan = &slo_plan;
    operation.attempts = 1;
    assert_true(operation_attempt_over(&operation, &engine, &sample, NULL, &delay_ns));
    assert_int_equal(counters(&engine)->slo_operations, 0);
    operation.attempts = 2;
    sample.outcome = OUTCOME_OK;
    sample.sent_ns = MS(200);
    sample.end_ns = MS(220);
    assert_false(operation_attempt_over(&operation, &engine, &sample, NULL, &delay_ns));
    assert_int_equal(counters(&engine)->slo_operations, 1);
    assert_int_equal(counters(&engine)->slo_met, 0);
    assert_int_equal(counters(&engine)->slo_observed[PLAN_SLO_E2E], 1);
    assert_int_equal(counters(&engine)->slo_missed[PLAN_SLO_E2E], 0);
    assert_int_equal(counters(&engine)->slo_missed[PLAN_SLO_OPERATION_DURATION], 1);
    recorder_free(engine.recorder);
}

static void one_that_was_never_sent_is_nobodys(void **state)
{
    struct operation_progress operation;
    struct engine engine;

    (void)state;
    begin(&engine, &operation);
    operation_cancel(&operation, &engine, MS(60));
    assert_false(operation.open);
    assert_int_equal(counters(&engine)->operations, 0);
    recorder_free(engine.recorder);
}

static void each_operation_has_an_id_of_its_own(void **state)
{
    struct operation_progress one;
    struct operation_progress two;
    struct engine engine;

    (void)state;
    begin(&engine, &one);
    operation_begin(&two, &engine, 0, 0, 1, MS(10));
    assert_int_not_equal(one.id, two.id);
    recorder_free(engine.recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_is_recorded_when_its_last_attempt_is_over),
        cmocka_unit_test(one_cancelled_between_attempts_is_recorded_and_did_not_fail),
        cmocka_unit_test(an_operation_is_judged_by_the_slos_of_its_step),
        cmocka_unit_test(one_that_was_never_sent_is_nobodys),
        cmocka_unit_test(each_operation_has_an_id_of_its_own),
    };

    return cmocka_run_group_tests_name("operation", tests, NULL, NULL);
}
