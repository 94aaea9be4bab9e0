/*
 * Runs in virtual time that are watched for anomalies: what was done to the server is found, and what the
 * scenario does itself, or chance, is not.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "measure/anomaly.h"
#include "stage.h"

#define CHUNK "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"yes\"}}]}"
#define FINISH "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"

#define CHUNKS 12
#define EVENTS (CHUNKS + 2)
#define ANSWERS 4096 /* at the same time, at most */
#define TICK_NS MS(250)

enum fault { NO_FAULT, SLOW, STALLED, FAILING, HELD, LONGER };

/* A server whose answers are heavy-tailed, whose speed wavers, and which does wrong for a while. */
struct server {
    struct rng rng;
    double sigma; /* of the logarithm of the first token's time */
    double waver; /* of all times: share, slowly up and down */
    double crowd; /* longer by so much for each request in flight */
    enum fault fault;
    uint64_t from_ns;
    uint64_t to_ns;
    const struct stage *stage;
    size_t next;
    struct virtual_event events[ANSWERS][EVENTS + CHUNKS];
};

struct play {
    struct stage stage;
    struct server *server;
    struct anomaly_watch *watch;
    struct anomaly heard[2 * ANOMALIES_MAX];
    size_t heard_count;
    uint64_t reloaded_at_ns; /* 0: never */
    struct plan reloaded;
};

static struct server the_server;

static bool is_faulty(const struct server *server, enum fault fault, uint64_t now_ns)
{
    return server->fault == fault && now_ns >= server->from_ns && now_ns < server->to_ns;
}

static double speed_at(const struct server *server, uint64_t now_ns)
{
    const double seconds = (double)(now_ns - BEGIN) / 1e9;

    return 1 + server->waver * sin(seconds / 7) +
           server->crowd * (double)recorder_in_flight(server->stage->recorder);
}

static uint64_t draw(struct server *server, double median_ms, double sigma)
{
    return (uint64_t)(median_ms * exp(sigma * rng_normal(&server->rng)) * 1e6);
}

/* What would come within a stall comes when it is over. */
static void stall(const struct server *server, struct virtual_event *events, size_t count,
                  uint64_t sent_ns)
{
    uint64_t at_ns = sent_ns;
    uint64_t told_ns = sent_ns;

    if (server->fault != STALLED && server->fault != HELD)
        return;
    for (size_t i = 0; i < count; i++) {
        const bool is_held =
            server->fault == STALLED || (i == 0 && server->fault == HELD);
        uint64_t comes_ns;

        at_ns += events[i].delay_ns;
        if (server->fault == HELD && i > 0)
            continue;
        comes_ns = is_held && at_ns >= server->from_ns && at_ns < server->to_ns
                       ? server->to_ns
                       : at_ns;
        events[i].delay_ns = comes_ns > told_ns ? comes_ns - told_ns : 0;
        told_ns = comes_ns > told_ns ? comes_ns : told_ns;
    }
}

static void serve(void *ctx, const struct virtual_request *request,
                  struct virtual_answer *ret_answer)
{
    const struct stage *stage = ctx;
    struct server *server = stage->notes;
    const uint64_t now_ns = request->sent_ns;
    struct virtual_event *events = server->events[server->next++ % ANSWERS];
    const size_t chunks = is_faulty(server, LONGER, now_ns) ? 2 * CHUNKS : CHUNKS;
    double speed = speed_at(server, now_ns);

    if (is_faulty(server, FAILING, now_ns) && rng_unit(&server->rng) < 0.4) {
        *ret_answer =
            (struct virtual_answer){.status = 503, .content_type = "text/plain"};
        return;
    }
    if (is_faulty(server, SLOW, now_ns))
        speed *= 5;
    for (size_t i = 0; i < chunks; i++)
        events[i] = (struct virtual_event){
            .delay_ns = i == 0 ? draw(server, 200 * speed, server->sigma)
                               : draw(server, 20 * speed, 0.5),
            .data = CHUNK};
    events[chunks] = (struct virtual_event){.data = FINISH};
    events[chunks + 1] = (struct virtual_event){.data = "[DONE]"};
    stall(server, events, chunks, now_ns);
    ret_answer->events = events;
    ret_answer->event_count = chunks + 2;
}

static void hear(void *ctx, const struct anomaly *anomaly)
{
    struct play *play = ctx;

    assert_true(play->heard_count < 2 * ANOMALIES_MAX);
    play->heard[play->heard_count++] = *anomaly;
}

static void play_init(struct play *play, uint64_t seed, enum fault fault, uint64_t from_s,
                      uint64_t to_s)
{
    memset(play, 0, sizeof(*play));
    memset(&the_server, 0, sizeof(the_server));
    play->server = &the_server;
    stage_init(&play->stage);
    the_server.stage = &play->stage;
    the_server.sigma = 1.0;
    the_server.waver = 0.15;
    the_server.fault = fault;
    the_server.from_ns = BEGIN + S(from_s);
    the_server.to_ns = BEGIN + S(to_s);
    rng_init(&the_server.rng, seed, 0, 0, RNG_TEST);
    play->stage.plan.seed = seed;
    play->stage.server = serve;
    play->stage.notes = &the_server;
    play->stage.classes[0].think = (struct plan_pause){.kind = PLAN_PAUSE_UNIFORM,
                                                       .base_ns = S(2),
                                                       .variance_ns = MS(1900),
                                                       .max_ns = UINT64_MAX};
    assert_int_equal(anomaly_watch_new(hear, play, &play->watch), 0);
}

