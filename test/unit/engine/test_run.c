#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "stage.h"

static void one_user_asks_hears_thinks_and_asks_again(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(10));
    stage_open(&stage);
    stage_finish(&stage);
    /* Each round takes 1.03 s; the tenth begins at 9.27 s. */
    assert_int_equal(stage.samples, 10);
    assert_int_equal(stage.outcomes[OUTCOME_OK], 10);
    assert_int_equal(stage.done_ns, S(10));
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_COMPLETED);
    stage_close(&stage);
}

/* Answers take 10 s. */
static void serve_slowly(void *ctx, const struct virtual_request *request,
                         struct virtual_answer *ret_answer)
{
    stage_serve(ctx, request, ret_answer);
    ret_answer->headers_ns = S(10);
}

static void begin_slow_run(struct stage *stage)
{
    stage_init(stage);
    stage->server = serve_slowly;
    stage_phase(stage, PLAN_PHASE_SUSTAINED, 10, S(100));
    stage_open(stage);
    stage_run_to(stage, S(5));
}

static void a_stop_lets_those_in_flight_finish_and_starts_nothing_new(void **state)
{
    struct stage stage;

    (void)state;
    begin_slow_run(&stage);
    engine_stop(stage.engine, STOP_SIGNAL, S(30));
    assert_int_equal(engine_view(stage.engine)->state, RUN_STOPPING);
    assert_int_equal(stage.done, 0);
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_OK], 10);
    assert_int_equal(stage.samples, 10);
    assert_int_equal(stage.done_ns, S(10) + MS(30));
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_SIGNAL);
    stage_close(&stage);
}

static void the_load_ends_when_it_stops_and_not_with_the_last_answer(void **state)
{
    struct stage stage;

    (void)state;
    begin_slow_run(&stage);
    assert_int_equal(engine_view(stage.engine)->load_end_ns, BEGIN + S(5));
    engine_stop(stage.engine, STOP_DURATION, S(30));
    stage_finish(&stage);
    assert_true(stage.done_ns > S(10));
    assert_int_equal(engine_view(stage.engine)->load_end_ns, BEGIN + S(5));
    assert_int_equal(engine_view(stage.engine)->elapsed_ns, S(5));
    stage_close(&stage);
}

static void those_who_do_not_finish_in_time_are_cut_off(void **state)
{
    struct stage stage;

    (void)state;
    begin_slow_run(&stage);
    engine_stop(stage.engine, STOP_SIGNAL, S(2));
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_CANCELLED], 10);
    assert_int_equal(stage.done_ns, S(7));
    stage_close(&stage);
}

static void a_second_stop_is_at_once_and_keeps_the_first_reason(void **state)
{
    struct stage stage;

    (void)state;
    begin_slow_run(&stage);
    engine_stop(stage.engine, STOP_SIGNAL, S(30));
    stage_run_to(&stage, S(6));
    engine_stop(stage.engine, STOP_ASKED, 0);
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_CANCELLED], 10);
    assert_int_equal(stage.done_ns, S(6));
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_SIGNAL);
    stage_close(&stage);
}

static void a_second_stop_can_only_shorten_the_time(void **state)
{
    struct stage stage;

    (void)state;
    begin_slow_run(&stage);
    engine_stop(stage.engine, STOP_SIGNAL, S(2));
    engine_stop(stage.engine, STOP_SIGNAL, S(100));
    stage_finish(&stage);
    assert_int_equal(stage.done_ns, S(7));
    stage_close(&stage);
}

static void a_stop_may_give_more_time_than_a_ramp_down(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.server = serve_slowly;
    stage.plan.graceful_ramp_down_ns = S(1);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(5));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_OK], 10);
    assert_int_equal(stage.done_ns, S(10) + MS(30));
    stage_close(&stage);
}

static void a_stop_before_anybody_came_ends_the_run(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(100));
    stage_open(&stage);
    engine_stop(stage.engine, STOP_SIGNAL, S(30));
    assert_int_equal(stage.done, 0); /* never from inside a call */
    stage_finish(&stage);
    assert_int_equal(stage.samples, 0);
    stage_close(&stage);
}

