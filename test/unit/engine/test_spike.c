#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/spike.h"
#include "stage.h"

#define CHUNK "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"yes\"}}]}"
#define FINISH "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"

#define SPIKE_BEGIN (BEGIN + S(20))
#define SPIKE_END (BEGIN + S(25))
#define RECOVERED (SPIKE_END + S(3))

/* A server that is slow from the beginning of the spike until three seconds behind it. */
static void serve_slowly_for_a_while(void *ctx, const struct virtual_request *request,
                                     struct virtual_answer *ret_answer)
{
    static const struct virtual_event quick[] = {
        {.delay_ns = MS(100), .data = CHUNK}, {.data = FINISH}, {.data = "[DONE]"}};
    static const struct virtual_event slow[] = {
        {.delay_ns = MS(600), .data = CHUNK}, {.data = FINISH}, {.data = "[DONE]"}};
    const bool is_slow = request->sent_ns >= SPIKE_BEGIN && request->sent_ns < RECOVERED;

    (void)ctx;
    ret_answer->events = is_slow ? slow : quick;
    ret_answer->event_count = 3;
}

static void open_stage(struct stage *stage)
{
    stage_init(stage);
    stage->server = serve_slowly_for_a_while;
    /* Think times that differ, or all would ask at the same moment. */
    stage->classes[0].think = (struct plan_pause){.kind = PLAN_PAUSE_UNIFORM,
                                                  .base_ns = S(1),
                                                  .variance_ns = MS(900),
                                                  .max_ns = UINT64_MAX};
    stage_phase(stage, PLAN_PHASE_SUSTAINED, 40, S(20));
    stage_phase(stage, PLAN_PHASE_SPIKE, 80, S(5));
    stage_phase(stage, PLAN_PHASE_SUSTAINED, 40, S(20))->name = "sustained-2";
    stage_open(stage);
}

static void a_run_tells_how_long_it_took_to_recover(void **state)
{
    struct spike_view spike;
    struct stage stage;

    (void)state;
    open_stage(&stage);
    stage_finish(&stage);
    assert_int_equal(spike_count(stage.recorder), 1);
    spike_of(stage.recorder, 0, BEGIN + S(45), &spike);
    assert_int_equal(spike.users, 80);
    assert_in_range(spike.before.requests, 600, 900);
    assert_in_range(spike.before.ttft_p95.value_ns, MS(99), MS(101));
    assert_in_range(spike.during.requests, 200, 350);
    assert_in_range(spike.during.ttft_p50.value_ns, MS(594), MS(606));
    assert_in_range(spike.after.requests, 500, 900);
    assert_int_equal(spike.recovery, SPIKE_RECOVERED);
    /* A p95 of two seconds leaves the last 0.1 s or so out. */
    assert_in_range(spike.recovery_ns, MS(2600), MS(3000));
    stage_close(&stage);
}

static void a_run_that_was_stopped_in_the_spike_tells_what_there_was(void **state)
{
    struct spike_view spike;
    struct stage stage;

    (void)state;
    open_stage(&stage);
    stage_run_to(&stage, S(23));
    engine_stop(stage.engine, STOP_SIGNAL, S(10));
    stage_finish(&stage);
    spike_of(stage.recorder, 0, BEGIN + S(23), &spike);
    assert_in_range(spike.during.requests, 100, 250);
    assert_null(spike.after.phase);
    assert_int_equal(spike.recovery, SPIKE_UNKNOWN);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_tells_how_long_it_took_to_recover),
        cmocka_unit_test(a_run_that_was_stopped_in_the_spike_tells_what_there_was),
    };

    return cmocka_run_group_tests_name("spike", tests, NULL, NULL);
}
