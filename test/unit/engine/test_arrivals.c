/* LOAD-2: open loops in virtual time: who takes which arrival when, and what becomes of those nobody takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "measure/threshold.h"
#include "net/transport.h"
#include "stage.h"
#include "workload/uniqueness.h"

/* An answer of the stage's server takes so long. */
#define ANSWER MS(30)

#define NOTED 4096

/* What was sent for each arrival. */
struct book {
    uint64_t body[NOTED]; /* hash of the first request's body */
    uint64_t user[NOTED];
    uint64_t sent_ns[NOTED]; /* since the beginning */
    uint64_t due_ns[NOTED];
    uint64_t requests[NOTED];
    uint64_t count;
};

static void open_stage(struct stage *stage, double rate_per_s, uint64_t duration_ns,
                       uint64_t people)
{
    stage_init(stage);
    /* The pause of a second at the end of the flow is there, and nobody makes it. */
    stage->plan.arrivals = (struct plan_arrivals){.kind = PLAN_ARRIVALS_CONSTANT,
                                                  .burstiness = 1,
                                                  .users = people,
                                                  .max_wait_ns = S(10)};
    stage_phase(stage, PLAN_PHASE_SUSTAINED, 0, duration_ns)->rate_per_s = rate_per_s;
}

static struct counters counters(const struct stage *stage)
{
    return recorder_counters(stage->recorder, RECORDER_ALL);
}

static const struct histogram *histogram(const struct stage *stage, enum metric metric)
{
    return recorder_total(stage->recorder, RECORDER_ALL).histograms[metric];
}

/* percent: 100 is the greatest. */
static uint64_t percentile(const struct stage *stage, enum metric metric, double percent)
{
    const struct histogram *values = histogram(stage, metric);
    const struct histogram_quantile quantile =
        percent < 100 ? histogram_quantile(values, percent / 100)
                      : histogram_greatest(values);

    assert_true(quantile.known);
    return quantile.value_ns;
}

static void note(struct stage *stage, const struct sample *sample)
{
    struct book *book = stage->notes;

    assert_true(sample->arrival < NOTED);
    assert_true(sample->flags & SAMPLE_OPEN_LOOP);
    book->user[sample->arrival] = sample->user;
    if (book->requests[sample->arrival]++ == 0) {
        book->sent_ns[sample->arrival] = sample->sent_ns - BEGIN;
        book->due_ns[sample->arrival] = sample->due_ns - BEGIN;
    }
    book->count++;
}

static void each_arrival_is_one_iteration_at_its_moment(void **state)
{
    struct stage stage;
    struct book book = {0};
    uint64_t turns[5] = {0};

    (void)state;
    open_stage(&stage, 10, S(60), 5);
    stage.on_sample = note;
    stage.notes = &book;
    stage_play(&stage);
    assert_int_equal(book.count, 600);
    for (uint64_t i = 0; i < 600; i++) {
        assert_int_equal(book.requests[i], 1);
        assert_int_equal(book.due_ns[i], i * MS(100));
        assert_int_equal(book.sent_ns[i], book.due_ns[i]);
        turns[book.user[i]]++;
    }
    for (uint64_t i = 0; i < 5; i++) /* each in turn, once all have come into play */
        assert_in_range(turns[i], 117, 123);
}

static void one_who_waits_keeps_the_moment_they_were_due(void **state)
{
    struct stage stage;
    struct book book = {0};

    (void)state;
    /* One person, who needs 30 ms for what comes every 20. */
    open_stage(&stage, 50, S(2), 1);
    stage.on_sample = note;
    stage.notes = &book;
    stage_open(&stage);
    stage_run_to(&stage, S(1));
    assert_in_range(engine_view(stage.engine)->arrivals.waiting, 16, 18);
    assert_true(engine_view(stage.engine)->is_open);
    stage_finish(&stage);
    for (uint64_t i = 0; i < 60; i++) {
        assert_int_equal(book.due_ns[i], i * MS(20));
        assert_int_equal(book.sent_ns[i], i * ANSWER);
    }
    /* The wait is the server's doing: throng sent each at once, and says how long it took from due. */
    assert_true(percentile(&stage, METRIC_SCHEDULE_LAG, 100) < MS(1));
    assert_true(percentile(&stage, METRIC_LOOP_LAG, 100) < MS(1));
    assert_in_range(percentile(&stage, METRIC_E2E, 100), ANSWER - MS(1), ANSWER + MS(1));
    assert_in_range(percentile(&stage, METRIC_ARRIVAL_WAIT, 50), MS(480), MS(520));
    assert_true(percentile(&stage, METRIC_TTFT_FROM_DUE, 50) > MS(300));
    stage_close(&stage);
}