static void a_stop_while_all_think_ends_the_run_at_once(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(100));
    stage_open(&stage);
    stage_run_to(&stage, MS(500));
    engine_stop(stage.engine, STOP_SIGNAL, S(30));
    stage_finish(&stage);
    assert_int_equal(stage.done_ns, MS(500));
    stage_close(&stage);
}

static void the_duration_limit_is_a_normal_end(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.plan.limits.duration_ns = S(3);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(100));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_DURATION);
    assert_int_equal(stage.done_ns, S(3));
    stage_close(&stage);
}

static void the_request_limit_sends_exactly_so_many(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.plan.limits.requests = 777;
    stage_phase(&stage, PLAN_PHASE_SPIKE, 500, S(100));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_REQUESTS);
    assert_int_equal(stage.samples, 777);
    assert_int_equal(stage.outcomes[OUTCOME_OK], 777);
    stage_close(&stage);
}

static void fault_53_the_cost_limit_is_never_passed_with_500_in_flight(void **state)
{
    struct series_view total;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.plan.limits.cost_pusd = INT64_C(1000000000);
    stage_phase(&stage, PLAN_PHASE_SPIKE, 500, S(1000));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_COST);
    total = recorder_total(stage.recorder, RECORDER_ALL);
    assert_true(total.counters->cost_pusd <= stage.plan.limits.cost_pusd);
    assert_true(total.counters->cost_pusd > stage.plan.limits.cost_pusd / 2);
    stage_close(&stage);
}

static void serve_errors(void *ctx, const struct virtual_request *request,
                         struct virtual_answer *ret_answer)
{
    stage_serve(ctx, request, ret_answer);
    if (request->sent_ns > BEGIN + S(20))
        *ret_answer = (struct virtual_answer){.status = 500};
}

static void the_error_rate_limit_stops_the_run_soon_after_it_is_broken(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.server = serve_errors;
    stage.plan.limits.error_rate = 0.5;
    stage.plan.limits.error_rate_over_ns = S(4);
    stage.plan.limits.error_rate_min = 50;
    stage_phase(&stage, PLAN_PHASE_SPIKE, 100, S(1000));
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_ERROR_RATE);
    assert_in_range(stage.done_ns, S(21), S(25));
    stage_close(&stage);
}

static void a_pause_stops_load_and_clock_and_a_resume_goes_on(void **state)
{
    struct run_control control;
    struct stage stage;
    uint64_t before;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5));
    assert_int_equal(control.pause(control.ctx), 0);
    assert_int_equal(control.pause(control.ctx), -EINVAL);
    stage_run_to(&stage, S(6));
    before = stage.samples;
    stage_run_to(&stage, S(100));
    assert_int_equal(stage.samples, before);
    assert_int_equal(engine_view(stage.engine)->elapsed_ns, S(5));
    assert_int_equal(engine_view(stage.engine)->state, RUN_PAUSED);
    assert_int_equal(recorder_user_counts(stage.recorder).active, 10);
    assert_int_equal(control.resume(control.ctx), 0);
    stage_run_to(&stage, S(101));
    assert_true(stage.samples >= before + 10);
    stage_finish(&stage);
    assert_int_equal(stage.done_ns, S(115));
    /* The wait was asked for: it is no lateness of the loop. */
    assert_int_equal(histogram_max_ns(recorder_total(stage.recorder, RECORDER_ALL)
                                          .histograms[METRIC_SCHEDULE_LAG]) /
                         MS(1),
                     0);
    stage_close(&stage);
}

static void who_waits_out_a_pause_is_asked_once_when_the_limit_breaks(void **state)
{
    struct run_control control;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.plan.limits.requests = 53; /* five each before the pause, three behind it */
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5));
    control.pause(control.ctx);
    stage_run_to(&stage, S(8));
    assert_int_equal(control.resume(control.ctx), 0);
    stage_finish(&stage);
    assert_int_equal(stage.samples, 53);
    assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_REQUESTS);
    stage_close(&stage);
}

static void a_stop_while_paused_ends_the_run(void **state)
{
    struct run_control control;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5));
    control.pause(control.ctx);
    stage_run_to(&stage, S(10));
    assert_int_equal(control.stop(control.ctx, STOP_ASKED), 0);
    assert_int_equal(control.stop(control.ctx, STOP_ASKED), -EINVAL);
    stage_finish(&stage);
    assert_int_equal(stage.done_ns, S(10));
    stage_close(&stage);
}

