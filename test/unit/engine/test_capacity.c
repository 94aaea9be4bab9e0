#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/capacity.h"
#include "plan/plan.h"
#include "stage.h"

#define MOST_SLOTS 256

/* A server of so many slots: each serves a request for so long, and the others wait in order. */
struct slots {
    size_t count;
    uint64_t service_ns;
    uint64_t free_at_ns[MOST_SLOTS];
    uint64_t refuse_from;  /* requests in flight from which it refuses; 0: never */
    uint64_t stalls_at_ns; /* it forgets to serve anybody for a while then; 0: never */
    uint64_t served;
};

static struct slots *slots_of(void *ctx)
{
    struct stage *stage = ctx;

    return stage->notes;
}

static void serve(void *ctx, const struct virtual_request *request,
                  struct virtual_answer *ret_answer)
{
    struct slots *slots = slots_of(ctx);
    size_t first = 0;
    uint64_t start_ns;

    for (size_t i = 1; i < slots->count; i++)
        if (slots->free_at_ns[i] < slots->free_at_ns[first])
            first = i;
    start_ns = slots->free_at_ns[first] > request->sent_ns ? slots->free_at_ns[first]
                                                           : request->sent_ns;
    if (slots->refuse_from && start_ns > request->sent_ns + slots->refuse_from) {
        ret_answer->status = 429;
        ret_answer->headers_ns = MS(20);
        return;
    }
    slots->free_at_ns[first] = start_ns + slots->service_ns;
    slots->served++;
    ret_answer->headers_ns = start_ns - request->sent_ns + slots->service_ns - MS(30);
    ret_answer->events = stage_words;
    ret_answer->event_count = stage_word_count;
}

static const struct plan_threshold fast[] = {
    {.metric = "ttft", .selector = "", .expression = "p(95)<100ms"},
    {.metric = "error_rate", .selector = "", .expression = "rate<1%"},
};

struct search {
    struct stage stage;
    struct slots slots;
    struct plan plan; /* of the levels */
    struct capacity_options options;
    struct capacity *capacity;
    unsigned told;
};

static void count_level(void *ctx, const struct capacity_report *report,
                        const struct capacity_level *level)
{
    struct search *search = ctx;

    assert_ptr_equal(level, &report->levels[report->level_count - 1]);
    search->told++;
}

/* People who ask, wait for the answer, and ask again at once. */
static struct search *search_new(size_t slots, uint64_t service_ns)
{
    struct search *search = calloc(1, sizeof(*search));
    struct stage *stage;

    assert_non_null(search);
    stage = &search->stage;
    stage_init(stage);
    stage->classes[0].think.base_ns = 0;
    stage->classes[0].think.max_ns = 0;
    stage->server = serve;
    stage->notes = &search->slots;
    stage->plan.graceful_stop_ns = S(5);
    stage->plan.graceful_ramp_down_ns = S(30);
    search->slots.count = slots;
    search->slots.service_ns = service_ns;
    search->options = (struct capacity_options){
        .plan = &search->plan,
        .own_slo = 1,
        .from = 1,
        .to = INFINITY,
        .resolution = 0.04,
        .confirm = 2,
        .settle_ns = S(2),
        .first_settle_ns = S(2),
        .hold_ns = S(10),
        .max_duration_ns = S(3600),
        .least_trust = TRUST_C,
        .on_level = count_level,
        .ctx = search,
    };
    return search;
}

static const struct capacity_report *search_play(struct search *search)
{
    struct stage *stage = &search->stage;
    uint64_t at_ns = 0;

    search->plan = stage->plan;
    search->plan.thresholds = fast;
    search->plan.threshold_count = 2;
    assert_int_equal(capacity_new(&search->options, &search->capacity), 0);
    stage->phases[0] = *capacity_first_phase(search->capacity);
    stage->plan.phases = stage->phases;
    stage->plan.phase_count = 1;
    stage_open(stage);
    capacity_open(search->capacity, stage->engine, stage->recorder);
    while (stage->done == 0) {
        at_ns += MS(250);
        assert_true(at_ns < S(7200));
        stage_run_to(stage, at_ns);
        capacity_tick(search->capacity, engine_view(stage->engine));
    }
    capacity_finish(search->capacity);
    return capacity_report(search->capacity);
}

static void search_free(struct search *search)
{
    stage_close(&search->stage);
    capacity_free(search->capacity);
    free(search);
}

/*
 * Nobody may wait, but for one in twenty: as many users as there are slots, and where all began at once a
 * twentieth more.
 */
