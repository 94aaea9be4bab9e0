#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/load.h"
#include "stage.h"

/* The curve, computed from the phases alone. */
static uint64_t level_at(const struct stage *stage, uint64_t at_ns)
{
    uint64_t start_ns = 0;

    for (size_t i = 0; i < stage->plan.phase_count; i++) {
        const struct plan_phase *phase = &stage->phases[i];

        if (at_ns < start_ns + phase->duration_ns)
            return plan_phase_users_at(phase, at_ns - start_ns);
        start_ns += phase->duration_ns;
    }
    return 0;
}

/* Within max(1 user, 1%) at all times (LOAD-1). */
static void assert_follows(struct stage *stage, uint64_t from_ns, uint64_t to_ns,
                           uint64_t step_ns)
{
    for (uint64_t at_ns = from_ns; at_ns < to_ns; at_ns += step_ns) {
        const uint64_t wanted = level_at(stage, at_ns);
        struct user_counts counts;
        uint64_t apart;

        stage_run_to(stage, at_ns);
        counts = recorder_user_counts(stage->recorder);
        assert_int_equal(counts.wanted, wanted);
        apart = counts.active > wanted ? counts.active - wanted : wanted - counts.active;
        if (apart > 1 && apart * 100 > wanted)
            fail_msg("%llu users active and %llu wanted at %llu ms",
                     (unsigned long long)counts.active, (unsigned long long)wanted,
                     (unsigned long long)(at_ns / MS(1)));
    }
}

static void the_load_follows_each_shape_of_ramp(void **state)
{
    static const enum plan_shape shapes[] = {PLAN_SHAPE_LINEAR, PLAN_SHAPE_EXPONENTIAL,
                                             PLAN_SHAPE_STEP};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        struct plan_phase *phase;

        stage_init(&stage);
        phase = stage_phase(&stage, PLAN_PHASE_RAMP_UP, 300, S(20));
        phase->shape = shapes[i];
        phase->steps = 5;
        stage_phase(&stage, PLAN_PHASE_SUSTAINED, 300, S(5));
        phase = stage_phase(&stage, PLAN_PHASE_COOL_DOWN, 10, S(10));
        phase->shape = shapes[i];
        phase->steps = 3;
        stage_open(&stage);
        assert_follows(&stage, 0, S(35), MS(37));
        stage_finish(&stage);
        stage_close(&stage);
    }
}

static void a_spike_comes_at_once_and_goes_back_and_a_pause_is_nobody(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, 50, S(5));
    stage_phase(&stage, PLAN_PHASE_SPIKE, 500, S(5));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 50, S(5));
    stage_phase(&stage, PLAN_PHASE_PAUSE, 50, S(5));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 50, S(5));
    stage_open(&stage);
    assert_follows(&stage, 0, S(25), MS(41));
    stage_finish(&stage);
    assert_int_equal(recorder_users_peak(stage.recorder), 500);
    assert_int_equal(stage.phases_told, 6); /* five phases and the stop */
    stage_close(&stage);
}

struct starts {
    uint64_t count;
    uint64_t due_ns[1000];
    uint64_t latest_sent_ns;
};

/* Keeps when each user's first request was due. */
static void note_start(struct stage *stage, const struct sample *sample)
{
    struct starts *starts = stage->notes;

    if (starts->due_ns[sample->user] == 0) {
        starts->due_ns[sample->user] = sample->due_ns;
        starts->count++;
    }
    if (sample->sent_ns > starts->latest_sent_ns)
        starts->latest_sent_ns = sample->sent_ns;
}

