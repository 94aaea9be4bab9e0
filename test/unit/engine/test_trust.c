/*
 * Trust over whole runs in virtual time: what happens to a load generator, and what it then says of
 * itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "measure/trust.h"
#include "stage.h"

#define CHUNK "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}"
#define FINISH "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
#define CHUNKS 10

/* An answer of so many chunks, 20 ms apart, the first after 100 ms; each test changes some. */
struct answer {
    struct virtual_event events[CHUNKS + 2];
    uint64_t connect_ns;
    uint64_t sending_ns; /* how long the program is busy with a request */
};

static struct answer calm(void)
{
    struct answer answer = {.events = {{.delay_ns = MS(100), .data = CHUNK}}};

    for (size_t i = 1; i < CHUNKS; i++)
        answer.events[i] = (struct virtual_event){.delay_ns = MS(20), .data = CHUNK};
    answer.events[CHUNKS] = (struct virtual_event){.data = FINISH};
    answer.events[CHUNKS + 1] = (struct virtual_event){.data = "[DONE]"};
    return answer;
}

static void serve(void *ctx, const struct virtual_request *request,
                  struct virtual_answer *ret_answer)
{
    struct stage *stage = ctx;
    const struct answer *answer = stage->notes;

    (void)request;
    virtual_world_stall(stage->world, answer->sending_ns);
    ret_answer->events = answer->events;
    ret_answer->event_count = COUNT_OF(answer->events);
    ret_answer->connect_ns = answer->connect_ns;
}

/* Opens a run of ten seconds. */
static void open_run(struct stage *stage, struct answer *answer, uint64_t users)
{
    stage_init(stage);
    stage->server = serve;
    stage->notes = answer;
    stage_phase(stage, PLAN_PHASE_SUSTAINED, users, S(10));
    stage_open(stage);
}

/* Plays it to its end, and judges it. */
static struct trust judge(struct stage *stage)
{
    const struct trust_inputs inputs = {
        .is_over = true, .elapsed_ns = S(10), .load_end_ns = BEGIN + S(10)};
    struct trust trust;

    stage_finish(stage);
    trust_of(stage->recorder, &inputs, &trust);
    stage_close(stage);
    return trust;
}

static struct trust judge_answers(struct answer answer)
{
    struct stage stage;

    open_run(&stage, &answer, 20);
    return judge(&stage);
}

static void assert_grade(const struct trust *trust, enum trust_grade grade,
                         enum trust_rule rule)
{
    if (trust->grade != grade)
        fail_msg("%c instead of %c: %s", trust_letter(trust->grade), trust_letter(grade),
                 trust->reason_count ? trust->reasons[0].sentence : "");
    assert_true(trust->reason_count > 0);
    assert_int_equal(trust->reasons[0].rule, rule);
}

static void a_calm_run_is_an_a(void **state)
{
    const struct trust trust = judge_answers(calm());

    (void)state;
    assert_int_equal(trust.grade, TRUST_A);
    assert_int_equal(trust.reason_count, 0);
}

/* The kernel's stamp is exact for what comes alone, however late the program looked. */
static void chunks_that_are_seen_late_one_by_one_do_no_harm(void **state)
{
    struct answer answer = calm();

    (void)state;
    for (size_t i = 0; i < CHUNKS; i++)
        answer.events[i].late_ns = MS(15);
    assert_int_equal(judge_answers(answer).grade, TRUST_A);
}

static void chunks_in_a_heap_that_is_seen_late_are_unsure(void **state)
{
    struct answer answer = calm();
    struct trust trust;

    (void)state;
    answer.events[4].late_ns = MS(25);
    answer.events[5].joined = true;
    trust = judge_answers(answer);
    assert_grade(&trust, TRUST_D, TRUST_RULE_CHUNKS); /* 2 of 10 */
    assert_int_equal(trust.reason_count, 1);
    assert_non_null(
        strstr(trust.reasons[0].sentence, "20% of the chunks have no certain arrival"));
}

static void a_heap_that_is_seen_at_once_does_no_harm(void **state)
{
    struct answer answer = calm();

    (void)state;
    answer.events[5].joined = true;
    answer.events[5].delay_ns = 0;
    assert_int_equal(judge_answers(answer).grade, TRUST_A);
}