static void the_users_that_fit_are_found(void **state)
{
    static const size_t slots[] = {1, 3, 10, 40, 100};

    (void)state;
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        struct search *search = search_new(slots[i], MS(110));
        const struct capacity_report *report = search_play(search);
        const double right = (double)slots[i];

        assert_int_equal(report->end, CAPACITY_FOUND);
        assert_true(report->answer >= right && report->answer <= right * 1.05);
        assert_true(report->low <= report->answer && report->high > report->answer);
        assert_int_equal(report->held, 3);
        assert_int_equal(report->saturation, CAPACITY_SATURATED_QUEUE);
        assert_false(report->is_hysteretic);
        assert_int_equal(search->told, report->level_count);
        assert_int_equal(search->stage.done, 1);
        search_free(search);
    }
}

/* Each level has figures of its own: neither of the change to it nor of the level before. */
static void a_level_is_measured_alone(void **state)
{
    struct search *search = search_new(8, MS(110));
    const struct capacity_report *report = search_play(search);

    (void)state;
    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];
        const double most = 8 / 0.110;

        if (!capacity_is_trial(level))
            continue;
        /* Those of one round may end just outside. */
        assert_true(fabs(level->done_per_s - fmin(level->load / 0.110, most)) <=
                    fmin(level->load, 8) / level->hold_s);
        assert_true(fabs(level->in_flight - level->load) < 0.1);
        if (level->load <= 8)
            assert_true(fabs(level->ttft_p95_ms - 90) < 2);
        assert_true(level->hold_s >= 2.5 && level->hold_s <= 31);
    }
    search_free(search);
}

static void a_server_that_refuses_is_limited_by_that(void **state)
{
    struct search *search = search_new(10, MS(110));
    const struct capacity_report *report;

    (void)state;
    search->slots.refuse_from = MS(1);
    report = search_play(search);
    assert_int_equal(report->end, CAPACITY_FOUND);
    assert_true(report->answer == 10);
    assert_int_equal(report->saturation, CAPACITY_SATURATED_RATE_LIMITED);
    assert_true(report->levels[report->breaking].rate_limited > 0);
    search_free(search);
}

/* What was due in a hold and is answered long after it counts all the same. */
static void slow_answers_count_though_they_end_after_the_level(void **state)
{
    struct search *search = search_new(1, S(40));
    const struct capacity_report *report;

    (void)state;
    search->options.max_duration_ns = S(600);
    report = search_play(search);
    assert_int_equal(report->end, CAPACITY_NONE_HELD);
    assert_int_equal(report->level_count, 2);
    assert_false(report->levels[0].held);
    search_free(search);
}

static void the_end_of_the_time_is_the_end_of_the_search(void **state)
{
    struct search *search = search_new(100, MS(110));
    const struct capacity_report *report;

    (void)state;
    search->options.max_duration_ns = S(60);
    report = search_play(search);
    assert_int_equal(report->end, CAPACITY_UNCONFIRMED);
    assert_true(report->answer >= 4);
    assert_true(virtual_world_now(search->stage.world) <= BEGIN + S(66));
    search_free(search);
}

static void the_highest_that_may_be_tried_is_not_passed(void **state)
{
    struct search *search = search_new(100, MS(110));
    const struct capacity_report *report;

    (void)state;
    search->options.to = 24;
    report = search_play(search);
    assert_int_equal(report->end, CAPACITY_TOP_HELD);
    assert_true(report->answer == 24);
    for (size_t i = 0; i < report->level_count; i++)
        assert_true(report->levels[i].load <= 24);
    search_free(search);
}

/* The phases that were made are told as they were: one behind the other, without a gap. */
static void the_phases_that_were_made_are_known(void **state)
{
    struct search *search = search_new(8, MS(110));
    const struct capacity_report *report = search_play(search);
    const struct plan *plan = capacity_plan(search->capacity);
    double at_s = 0;
    size_t level = 0;

    (void)state;
    assert_string_equal(plan->phases[0].name, "level-1-settle");
    for (size_t i = 0; i + 1 < plan->phase_count; i++) {
        if (level < report->level_count &&
            strcmp(plan->phases[i].name, report->levels[level].phase) == 0) {
            assert_true(fabs(report->levels[level].start_s - at_s) < 1e-6);
            assert_true(fabs(report->levels[level].hold_s -
                             (double)plan->phases[i].duration_ns / 1e9) < 1e-6);
            level++;
        }
        at_s += (double)plan->phases[i].duration_ns / 1e9;
    }
    assert_int_equal(level, report->level_count);
    search_free(search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_users_that_fit_are_found),
        cmocka_unit_test(a_level_is_measured_alone),
        cmocka_unit_test(a_server_that_refuses_is_limited_by_that),
        cmocka_unit_test(slow_answers_count_though_they_end_after_the_level),
        cmocka_unit_test(the_end_of_the_time_is_the_end_of_the_search),
        cmocka_unit_test(the_highest_that_may_be_tried_is_not_passed),
        cmocka_unit_test(the_phases_that_were_made_are_known),
    };

    return cmocka_run_group_tests_name("capacity", tests, NULL, NULL);
}