static void
users_are_due_when_the_curve_crosses_them_even_if_the_loop_is_late(void **state)
{
    struct starts starts = {0};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, 1000, S(1));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1000, S(5));
    stage.notes = &starts;
    stage.on_sample = note_start;
    stage_open(&stage);
    stage_run_to(&stage, MS(100));
    virtual_world_stall(stage.world, MS(700));
    stage_finish(&stage);
    assert_int_equal(starts.count, 1000);
    for (uint64_t k = 0; k < 1000; k++) {
        const uint64_t due_ns = starts.due_ns[k] - BEGIN;

        assert_in_range(due_ns, MS(k) + MS(1) / 2 - 1, MS(k) + MS(1) / 2 + 1);
    }
    stage_close(&stage);
}

static void
a_pause_counts_from_the_moment_it_was_due_however_late_the_loop_is(void **state)
{
    struct starts starts = {0};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.instructions[0] = (struct plan_instruction){.op = PLAN_OP_THINK, .a = 1};
    stage.instructions[1] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 0};
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, 100, S(1));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 100, S(5));
    stage.notes = &starts;
    stage.on_sample = note_start;
    stage_open(&stage);
    stage_run_to(&stage, MS(100));
    virtual_world_stall(stage.world, MS(700));
    stage_finish(&stage);
    for (uint64_t k = 0; k < 100; k++)
        assert_in_range(starts.due_ns[k] - BEGIN, S(1) + MS(10 * k + 5) - 1,
                        S(1) + MS(10 * k + 5) + 1);
    stage_close(&stage);
}

static void the_lateness_of_a_stalled_loop_is_schedule_lag(void **state)
{
    const struct histogram *lag;
    struct starts starts = {0};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, 1000, S(1));
    stage.notes = &starts;
    stage.on_sample = note_start;
    stage_open(&stage);
    stage_run_to(&stage, MS(100));
    virtual_world_stall(stage.world, MS(700));
    stage_finish(&stage);
    lag = recorder_total(stage.recorder, RECORDER_ALL).histograms[METRIC_SCHEDULE_LAG];
    assert_in_range(histogram_max_ns(lag), MS(699), MS(701));
    stage_close(&stage);
}

static void a_spike_starts_all_at_the_same_due_moment(void **state)
{
    struct starts starts = {0};
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SPIKE, 1000, S(1));
    stage.notes = &starts;
    stage.on_sample = note_start;
    stage_play(&stage);
    assert_int_equal(starts.count, 1000);
    for (uint64_t k = 0; k < 1000; k++)
        assert_int_equal(starts.due_ns[k], BEGIN);
}

/* Answers take 10 s, so that those who leave are in the middle of one. */
static void serve_slowly(void *ctx, const struct virtual_request *request,
                         struct virtual_answer *ret_answer)
{
    stage_serve(ctx, request, ret_answer);
    ret_answer->headers_ns = S(10);
}

static void those_who_leave_finish_and_are_counted_apart(void **state)
{
    struct user_counts counts;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.server = serve_slowly;
    stage_phase(&stage, PLAN_PHASE_SPIKE, 100, S(5));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 0, S(60));
    stage_open(&stage);
    stage_run_to(&stage, S(6));
    counts = recorder_user_counts(stage.recorder);
    assert_int_equal(counts.wanted, 0);
    assert_int_equal(counts.active, 0);
    assert_int_equal(counts.leaving, 100);
    stage_run_to(&stage, S(11));
    assert_int_equal(recorder_user_counts(stage.recorder).leaving, 0);
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_OK], 100);
    assert_int_equal(stage.samples, 100);
    stage_close(&stage);
}

static void those_who_leave_are_cut_off_when_their_time_is_over(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.server = serve_slowly;
    stage.plan.graceful_ramp_down_ns = S(3);
    stage_phase(&stage, PLAN_PHASE_SPIKE, 100, S(5));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 0, S(60));
    stage_open(&stage);
    stage_run_to(&stage, S(8) + MS(1));
    assert_int_equal(recorder_user_counts(stage.recorder).leaving, 0);
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_CANCELLED], 100);
    stage_close(&stage);
}

