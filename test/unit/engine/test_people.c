/*
 * People who lose patience, try again and read slowly, and what is broken on purpose: whole runs in
 * virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/metric.h"
#include "stage.h"

#define BIT(outcome) (UINT64_C(1) << (outcome))
#define MOST_SEEN 4096

/* What the server and the books saw. */
struct notes {
    size_t seen;
    struct sample samples[MOST_SEEN];
    char first_body[4096]; /* of the first request, */
    bool same_body;        /* and whether all others of the operation had it too */
    uint16_t status;       /* of every answer but each third one */
    uint64_t headers_ns;
    uint64_t ill_from_ns; /* answers 500 between these moments */
    uint64_t ill_to_ns;
    struct transfer_header header;
    uint64_t requests;
    uint64_t slow_requests;
};

static void keep_sample(struct stage *stage, const struct sample *sample)
{
    struct notes *notes = stage->notes;

    assert_true(notes->seen < MOST_SEEN);
    notes->samples[notes->seen++] = *sample;
}

static void serve(void *ctx, const struct virtual_request *request,
                  struct virtual_answer *ret_answer)
{
    struct stage *stage = ctx;
    struct notes *notes = stage->notes;
    const size_t len = request->request->body_len;

    notes->requests++;
    notes->slow_requests += request->request->read_bytes_per_s == 2048;
    stage_serve(ctx, request, ret_answer);
    ret_answer->headers_ns = notes->headers_ns;
    if (request->serial == 0 && len < sizeof(notes->first_body))
        memcpy(notes->first_body, request->request->body, len);
    if (request->serial < 3)
        notes->same_body = strlen(notes->first_body) == len &&
                           memcmp(notes->first_body, request->request->body, len) == 0;
    if (notes->status && request->serial % 3 != 2)
        *ret_answer = (struct virtual_answer){
            .status = notes->status, .headers = &notes->header, .header_count = 1};
    if (request->sent_ns >= notes->ill_from_ns && request->sent_ns < notes->ill_to_ns)
        *ret_answer = (struct virtual_answer){.status = 500};
}

/* A user who asks, over and over, for so long. */
static void begin(struct stage *stage, struct notes *notes, uint64_t users,
                  uint64_t for_ns)
{
    *notes = (struct notes){.header = {.name = "Retry-After", .value = ""}};
    stage_init(stage);
    stage->server = serve;
    stage->on_sample = keep_sample;
    stage->notes = notes;
    stage_phase(stage, PLAN_PHASE_SUSTAINED, users, for_ns);
}

static const struct counters *counters(const struct stage *stage)
{
    return recorder_total(stage->recorder, RECORDER_ALL).counters;
}

static uint64_t operation_durations(const struct stage *stage)
{
    return histogram_count(recorder_total(stage->recorder, RECORDER_ALL)
                               .histograms[METRIC_OPERATION_DURATION]);
}

static const struct plan_retry three_attempts = {
    .attempts = 3,
    .base_ns = MS(100),
    .max_ns = S(1),
    .outcomes = BIT(OUTCOME_RATE_LIMITED) | BIT(OUTCOME_HTTP_5XX),
};

static void fault_28_a_retry_is_an_attempt_and_the_operation_counts_once(void **state)
{
    static struct notes notes;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(20));
    notes.status = 503;
    stage.steps[0].retry = &three_attempts;
    stage_open(&stage);
    stage_finish(&stage);
    /* Two refusals and an answer, again and again. */
    assert_true(stage.samples >= 30);
    assert_int_equal(counters(&stage)->retries, stage.samples / 3 * 2);
    assert_int_equal(counters(&stage)->retries_of[OUTCOME_HTTP_5XX],
                     counters(&stage)->retries);
    assert_int_equal(counters(&stage)->failed, stage.outcomes[OUTCOME_HTTP_5XX]);
    assert_int_equal(counters(&stage)->failed, counters(&stage)->retries);
    assert_int_equal(counters(&stage)->operations, stage.samples / 3);
    assert_int_equal(counters(&stage)->operations_failed, 0);
    assert_int_equal(operation_durations(&stage), stage.samples / 3);
    assert_true(notes.same_body);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(notes.samples[i].operation_id, 0);
        assert_int_equal(notes.samples[i].attempt, i);
    }
    assert_int_equal(notes.samples[2].retry_of, OUTCOME_HTTP_5XX);
    assert_true(notes.samples[1].due_ns >= notes.samples[0].end_ns);
    assert_true(notes.samples[1].due_ns <= notes.samples[0].end_ns + MS(100));
    stage_close(&stage);
}