static void the_number_of_users_can_be_changed_while_running(void **state)
{
    struct run_control control;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(10));
    stage_phase(&stage, PLAN_PHASE_SPIKE, 500, S(10));
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5));
    assert_int_equal(control.set_users(control.ctx, 200), 0);
    stage_run_to(&stage, S(5) + MS(1));
    assert_int_equal(recorder_user_counts(stage.recorder).active, 200);
    stage_run_to(&stage, S(15));
    assert_int_equal(recorder_user_counts(stage.recorder).active, 200);
    assert_string_equal(engine_view(stage.engine)->phase, "spike");
    control.set_users(control.ctx, 3);
    stage_run_to(&stage, S(16));
    assert_int_equal(recorder_user_counts(stage.recorder).active, 3);
    stage_finish(&stage);
    assert_int_equal(control.set_users(control.ctx, 3), -EINVAL);
    stage_close(&stage);
}

static uint64_t worst_lag_ns(const struct stage *stage)
{
    return histogram_max_ns(
        recorder_total(stage->recorder, RECORDER_ALL).histograms[METRIC_SCHEDULE_LAG]);
}

/* They come when the pause is over, and are not late for it. */
static void users_asked_for_in_a_pause_come_behind_it(void **state)
{
    struct run_control control;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5));
    assert_int_equal(control.pause(control.ctx), 0);
    stage_run_to(&stage, S(30));
    assert_int_equal(control.set_users(control.ctx, 50), 0);
    stage_run_to(&stage, S(60));
    assert_int_equal(recorder_user_counts(stage.recorder).active, 10);
    assert_int_equal(control.resume(control.ctx), 0);
    stage_run_to(&stage, S(60) + MS(1));
    assert_int_equal(recorder_user_counts(stage.recorder).active, 50);
    stage_finish(&stage);
    assert_int_equal(worst_lag_ns(&stage) / MS(1), 0);
    stage_close(&stage);
}

/* Those of a spike who had not come yet when it was paused are not late either. */
static void a_pause_right_behind_a_spike_makes_nobody_late(void **state)
{
    struct run_control control;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5));
    assert_int_equal(control.set_users(control.ctx, 500), 0);
    assert_int_equal(control.pause(control.ctx), 0);
    stage_run_to(&stage, S(60));
    assert_int_equal(control.resume(control.ctx), 0);
    stage_finish(&stage);
    assert_int_equal(worst_lag_ns(&stage) / MS(1), 0);
    stage_close(&stage);
}

/* As long is measured as was planned, and nothing of the load is left out for having come later. */
static void the_measured_window_moves_with_a_pause(void **state)
{
    struct run_control control;
    struct stage stage;
    uint64_t planned_end_ns;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(20));
    stage_open(&stage);
    control = engine_control(stage.engine);
    planned_end_ns = recorder_options(stage.recorder)->window_end_ns;
    stage_run_to(&stage, S(5));
    assert_int_equal(control.pause(control.ctx), 0);
    stage_run_to(&stage, S(65));
    assert_int_equal(control.resume(control.ctx), 0);
    stage_finish(&stage);
    assert_int_equal(recorder_options(stage.recorder)->window_end_ns,
                     planned_end_ns + S(60));
    assert_int_equal(recorder_counters(stage.recorder, RECORDER_WINDOW).started,
                     recorder_counters(stage.recorder, RECORDER_ALL).started);
    stage_close(&stage);
}