static void nobody_in_time_is_a_failed_operation_and_no_silence(void **state)
{
    static const struct plan_slo slo = {.limit_ns = {[PLAN_SLO_TTFT] = S(9)}};
    static const struct plan_threshold threshold = {
        .metric = "dropped_iterations", .selector = "", .expression = "count<1"};
    struct threshold_judgement judgement;
    struct stage stage;
    struct counters seen;

    (void)state;
    open_stage(&stage, 100, S(10), 1);
    stage.steps[0].slo = &slo;
    stage.plan.thresholds = &threshold;
    stage.plan.threshold_count = 1;
    stage.plan.arrivals.max_wait_ns = MS(100);
    stage_open(&stage);
    stage_finish(&stage);
    seen = counters(&stage);
    assert_int_equal(seen.arrivals, 1000);
    assert_int_equal(seen.arrivals, seen.arrivals_taken + seen.dropped_iterations);
    /* One of three finds somebody: 30 ms of work for 10 ms of arrivals. */
    assert_in_range(seen.arrivals_taken, 330, 340);
    assert_int_equal(seen.operations, 1000);
    assert_int_equal(seen.operations_failed, seen.dropped_iterations);
    assert_int_equal(seen.slo_operations, 1000);
    assert_int_equal(seen.slo_met, seen.arrivals_taken);
    assert_int_equal(seen.failed, 0); /* no request was sent for them */
    /* Most of them never saw an answer: the median is beyond what anybody waited. */
    assert_int_equal(histogram_censored(histogram(&stage, METRIC_TTFT_FROM_DUE)),
                     seen.dropped_iterations);
    judgement = threshold_judge(&threshold, stage.recorder, BEGIN + S(11), NULL);
    assert_true(judgement.known);
    assert_false(judgement.passed);
    stage_close(&stage);
}

/* A server that stands still from the 20th to the 25th second. */
static void stand_still(void *ctx, const struct virtual_request *request,
                        struct virtual_answer *ret_answer)
{
    const uint64_t since_ns = request->sent_ns - BEGIN;

    stage_serve(ctx, request, ret_answer);
    if (since_ns >= S(20) && since_ns < S(25))
        ret_answer->headers_ns = S(25) - since_ns;
}

static void a_stalled_server_cannot_hide_behind_who_waits_for_it(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage, 100, S(60), 10);
    stage.server = stand_still;
    stage_open(&stage);
    stage_finish(&stage);
    /*
     * From sent, the ten who were at it are ten of 6,000, and all others were quick: the 99th percentile
     * knows nothing. From due, 500 arrivals waited for up to five seconds, and more until the queue was
     * empty again.
     */
    assert_int_equal(counters(&stage).arrivals_taken, 6000);
    assert_true(percentile(&stage, METRIC_E2E, 99) < MS(40));
    assert_true(percentile(&stage, METRIC_E2E_FROM_DUE, 99) > S(4));
    assert_true(percentile(&stage, METRIC_E2E_FROM_DUE, 93) > MS(500));
    stage_close(&stage);
}

static void hash_body(void *ctx, const struct virtual_request *request,
                      struct virtual_answer *ret_answer)
{
    struct stage *stage = ctx;
    struct book *book = stage->notes;
    const uint64_t arrival = request->request->arrival;

    assert_true(arrival < NOTED);
    if (!book->body[arrival])
        book->body[arrival] =
            uniqueness_hash(request->request->body, request->request->body_len);
    stage_serve(ctx, request, ret_answer);
    /* Slow for a while, so that others are free than would be. */
    if (stage->plan.worker_count > 1)
        ret_answer->headers_ns = MS(7) * (arrival % 11);
}

static void what_is_asked_belongs_to_the_arrival_whoever_takes_it(void **state)
{
    static struct book whole;
    static struct book parts;

    (void)state;
    for (uint32_t workers = 1; workers <= 7; workers += 3) {
        struct book *book = workers == 1 ? &whole : &parts;

        *book = (struct book){0};
        for (uint32_t i = 0; i < workers; i++) {
            struct stage stage;

            open_stage(&stage, 40, S(20), 20);
            stage.plan.arrivals.kind = PLAN_ARRIVALS_POISSON;
            stage.plan.worker_count = workers;
            stage.plan.worker_index = i;
            stage.classes[1] = stage.classes[0];
            stage.classes[1].name = "other";
            stage.classes[1].weight = 2;
            stage.plan.class_count = 2;
            stage.server = hash_body;
            stage.notes = book;
            stage_play(&stage);
        }
        for (uint64_t i = 0; i < NOTED; i++)
            assert_int_equal(book->body[i], whole.body[i]);
    }
    /* And no two ask the same. */
    for (uint64_t i = 1; i < 600; i++) {
        assert_int_not_equal(whole.body[i], 0);
        assert_int_not_equal(whole.body[i], whole.body[i - 1]);
    }
}