static void the_question_of_a_retry_is_no_new_question(void **state)
{
    static struct notes notes;
    struct client_view client;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 3, S(20));
    notes.status = 503;
    stage.steps[0].retry = &three_attempts;
    stage.steps[0].chat.conversation = PLAN_CONVERSATION_KEEP;
    stage_open(&stage);
    stage_finish(&stage);
    recorder_client(stage.recorder, virtual_world_now(stage.world), &client);
    assert_true(counters(&stage)->retries > 10);
    assert_int_equal(client.questions, counters(&stage)->operations);
    assert_true(client.unique_questions > 0.999);
    stage_close(&stage);
}

static void an_operation_whose_attempts_all_fail_has_failed(void **state)
{
    static struct notes notes;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(10));
    notes.ill_to_ns = UINT64_MAX;
    stage.steps[0].retry = &three_attempts;
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(counters(&stage)->operations_failed, counters(&stage)->operations);
    assert_true(counters(&stage)->failed > 2 * counters(&stage)->operations);
    stage_close(&stage);
}

static void fault_27_a_429_is_waited_out_as_long_as_the_server_says(void **state)
{
    static struct notes notes;
    struct plan_retry polite = three_attempts;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(30));
    polite.honour_retry_after = true;
    polite.max_retry_after_ns = S(5);
    notes.status = 429;
    notes.header.value = "3";
    stage.steps[0].retry = &polite;
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(notes.samples[0].outcome, OUTCOME_RATE_LIMITED);
    assert_int_equal(notes.samples[1].due_ns, notes.samples[0].end_ns + S(3));
    stage_close(&stage);

    begin(&stage, &notes, 1, S(30));
    notes.status = 429;
    notes.header.value = "100000000000000000000";
    stage.steps[0].retry = &polite;
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(notes.samples[1].due_ns, notes.samples[0].end_ns + S(5));
    stage_close(&stage);

    begin(&stage, &notes, 1, S(30));
    notes.status = 429;
    notes.header.value = "-3";
    stage.steps[0].retry = &polite;
    stage_open(&stage);
    stage_finish(&stage);
    assert_true(notes.samples[1].due_ns <= notes.samples[0].end_ns + MS(100));
    stage_close(&stage);
}

static void who_waits_too_long_for_the_first_word_leaves_and_it_is_no_error(void **state)
{
    static const struct plan_patience patience = {
        .first_token = {
            .kind = PLAN_PAUSE_CONSTANT, .base_ns = S(2), .max_ns = UINT64_MAX}};
    static struct notes notes;
    struct series_view all;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(30));
    notes.headers_ns = S(10);
    stage.steps[0].patience = &patience;
    stage_open(&stage);
    stage_finish(&stage);
    all = recorder_total(stage.recorder, RECORDER_ALL);
    assert_int_equal(stage.samples, 10); /* two seconds of waiting, one of thinking */
    assert_int_equal(all.counters->abandoned, 10);
    assert_int_equal(all.counters->failed, 0);
    assert_int_equal(all.counters->operations_failed, 0);
    assert_int_equal(notes.samples[0].end_ns - notes.samples[0].sent_ns, S(2));
    assert_int_equal(histogram_censored(all.histograms[METRIC_TTFT]), 10);
    stage_close(&stage);
}

static void who_hears_the_first_word_in_time_stays(void **state)
{
    static const struct plan_patience patience = {
        .first_token = {
            .kind = PLAN_PAUSE_CONSTANT, .base_ns = MS(15), .max_ns = UINT64_MAX}};
    static struct notes notes;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(30));
    stage.steps[0].patience = &patience;
    stage_open(&stage);
    stage_finish(&stage);
    assert_int_equal(stage.outcomes[OUTCOME_OK], stage.samples);
    stage_close(&stage);
}

static void who_waits_too_long_for_the_end_leaves_with_what_was_said(void **state)
{
    static const struct plan_patience patience = {
        .total = {.kind = PLAN_PAUSE_CONSTANT, .base_ns = MS(25), .max_ns = UINT64_MAX}};
    static struct notes notes;
    struct series_view all;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(10));
    stage.steps[0].patience = &patience;
    stage_open(&stage);
    stage_finish(&stage);
    all = recorder_total(stage.recorder, RECORDER_ALL);
    assert_int_equal(all.counters->abandoned, stage.samples);
    assert_int_equal(notes.samples[0].chunks, 2);
    assert_int_equal(histogram_censored(all.histograms[METRIC_TTFT]), 0);
    assert_int_equal(all.counters->cut_short, stage.samples);
    assert_null(all.histograms[METRIC_E2E]);
    stage_close(&stage);
}