/* Up and down, within one of what was asked for, and each worker has its share. */
static void users_follow_what_is_asked_for_in_each_worker(void **state)
{
    static const uint64_t asked[] = {1, 250, 40, 41, 0, 1000, 999, 3};

    (void)state;
    for (uint32_t worker = 0; worker < 3; worker++) {
        struct run_control control;
        struct stage stage;

        stage_init(&stage);
        stage.plan.worker_count = 3;
        stage.plan.worker_index = worker;
        stage_phase(&stage, PLAN_PHASE_RAMP_UP, 100, S(100));
        stage_open(&stage);
        control = engine_control(stage.engine);
        for (size_t i = 0; i < COUNT_OF(asked); i++) {
            const uint64_t share = (asked[i] + 2 - worker) / 3;

            stage_run_to(&stage, S(5 * (i + 1)));
            assert_int_equal(control.set_users(control.ctx, asked[i]), 0);
            stage_run_to(&stage, S(5 * (i + 1)) + MS(10));
            assert_int_equal(recorder_user_counts(stage.recorder).wanted, share);
            assert_int_equal(recorder_user_counts(stage.recorder).active, share);
        }
        control.stop(control.ctx, STOP_BY_HAND);
        stage_finish(&stage);
        assert_int_equal(engine_view(stage.engine)->stop_reason, STOP_BY_HAND);
        stage_close(&stage);
    }
}

static void a_phase_made_while_running_is_run(void **state)
{
    const struct plan_phase more = {
        .kind = PLAN_PHASE_RAMP_UP, .name = "step-2", .users = 40, .duration_ns = S(5)};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 10, S(10));
    stage_open(&stage);
    stage_run_to(&stage, S(9));
    assert_int_equal(engine_append_phase(stage.engine, &more), 0);
    stage_run_to(&stage, S(14) + MS(999));
    assert_int_equal(recorder_user_counts(stage.recorder).active, 40);
    stage_finish(&stage);
    assert_in_range(stage.done_ns, S(15), S(15) + MS(30));
    stage_close(&stage);
}

static void a_mark_is_passed_on(void **state)
{
    struct run_control control;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(1));
    stage_open(&stage);
    control = engine_control(stage.engine);
    control.mark(control.ctx, "deployed");
    assert_int_equal(stage.marks, 1);
    stage_finish(&stage);
    stage_close(&stage);
}

static void an_hour_of_a_thousand_users_passes_in_seconds(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.classes[0].think = (struct plan_pause){
        .kind = PLAN_PAUSE_EXPONENTIAL, .base_ns = S(20), .max_ns = S(200)};
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, 1000, S(300));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1000, S(3300));
    stage_open(&stage);
    stage_finish(&stage);
    assert_in_range(stage.samples, 165000, 180000);
    assert_int_equal(stage.outcomes[OUTCOME_OK], stage.samples);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_user_asks_hears_thinks_and_asks_again),
        cmocka_unit_test(a_stop_lets_those_in_flight_finish_and_starts_nothing_new),
        cmocka_unit_test(the_load_ends_when_it_stops_and_not_with_the_last_answer),
        cmocka_unit_test(those_who_do_not_finish_in_time_are_cut_off),
        cmocka_unit_test(a_second_stop_is_at_once_and_keeps_the_first_reason),
        cmocka_unit_test(a_second_stop_can_only_shorten_the_time),
        cmocka_unit_test(a_stop_may_give_more_time_than_a_ramp_down),
        cmocka_unit_test(a_stop_before_anybody_came_ends_the_run),
        cmocka_unit_test(a_stop_while_all_think_ends_the_run_at_once),
        cmocka_unit_test(the_duration_limit_is_a_normal_end),
        cmocka_unit_test(the_request_limit_sends_exactly_so_many),
        cmocka_unit_test(fault_53_the_cost_limit_is_never_passed_with_500_in_flight),
        cmocka_unit_test(the_error_rate_limit_stops_the_run_soon_after_it_is_broken),
        cmocka_unit_test(a_pause_stops_load_and_clock_and_a_resume_goes_on),
        cmocka_unit_test(who_waits_out_a_pause_is_asked_once_when_the_limit_breaks),
        cmocka_unit_test(a_stop_while_paused_ends_the_run),
        cmocka_unit_test(the_number_of_users_can_be_changed_while_running),
        cmocka_unit_test(users_asked_for_in_a_pause_come_behind_it),
        cmocka_unit_test(a_pause_right_behind_a_spike_makes_nobody_late),
        cmocka_unit_test(the_measured_window_moves_with_a_pause),
        cmocka_unit_test(users_follow_what_is_asked_for_in_each_worker),
        cmocka_unit_test(a_phase_made_while_running_is_run),
        cmocka_unit_test(a_mark_is_passed_on),
        cmocka_unit_test(an_hour_of_a_thousand_users_passes_in_seconds),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