static void who_is_wanted_again_while_leaving_goes_on(void **state)
{
    struct user_counts counts;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.server = serve_slowly;
    stage.plan.graceful_ramp_down_ns = S(3);
    stage_phase(&stage, PLAN_PHASE_SPIKE, 10, S(2));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 0, S(2));
    stage_phase(&stage, PLAN_PHASE_SPIKE, 10, S(20));
    stage_open(&stage);
    stage_run_to(&stage, S(5));
    counts = recorder_user_counts(stage.recorder);
    assert_int_equal(counts.active, 10);
    assert_int_equal(counts.leaving, 0);
    stage_run_to(&stage, S(10) + MS(100));
    assert_int_equal(stage.outcomes[OUTCOME_OK], 10); /* none was cut off at 5 s */
    assert_int_equal(recorder_user_counts(stage.recorder).active, 10);
    stage_finish(&stage);
    stage_close(&stage);
}

static void who_has_done_all_iterations_is_replaced_at_once(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.classes[0].iterations = 2;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 5, S(20));
    stage_open(&stage);
    assert_follows(&stage, 0, S(20), MS(50));
    stage_finish(&stage);
    assert_int_equal(stage.samples, 5 * 20);
    stage_close(&stage);
}

static void a_program_in_which_nothing_takes_time_does_not_spin(void **state)
{
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.classes[0].iterations = 1;
    stage.instructions[0] = (struct plan_instruction){.op = PLAN_OP_END};
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(1));
    stage_play(&stage);
    assert_int_equal(stage.samples, 0);
    assert_int_equal(stage.done_ns, S(1));
}

static void the_drawn_pauses_are_those_that_were_made(void **state)
{
    struct client_view client;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.classes[0].think = (struct plan_pause){.kind = PLAN_PAUSE_GAUSSIAN,
                                                 .base_ns = S(3),
                                                 .variance_ns = MS(1500),
                                                 .min_ns = MS(500),
                                                 .max_ns = S(10)};
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 100, S(400));
    stage_open(&stage);
    stage_finish(&stage);
    recorder_client(stage.recorder, virtual_world_now(stage.world), &client);
    assert_true(client.pauses > 10000);
    assert_int_equal(client.drawn_pause_ns, client.achieved_pause_ns);
    stage_close(&stage);
}

static void a_late_loop_shows_in_the_pauses_that_were_made(void **state)
{
    struct client_view client;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(3));
    stage_open(&stage);
    stage_run_to(&stage, MS(500));
    virtual_world_stall(stage.world, S(1));
    stage_finish(&stage);
    recorder_client(stage.recorder, virtual_world_now(stage.world), &client);
    assert_in_range(client.achieved_pause_ns - client.drawn_pause_ns, MS(469), MS(471));
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_load_follows_each_shape_of_ramp),
        cmocka_unit_test(a_spike_comes_at_once_and_goes_back_and_a_pause_is_nobody),
        cmocka_unit_test(
            users_are_due_when_the_curve_crosses_them_even_if_the_loop_is_late),
        cmocka_unit_test(
            a_pause_counts_from_the_moment_it_was_due_however_late_the_loop_is),
        cmocka_unit_test(the_lateness_of_a_stalled_loop_is_schedule_lag),
        cmocka_unit_test(a_spike_starts_all_at_the_same_due_moment),
        cmocka_unit_test(those_who_leave_finish_and_are_counted_apart),
        cmocka_unit_test(those_who_leave_are_cut_off_when_their_time_is_over),
        cmocka_unit_test(who_is_wanted_again_while_leaving_goes_on),
        cmocka_unit_test(who_has_done_all_iterations_is_replaced_at_once),
        cmocka_unit_test(a_program_in_which_nothing_takes_time_does_not_spin),
        cmocka_unit_test(the_drawn_pauses_are_those_that_were_made),
        cmocka_unit_test(a_late_loop_shows_in_the_pauses_that_were_made),
    };

    return cmocka_run_group_tests_name("curve", tests, NULL, NULL);
}
