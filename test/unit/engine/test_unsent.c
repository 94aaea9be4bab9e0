/*
 * What this machine itself fails at: a transport that refuses, memory that a user may cost.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/attempt.h"
#include "engine/user.h"
#include "engine/world.h"
#include "net/transport.h"
#include "stage.h"

static int refuse(struct transport *transport, const struct transfer_request *request,
                  uint64_t now_ns, const struct transfer_handler *handler, void *ctx,
                  struct transfer **ret_transfer)
{
    (void)transport;
    (void)request;
    (void)now_ns;
    (void)handler;
    (void)ctx;
    (void)ret_transfer;
    return -ENOMEM;
}

static void
a_request_that_cannot_be_sent_fails_here_and_the_user_waits_a_second(void **state)
{
    static const struct transport_ops ops = {.start = refuse};
    struct transport broken = {.ops = &ops};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.classes[0].think.kind = PLAN_PAUSE_NONE;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 3, S(10));
    stage_open(&stage);
    virtual_world_as_world(stage.world)->transport = &broken;
    stage_finish(&stage);
    assert_int_equal(stage.samples, 30);
    assert_int_equal(stage.outcomes[OUTCOME_LOCAL_RESOURCE], 30);
    assert_int_equal(
        recorder_total(stage.recorder, RECORDER_ALL).counters->operations_failed, 30);
    assert_int_equal(stage.done_ns, S(10));
    stage_close(&stage);
}

/* A user holds an attempt from the request to the answer's end. */
static void
an_idle_user_costs_less_than_a_kilobyte_and_one_who_reads_little_more(void **state)
{
    (void)state;
    assert_true(sizeof(struct user) <= 1024);
    assert_true(sizeof(struct attempt) <= 1248 + sizeof(struct api_shape));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_request_that_cannot_be_sent_fails_here_and_the_user_waits_a_second),
        cmocka_unit_test(
            an_idle_user_costs_less_than_a_kilobyte_and_one_who_reads_little_more),
    };

    return cmocka_run_group_tests_name("unsent", tests, NULL, NULL);
}