static void play_run(struct play *play)
{
    uint64_t end_ns = 0;

    for (size_t i = 0; i < play->stage.plan.phase_count; i++)
        end_ns += play->stage.phases[i].duration_ns;
    stage_open(&play->stage);
    for (uint64_t at_ns = TICK_NS; at_ns <= end_ns; at_ns += TICK_NS) {
        struct interval_view interval;
        struct run_view view;

        stage_run_to(&play->stage, at_ns);
        view = *engine_view(play->stage.engine);
        view.now_ns = BEGIN + at_ns;
        if (play->reloaded_at_ns && at_ns >= play->reloaded_at_ns)
            view.plan = &play->reloaded;
        recorder_close_interval(play->stage.recorder, BEGIN + at_ns, &interval);
        anomaly_watch_add(play->watch, &view, &interval);
    }
    anomaly_watch_end(play->watch);
    stage_finish(&play->stage);
}

static void play_close(struct play *play)
{
    stage_close(&play->stage);
    play->watch = anomaly_watch_free(play->watch);
}

static void print(const struct play *play)
{
    for (size_t i = 0; i < play->heard_count; i++) {
        struct buf text = BUF_INIT(1000);

        anomaly_say(&play->heard[i], &text);
        printf("# %d from %.1f to %.1f: %s: %s\n", (int)play->heard[i].end,
               (double)play->heard[i].start_ns / 1e9, (double)play->heard[i].end_ns / 1e9,
               anomaly_signal_name(play->heard[i].signal), buf_str(&text));
        buf_deinit(&text);
    }
}

/* The first anomaly of a signal that is over; ANOMALY_GOES_ON where there was none. */
static struct anomaly first_of(const struct play *play, enum anomaly_signal signal)
{
    const struct anomaly_view view = anomaly_watch_view(play->watch);

    for (size_t i = 0; i < view.ended_count; i++)
        if (view.ended[i].signal == signal)
            return view.ended[i];
    return (struct anomaly){.end = ANOMALY_GOES_ON};
}

static bool has(const struct play *play, enum anomaly_signal signal)
{
    return first_of(play, signal).end != ANOMALY_GOES_ON;
}

static uint64_t begun(const struct play *play)
{
    const struct anomaly_view view = anomaly_watch_view(play->watch);
    uint64_t sum = 0;

    for (size_t i = 0; i < ANOMALY_KINDS; i++)
        sum += view.begun[i];
    return sum;
}

static void a_steady_hour_of_heavy_tails_has_at_most_one(void **state)
{
    struct play play;

    (void)state;
    play_init(&play, 1, NO_FAULT, 0, 0);
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 30, S(3600));
    play_run(&play);
    print(&play);
    assert_in_range(begun(&play), 0, 1);
    play_close(&play);
}

/* Left out of the past for good, the crests of a wave would each be odd again. */
static void what_recurs_becomes_usual(void **state)
{
    struct play play;

    (void)state;
    play_init(&play, 11, NO_FAULT, 0, 0);
    play.server->sigma = 0.3;
    play.server->waver = 0.4;
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 60, S(3600));
    play_run(&play);
    print(&play);
    assert_in_range(begun(&play), 1, 6);
    play_close(&play);
}

static void play_steadily(struct play *play, enum fault fault, uint64_t from_s,
                          uint64_t to_s)
{
    play_init(play, 3, fault, from_s, to_s);
    play->server->sigma = 0.5;
    stage_phase(&play->stage, PLAN_PHASE_SUSTAINED, 60, S(150));
    play_run(play);
    print(play);
}

static void assert_found(struct anomaly anomaly, uint64_t from_s, uint64_t to_s,
                         uint64_t late_s)
{
    assert_int_equal(anomaly.end, ANOMALY_PASSED);
    assert_in_range(anomaly.start_ns, S(from_s) - S(1), S(from_s + late_s));
    assert_in_range(anomaly.end_ns, S(to_s) - S(2), S(to_s + late_s + 5));
}

static void a_server_that_is_slow_for_a_while_is_found(void **state)
{
    struct play play;

    (void)state;
    play_steadily(&play, SLOW, 80, 92);
    assert_found(first_of(&play, ANOMALY_TTFT), 80, 92, 4);
    assert_found(first_of(&play, ANOMALY_ICL), 80, 92, 4);
    assert_false(has(&play, ANOMALY_ERROR_RATE));
    assert_in_range((uint64_t)first_of(&play, ANOMALY_TTFT).value, 1200, 4500);
    assert_in_range((uint64_t)first_of(&play, ANOMALY_TTFT).expected, 350, 600);
    /* Each is told twice: when it begins, and when it is over. */
    assert_int_equal(play.heard_count, 2 * begun(&play));
    play_close(&play);
}