static void a_pause_moves_all_that_is_to_come(void **state)
{
    struct stage stage;
    struct run_control control;
    struct book book = {0};

    (void)state;
    open_stage(&stage, 10, S(10), 5);
    stage.on_sample = note;
    stage.notes = &book;
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(5) + MS(50));
    assert_int_equal(control.pause(control.ctx), 0);
    stage_run_to(&stage, S(65) + MS(50));
    assert_int_equal(control.resume(control.ctx), 0);
    stage_finish(&stage);
    assert_int_equal(book.count, 100);
    assert_int_equal(book.due_ns[50], S(5));
    assert_int_equal(book.due_ns[51], S(65) + MS(100));
    assert_int_equal(counters(&stage).dropped_iterations, 0);
    stage_close(&stage);
}

static void a_rate_and_people_can_be_set(void **state)
{
    struct stage stage;
    struct run_control control;

    (void)state;
    open_stage(&stage, 10, S(30), 5);
    stage_open(&stage);
    control = engine_control(stage.engine);
    stage_run_to(&stage, S(10) - MS(1));
    assert_int_equal(counters(&stage).arrivals, 100);
    assert_int_equal(control.set_rate(control.ctx, 100), 0);
    assert_int_equal(control.set_users(control.ctx, 2), 0);
    stage_run_to(&stage, S(20) - MS(2));
    assert_in_range(counters(&stage).arrivals, 1099, 1101);
    assert_in_range(counters(&stage).arrivals_taken, 100 + 660, 100 + 670);
    assert_int_equal(engine_view(stage.engine)->arrivals.people, 2);
    assert_true(engine_view(stage.engine)->arrivals.rate_per_s > 99);
    assert_int_equal(control.set_users(control.ctx, 50), 0);
    stage_run_to(&stage, S(21));
    assert_int_equal(engine_view(stage.engine)->arrivals.waiting, 0);
    stage_finish(&stage);
    assert_int_equal(counters(&stage).dropped_iterations, 0);
    stage_close(&stage);
}

static void phases_that_are_added_have_rates(void **state)
{
    const struct plan_phase ramp = {.kind = PLAN_PHASE_RAMP_UP,
                                    .name = "step-2",
                                    .shape = PLAN_SHAPE_LINEAR,
                                    .rate_per_s = 30,
                                    .duration_ns = S(10)};
    struct stage stage;

    (void)state;
    open_stage(&stage, 10, S(10), 50);
    stage_open(&stage);
    stage_run_to(&stage, S(5));
    assert_int_equal(engine_append_phase(stage.engine, &ramp), 0);
    stage_run_to(&stage, S(15));
    assert_in_range((uint64_t)engine_view(stage.engine)->arrivals.rate_per_s, 19, 20);
    stage_finish(&stage);
    assert_int_equal(counters(&stage).arrivals_taken, 100 + 200);
    stage_close(&stage);
}

static void another_plan_changes_rate_and_people(void **state)
{
    struct plan_phase phases[1];
    struct stage stage;
    struct plan other;

    (void)state;
    open_stage(&stage, 10, S(20), 1);
    other = stage.plan;
    phases[0] = stage.phases[0];
    phases[0].rate_per_s = 100;
    other.phases = phases;
    other.arrivals.users = 20;
    stage_open(&stage);
    stage_run_to(&stage, S(10) - MS(1));
    assert_int_equal(recorder_follow(stage.recorder, &other, BEGIN + S(10)), 0);
    assert_int_equal(engine_reload(stage.engine, &other), 0);
    stage_finish(&stage);
    assert_in_range(counters(&stage).arrivals_taken, 1099, 1101);
    assert_int_equal(counters(&stage).dropped_iterations, 0);
    stage_close(&stage);
}

static void a_closed_loop_does_not_become_an_open_one(void **state)
{
    struct stage stage;
    struct plan other;

    (void)state;
    open_stage(&stage, 10, S(20), 1);
    other = stage.plan;
    other.arrivals.kind = PLAN_ARRIVALS_NONE;
    stage_open(&stage);
    assert_true(engine_reload(stage.engine, &other) < 0);
    stage_finish(&stage);
    stage_close(&stage);
}

/* Every tenth request is refused, with a second to wait. */
static void refuse_some(void *ctx, const struct virtual_request *request,
                        struct virtual_answer *ret_answer)
{
    static const struct transfer_header wait = {.name = "Retry-After", .value = "1"};