/* A first output in a heap may have come as early as the socket was last seen empty. */
static void a_first_output_in_a_heap_widens_the_bound_of_ttft(void **state)
{
    struct answer answer = calm();
    struct trust trust;

    (void)state;
    answer.events[0].late_ns = MS(30);
    answer.events[1].joined = true;
    trust = judge_answers(answer);
    assert_grade(&trust, TRUST_F, TRUST_RULE_TTFT_WIDTH); /* 120 ms of 120 ms */
    assert_int_equal(trust.reasons[1].rule, TRUST_RULE_CHUNKS);
    assert_int_equal(trust.reasons[1].grade, TRUST_D);
}

static void chunks_without_stamps_are_an_f(void **state)
{
    struct answer answer = calm();
    struct trust trust;
    bool widths = false;

    (void)state;
    for (size_t i = 0; i < CHUNKS; i++)
        answer.events[i].unstamped = true;
    trust = judge_answers(answer);
    assert_int_equal(trust.grade, TRUST_F);
    for (size_t i = 0; i < trust.reason_count; i++)
        widths = widths || trust.reasons[i].rule == TRUST_RULE_ICL_WIDTH;
    assert_true(widths);
    assert_int_equal(trust.reasons[trust.reason_count - 1].rule, TRUST_RULE_CHUNKS);
    assert_non_null(
        strstr(trust.reasons[trust.reason_count - 1].sentence, "--no-kernel-stamps"));
}

/* Between two requests: no timer of the load is due, no chunk comes, and nobody is late. */
static void fault_45_a_process_that_stood_still_is_told(void **state)
{
    struct answer answer = calm();
    struct stage stage;
    struct trust trust;

    (void)state;
    stage_init(&stage);
    stage.server = serve;
    stage.notes = &answer;
    stage.classes[0].think.base_ns = S(5);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(10));
    stage_open(&stage);
    stage_run_to(&stage, S(2));
    virtual_world_stall(stage.world, MS(800));
    trust = judge(&stage);
    assert_grade(&trust, TRUST_D, TRUST_RULE_STALLS);
    assert_int_equal(trust.reason_count, 1);
    assert_non_null(strstr(trust.reasons[0].sentence, "stood still 1 time"));
}

static void fault_45_a_process_that_stood_still_amid_answers_spoils_no_gap(void **state)
{
    struct answer answer = calm();
    const struct histogram *icl;
    struct series_view window;
    struct stage stage;

    (void)state;
    /* What came while it stood lies there together when it looks again. */
    answer.events[3].late_ns = MS(800);
    for (size_t i = 4; i < CHUNKS; i++)
        answer.events[i].joined = true;
    open_run(&stage, &answer, 20);
    stage_finish(&stage);
    window = recorder_total(stage.recorder, RECORDER_WINDOW);
    icl = window.histograms[METRIC_ICL];
    assert_in_range(histogram_max_ns(icl), MS(20) - 50000, MS(20) + 50000);
    assert_int_equal(histogram_count(icl), 2 * stage.samples);
    stage_close(&stage);
}

/* Sending takes 0.3 ms, so the last of 400 leaves 120 ms late: the reason must name the cause. */
static void fault_52_many_new_connections_in_one_instant_are_named(void **state)
{
    struct answer answer = calm();
    struct stage stage;
    struct trust trust;

    (void)state;
    answer.connect_ns = MS(1);
    answer.sending_ns = 300 * NS_PER_US;
    open_run(&stage, &answer, 400);
    trust = judge(&stage);
    assert_grade(&trust, TRUST_D, TRUST_RULE_SCHEDULE_LAG);
    assert_non_null(strstr(trust.reasons[0].sentence, "up to 400 were due within 10 ms"));
    assert_non_null(strstr(trust.reasons[0].sentence, "needed a new connection"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calm_run_is_an_a),
        cmocka_unit_test(chunks_that_are_seen_late_one_by_one_do_no_harm),
        cmocka_unit_test(chunks_in_a_heap_that_is_seen_late_are_unsure),
        cmocka_unit_test(a_heap_that_is_seen_at_once_does_no_harm),
        cmocka_unit_test(a_first_output_in_a_heap_widens_the_bound_of_ttft),
        cmocka_unit_test(chunks_without_stamps_are_an_f),
        cmocka_unit_test(fault_45_a_process_that_stood_still_is_told),
        cmocka_unit_test(fault_45_a_process_that_stood_still_amid_answers_spoils_no_gap),
        cmocka_unit_test(fault_52_many_new_connections_in_one_instant_are_named),
    };

    return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