static void streams_that_stand_still_are_found_by_their_gaps(void **state)
{
    struct play play;

    (void)state;
    play_steadily(&play, STALLED, 80, 84);
    assert_found(first_of(&play, ANOMALY_ICL), 84, 84, 3);
    assert_in_range((uint64_t)first_of(&play, ANOMALY_ICL).value, 2000, 4400);
    play_close(&play);
}

static void errors_that_come_all_at_once_are_found(void **state)
{
    struct play play;

    (void)state;
    play_steadily(&play, FAILING, 80, 90);
    assert_found(first_of(&play, ANOMALY_ERROR_RATE), 80, 90, 3);
    assert_true(first_of(&play, ANOMALY_ERROR_RATE).value > 0.25);
    assert_int_equal(first_of(&play, ANOMALY_ERROR_RATE).expected * 1000, 0);
    play_close(&play);
}

static void a_platform_that_begins_no_answers_is_found(void **state)
{
    struct play play;

    (void)state;
    play_steadily(&play, HELD, 80, 90);
    assert_found(first_of(&play, ANOMALY_THROUGHPUT), 80, 90, 4);
    assert_found(first_of(&play, ANOMALY_TTFT), 90, 90, 4);
    play_close(&play);
}

static void what_stays_is_usual_after_a_minute(void **state)
{
    struct anomaly ttft;
    struct play play;

    (void)state;
    play_init(&play, 4, SLOW, 60, 1000);
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 60, S(240));
    play_run(&play);
    ttft = first_of(&play, ANOMALY_TTFT);
    assert_int_equal(ttft.end, ANOMALY_STAYED);
    assert_in_range(ttft.end_ns - ttft.start_ns, S(60), S(62));
    for (size_t i = 0; i < play.heard_count; i++)
        assert_in_range(play.heard[i].start_ns, S(58), S(130));
    play_close(&play);
}

static void longer_answers_are_no_spike(void **state)
{
    struct play play;

    (void)state;
    play_steadily(&play, LONGER, 80, 90);
    assert_false(has(&play, ANOMALY_E2E));
    assert_false(has(&play, ANOMALY_TTFT));
    assert_false(has(&play, ANOMALY_ICL));
    play_close(&play);
}

/* A server that a crowd makes slow; the crowd is the scenario's. */
static void what_the_scenario_does_itself_is_none(void **state)
{
    struct play play;

    (void)state;
    play_init(&play, 5, NO_FAULT, 0, 0);
    play.server->crowd = 0.1;
    stage_phase(&play.stage, PLAN_PHASE_RAMP_UP, 60, S(60));
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 60, S(90));
    stage_phase(&play.stage, PLAN_PHASE_SPIKE, 400, S(40));
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 60, S(60))->name = "sustained-2";
    stage_phase(&play.stage, PLAN_PHASE_PAUSE, 0, S(20));
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 60, S(60))->name = "sustained-3";
    stage_phase(&play.stage, PLAN_PHASE_COOL_DOWN, 0, S(30));
    play_run(&play);
    print(&play);
    assert_int_equal(begun(&play), 0);
    play_close(&play);
}

/* With as many users, but maybe longer prompts or another model. */
static void what_a_scenario_asks_that_was_read_again_is_none(void **state)
{
    struct play play;

    (void)state;
    play_init(&play, 7, SLOW, 80, 1000);
    play.server->sigma = 0.5;
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 60, S(150));
    play.reloaded = play.stage.plan;
    play.reloaded_at_ns = S(80);
    play_run(&play);
    print(&play);
    assert_int_equal(begun(&play), 0);
    play_close(&play);
}

static void a_load_of_which_little_is_known_is_not_judged(void **state)
{
    struct play play;

    (void)state;
    play_init(&play, 6, SLOW, 80, 92);
    stage_phase(&play.stage, PLAN_PHASE_SUSTAINED, 2, S(150));
    play_run(&play);
    print(&play);
    assert_int_equal(begun(&play), 0);
    play_close(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_hour_of_heavy_tails_has_at_most_one),
        cmocka_unit_test(what_recurs_becomes_usual),
        cmocka_unit_test(a_server_that_is_slow_for_a_while_is_found),
        cmocka_unit_test(streams_that_stand_still_are_found_by_their_gaps),
        cmocka_unit_test(errors_that_come_all_at_once_are_found),
        cmocka_unit_test(a_platform_that_begins_no_answers_is_found),
        cmocka_unit_test(what_stays_is_usual_after_a_minute),
        cmocka_unit_test(longer_answers_are_no_spike),
        cmocka_unit_test(what_the_scenario_does_itself_is_none),
        cmocka_unit_test(what_a_scenario_asks_that_was_read_again_is_none),
        cmocka_unit_test(a_load_of_which_little_is_known_is_not_judged),
    };

    return cmocka_run_group_tests_name("anomaly", tests, NULL, NULL);
}