static void some_leave_after_a_few_words_and_the_same_ones_each_time(void **state)
{
    static const struct plan_patience patience = {
        .mid_stream = 0.4, .chunks_min = 1, .chunks_max = 2};
    static struct notes notes;
    static struct notes again;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 20, S(100));
    stage.steps[0].patience = &patience;
    stage_open(&stage);
    stage_finish(&stage);
    /* Five standard deviations of chance. */
    assert_true(stage.outcomes[OUTCOME_ABANDONED] > stage.samples * 33 / 100);
    assert_true(stage.outcomes[OUTCOME_ABANDONED] < stage.samples * 47 / 100);
    assert_int_equal(stage.outcomes[OUTCOME_ABANDONED] + stage.outcomes[OUTCOME_OK],
                     stage.samples);
    for (size_t i = 0; i < notes.seen; i++)
        assert_true(notes.samples[i].outcome == OUTCOME_OK
                        ? notes.samples[i].chunks == 3
                        : notes.samples[i].chunks >= 1 && notes.samples[i].chunks <= 2);
    stage_close(&stage);

    begin(&stage, &again, 20, S(100));
    stage.steps[0].patience = &patience;
    stage_play(&stage);
    assert_int_equal(again.seen, notes.seen);
    for (size_t i = 0; i < notes.seen; i++)
        assert_int_equal(again.samples[i].outcome, notes.samples[i].outcome);
}

/* Two questions in an iteration: who leaves at the first does not ask the second. */
static void who_leaves_takes_the_rest_of_the_iteration_with_them(void **state)
{
    static const struct plan_patience leaves = {
        .total = {.kind = PLAN_PAUSE_CONSTANT, .base_ns = MS(25), .max_ns = UINT64_MAX},
        .leaves = true};
    static const struct plan_patience goes_on = {
        .total = {.kind = PLAN_PAUSE_CONSTANT, .base_ns = MS(25), .max_ns = UINT64_MAX}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        static struct notes notes;
        struct stage stage;
        struct plan_step second;

        begin(&stage, &notes, 1, S(10));
        second = stage.steps[0];
        stage.steps[0].patience = i == 0 ? &leaves : &goes_on;
        stage.steps[2] = second;
        stage.plan.step_count = 3;
        stage.instructions[1] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 2};
        stage.instructions[2] = (struct plan_instruction){.op = PLAN_OP_THINK, .a = 1};
        stage.instructions[3] = (struct plan_instruction){.op = PLAN_OP_END};
        stage_play(&stage);
        if (i == 0)
            assert_int_equal(stage.outcomes[OUTCOME_OK], 0);
        else
            assert_int_equal(stage.outcomes[OUTCOME_OK],
                             stage.outcomes[OUTCOME_ABANDONED]);
    }
}

static void a_share_of_the_connections_is_broken_on_purpose_and_told_as_that(void **state)
{
    static const struct plan_chaos chaos = {.drop = 0.1, .reset = 0.1};
    static struct notes notes;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 20, S(100));
    stage.steps[0].chaos = &chaos;
    stage_open(&stage);
    stage_finish(&stage);
    assert_true(counters(&stage)->sabotaged > stage.samples * 14 / 100);
    assert_true(counters(&stage)->sabotaged < stage.samples * 26 / 100);
    assert_int_equal(counters(&stage)->failed, 0);
    assert_int_equal(counters(&stage)->ok + counters(&stage)->sabotaged, stage.samples);
    stage_close(&stage);
}

static void what_is_sent_late_on_purpose_is_no_lag_of_throngs(void **state)
{
    static const struct plan_chaos chaos = {.late = 0.5,
                                            .late_by = {.kind = PLAN_PAUSE_CONSTANT,
                                                        .base_ns = MS(300),
                                                        .max_ns = UINT64_MAX}};
    static struct notes notes;
    struct series_view all;
    struct stage stage;
    uint64_t late = 0;

    (void)state;
    begin(&stage, &notes, 10, S(60));
    stage.steps[0].chaos = &chaos;
    stage_open(&stage);
    stage_finish(&stage);
    for (size_t i = 0; i < notes.seen; i++) {
        const struct sample *sample = &notes.samples[i];

        assert_true(sample->late_ns == 0 || sample->late_ns == MS(300));
        assert_int_equal(sample->sent_ns, sample->due_ns + sample->late_ns);
        late += sample->late_ns > 0;
    }
    assert_true(late > notes.seen / 3 && late < notes.seen * 2 / 3);
    all = recorder_total(stage.recorder, RECORDER_ALL);
    /* The least that histograms hold. */
    assert_int_equal(histogram_max_ns(all.histograms[METRIC_SCHEDULE_LAG]), NS_PER_US);
    assert_int_equal(counters(&stage)->ok, stage.samples);
    stage_close(&stage);
}