    stage_serve(ctx, request, ret_answer);
    if (request->serial % 10 != 0)
        return;
    ret_answer->status = 429;
    ret_answer->content_type = "application/json";
    ret_answer->headers = &wait;
    ret_answer->header_count = 1;
    ret_answer->event_count = 0;
}

static void fault_27_retry_after_does_not_shift_the_schedule(void **state)
{
    static const struct plan_retry retry = {
        .attempts = 3,
        .base_ns = MS(100),
        .max_ns = S(1),
        .honour_retry_after = true,
        .max_retry_after_ns = S(60),
        .outcomes = UINT64_C(1) << OUTCOME_RATE_LIMITED,
    };
    struct stage stage;
    struct book book = {0};

    (void)state;
    open_stage(&stage, 10, S(60), 20);
    stage.steps[0].retry = &retry;
    stage.server = refuse_some;
    stage.on_sample = note;
    stage.notes = &book;
    stage_play(&stage);
    assert_true(stage.outcomes[OUTCOME_RATE_LIMITED] >= 60);
    for (uint64_t i = 0; i < 600; i++)
        assert_int_equal(book.sent_ns[i], i * MS(100));
}

/* Setup is one chat, teardown another; the flow between asks once for each arrival. */
static void people_set_up_once_and_take_down_at_the_end(void **state)
{
    struct plan_instruction others[][2] = {
        {{.op = PLAN_OP_REQUEST, .a = 2}, {.op = PLAN_OP_END}},
        {{.op = PLAN_OP_REQUEST, .a = 3}, {.op = PLAN_OP_END}}};
    struct plan_program programs[3];
    struct stage stage;
    struct book book = {0};

    (void)state;
    open_stage(&stage, 20, S(10), 4);
    programs[0] = stage.program;
    for (size_t i = 0; i < 2; i++) {
        programs[i + 1] =
            (struct plan_program){.instructions = others[i], .instruction_count = 2};
        stage.steps[2 + i] = stage.steps[0];
        stage.steps[2 + i].name = i == 0 ? "login" : "logout";
        stage.steps[2 + i].unmeasured = true;
    }
    stage.plan.step_count = 4;
    stage.plan.programs = programs;
    stage.plan.program_count = 3;
    stage.classes[0].setup = 1;
    stage.classes[0].teardown = 2;
    stage.on_sample = note;
    stage.notes = &book;
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(book.count, 200);
    /* Four log in, and nobody's arrival waits for longer than that takes. */
    assert_true(percentile(&stage, METRIC_ARRIVAL_WAIT, 100) <= ANSWER + MS(1));
    assert_int_equal(engine_view(stage.engine)->setups_failed, 0);
    assert_in_range(stage.done_ns, S(10) + ANSWER - MS(1), S(10) + ANSWER + MS(1));
    stage_close(&stage);
}

static void a_stop_lets_who_is_at_it_finish_and_counts_who_waits(void **state)
{
    struct stage stage;
    struct counters seen;

    (void)state;
    open_stage(&stage, 100, S(60), 1);
    stage_open(&stage);
    stage_run_to(&stage, S(1) - MS(1));
    engine_stop(stage.engine, STOP_ASKED, S(30));
    stage_finish(&stage);
    seen = counters(&stage);
    assert_int_equal(seen.arrivals, 100);
    assert_int_equal(seen.ok, seen.arrivals_taken);
    assert_int_equal(seen.cancelled, 0);
    assert_int_equal(seen.dropped_iterations, 100 - seen.arrivals_taken);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_arrival_is_one_iteration_at_its_moment),
        cmocka_unit_test(one_who_waits_keeps_the_moment_they_were_due),
        cmocka_unit_test(nobody_in_time_is_a_failed_operation_and_no_silence),
        cmocka_unit_test(a_stalled_server_cannot_hide_behind_who_waits_for_it),
        cmocka_unit_test(what_is_asked_belongs_to_the_arrival_whoever_takes_it),
        cmocka_unit_test(a_pause_moves_all_that_is_to_come),
        cmocka_unit_test(a_rate_and_people_can_be_set),
        cmocka_unit_test(phases_that_are_added_have_rates),
        cmocka_unit_test(another_plan_changes_rate_and_people),
        cmocka_unit_test(a_closed_loop_does_not_become_an_open_one),
        cmocka_unit_test(fault_27_retry_after_does_not_shift_the_schedule),
        cmocka_unit_test(people_set_up_once_and_take_down_at_the_end),
        cmocka_unit_test(a_stop_lets_who_is_at_it_finish_and_counts_who_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