static void a_slow_reader_is_asked_for_and_marked(void **state)
{
    static const struct plan_reading reading = {.bytes_per_s = 2048};
    static struct notes notes;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(5));
    stage.steps[0].reading = &reading;
    stage_play(&stage);
    assert_true(notes.requests > 0);
    assert_int_equal(notes.slow_requests, notes.requests);
    assert_true(notes.samples[0].flags & SAMPLE_SLOW_READER);
}

static void turn_on_breaker(struct stage *stage)
{
    stage->target.breaker = (struct plan_breaker){.on = true,
                                                  .above = 0.5,
                                                  .over_ns = S(5),
                                                  .min_count = 10,
                                                  .open_ns = S(10),
                                                  .probes = 2};
}

static void an_open_circuit_spares_an_ill_server_and_closes_when_it_is_well(void **state)
{
    static struct notes notes;
    struct circuit_view circuit;
    struct stage stage;
    uint64_t asked_while_ill = 0;

    (void)state;
    begin(&stage, &notes, 10, S(120));
    notes.ill_from_ns = BEGIN + S(30);
    notes.ill_to_ns = BEGIN + S(60);
    turn_on_breaker(&stage);
    stage_open(&stage);
    stage_finish(&stage);
    for (size_t i = 0; i < notes.seen; i++)
        asked_while_ill += notes.samples[i].outcome == OUTCOME_HTTP_5XX;
    assert_in_range(asked_while_ill, 10, 40); /* of about 300 without it */
    assert_int_equal(notes.requests + stage.outcomes[OUTCOME_CIRCUIT_OPEN],
                     stage.samples);
    /* Everybody asks at most once a second while nothing is sent. */
    assert_in_range(stage.outcomes[OUTCOME_CIRCUIT_OPEN], 100, 420);
    assert_int_equal(counters(&stage)->failed,
                     asked_while_ill + stage.outcomes[OUTCOME_CIRCUIT_OPEN]);
    assert_int_equal(notes.samples[notes.seen - 1].outcome, OUTCOME_OK);
    assert_int_equal(engine_view(stage.engine)->circuit_count, 1);
    circuit = engine_view(stage.engine)->circuits[0];
    assert_int_equal(circuit.not_sent, stage.outcomes[OUTCOME_CIRCUIT_OPEN]);
    assert_true(circuit.is_closed);
    assert_int_equal(circuit.opened, 1);
    assert_in_range(circuit.open_ns, S(28), S(45));
    assert_true(stage.circuits_told >= 3); /* open, half-open, closed */
    stage_close(&stage);
}

static void an_open_circuit_does_not_spin_without_think_time(void **state)
{
    static struct notes notes;
    struct stage stage;

    (void)state;
    begin(&stage, &notes, 1, S(60));
    notes.ill_to_ns = UINT64_MAX;
    stage.classes[0].think.kind = PLAN_PAUSE_NONE;
    notes.headers_ns = MS(1);
    turn_on_breaker(&stage);
    stage_play(&stage);
    assert_true(stage.outcomes[OUTCOME_CIRCUIT_OPEN] <= 60);
    assert_true(stage.outcomes[OUTCOME_CIRCUIT_OPEN] >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_28_a_retry_is_an_attempt_and_the_operation_counts_once),
        cmocka_unit_test(the_question_of_a_retry_is_no_new_question),
        cmocka_unit_test(an_operation_whose_attempts_all_fail_has_failed),
        cmocka_unit_test(fault_27_a_429_is_waited_out_as_long_as_the_server_says),
        cmocka_unit_test(who_waits_too_long_for_the_first_word_leaves_and_it_is_no_error),
        cmocka_unit_test(who_hears_the_first_word_in_time_stays),
        cmocka_unit_test(who_waits_too_long_for_the_end_leaves_with_what_was_said),
        cmocka_unit_test(some_leave_after_a_few_words_and_the_same_ones_each_time),
        cmocka_unit_test(who_leaves_takes_the_rest_of_the_iteration_with_them),
        cmocka_unit_test(
            a_share_of_the_connections_is_broken_on_purpose_and_told_as_that),
        cmocka_unit_test(what_is_sent_late_on_purpose_is_no_lag_of_throngs),
        cmocka_unit_test(a_slow_reader_is_asked_for_and_marked),
        cmocka_unit_test(an_open_circuit_spares_an_ill_server_and_closes_when_it_is_well),
        cmocka_unit_test(an_open_circuit_does_not_spin_without_think_time),
    };

    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}
