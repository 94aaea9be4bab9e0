#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "measure/capacity.h"
#include "measure/capacity_text.h"
#include "plan/plan.h"

static const struct plan_threshold slos[] = {
    {.metric = "ttft", .selector = "", .expression = "p(95)<500ms"},
    {.metric = "error_rate", .selector = "", .expression = "rate<1%"},
};

/* What was measured at one level. */
static struct capacity_level level_of(double load, bool held, double ttft_ms,
                                      double tpot_ms)
{
    struct capacity_level level = {
        .stage = CAPACITY_CLIMBING,
        .load = load,
        .held = held,
        .certainty = held ? CERTAINTY_HOLDS : CERTAINTY_BREAKS,
        .requests = 1000,
        .done_per_s = 100,
        .in_flight = load,
        .ttft_p50_ms = ttft_ms,
        .ttft_p95_ms = ttft_ms,
        .tpot_p50_ms = tpot_ms,
        .e2e_mean_ms = ttft_ms + 10 * tpot_ms,
        .server_running = (double)NAN,
        .server_waiting = (double)NAN,
        .server_preemptions_per_s = (double)NAN,
        .server_kv_cache_usage = (double)NAN,
    };

    level.slos[0].certainty = level.certainty;
    level.slos[1].certainty = CERTAINTY_HOLDS;
    level.slos[1].judgement.passed = true;
    return level;
}

static void tell(struct capacity_level *level, double running, double waiting,
                 double kv_cache_usage)
{
    level->server_running = running;
    level->server_waiting = waiting;
    level->server_kv_cache_usage = kv_cache_usage;
    level->server_preemptions_per_s = 0;
}

/* A server that is calm with 8 and breaks with 64. */
struct found {
    struct capacity_level levels[2];
    struct capacity_report report;
};

static struct capacity_report *found_of(struct found *found, double ttft_ms,
                                        double tpot_ms)
{
    *found = (struct found){
        .levels = {level_of(8, true, 100, 10), level_of(64, false, ttft_ms, tpot_ms)}};
    found->report = (struct capacity_report){.slos = slos,
                                             .slo_count = 2,
                                             .own_slo = 1,
                                             .levels = found->levels,
                                             .level_count = 2,
                                             .end = CAPACITY_FOUND,
                                             .answer = 8,
                                             .broke = 64,
                                             .asks_models_alone = true};
    return &found->report;
}

static enum capacity_saturation saturation_of(struct capacity_report *report)
{
    capacity_conclude(report);
    return report->saturation;
}

static void assert_says(const struct capacity_report *report, const char *words)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);

    assert_true(capacity_say_saturation(report, &text));
    if (!strstr(buf_str(&text), words))
        fail_msg("'%s' is not in: %s", words, buf_str(&text));
}

static void latency_alone_lets_guess(void **state)
{
    struct found found;

    (void)state;
    assert_int_equal(saturation_of(found_of(&found, 600, 10)), CAPACITY_SATURATED_QUEUE);
    assert_int_equal(saturation_of(found_of(&found, 100, 30)), CAPACITY_SATURATED_DECODE);
    assert_int_equal(saturation_of(found_of(&found, 600, 30)), CAPACITY_SATURATED_BOTH);
    found_of(&found, (double)NAN, (double)NAN);
    found.levels[0].ttft_p50_ms = (double)NAN;
    found.levels[0].e2e_mean_ms = 200;
    found.levels[1].e2e_mean_ms = 900;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_SERVICE);
}

/* Of answers in one piece latency does not tell what they waited for: the servers do. */
static void who_waits_at_the_servers_is_in_their_queue(void **state)
{
    struct found found;

    (void)state;
    found_of(&found, (double)NAN, (double)NAN);
    found.levels[0].ttft_p50_ms = (double)NAN;
    tell(&found.levels[0], 8, 0, 0.2);
    tell(&found.levels[1], 32, 32, 0.5);
    found.report.server_capacity = 32;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_QUEUE);
    assert_says(&found.report, "at the servers 32 (0 before) wait, 32 of 32 run, the KV "
                               "cache is 50% full");
    found_of(&found, 100, 30);
    tell(&found.levels[1], 32, 32, 0.5);
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_BOTH);
}

static void a_full_kv_cache_is_what_they_wait_for_while_places_are_left(void **state)
{
    struct found found;

    (void)state;
    found_of(&found, 600, 12);
    tell(&found.levels[1], 24, 40, 0.98);
    found.report.server_capacity = 256;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_KV_CACHE);
    assert_says(&found.report, "the KV cache is 98% full");
    /* All places are taken: the cache is not what holds them back. */
    found.report.server_capacity = 24;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_QUEUE);
    /* But for one that takes them away. */
    found.levels[1].server_preemptions_per_s = 3;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_KV_CACHE);
    assert_says(&found.report, "3/s lose their place");
    /* Full, and nobody waits: it is the making of answers. */
    found_of(&found, 100, 30);
    tell(&found.levels[1], 64, 0, 0.98);
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_DECODE);
}

static void who_waits_and_not_at_the_servers_waits_before_them(void **state)
{
    struct found found;

    (void)state;
    found_of(&found, 600, 10);
    tell(&found.levels[1], 16, 0, 0.1);
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_BEFORE_SERVERS);
    /* Some requests are of no model, and no server tells of them. */
    found.report.asks_models_alone = false;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_QUEUE);
    /* All are there, and are read for long. */
    found.report.asks_models_alone = true;
    tell(&found.levels[1], 64, 0, 0.1);
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_QUEUE);
}

/* That all people are busy follows from a queue at the servers. */
static void people_are_what_is_short_where_no_server_has_a_queue(void **state)
{
    struct found found;

    (void)state;
    found_of(&found, 600, 10);
    found.report.people = 64;
    found.report.by_rate = true;
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_PEOPLE);
    tell(&found.levels[1], 8, 56, 0.1);
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_QUEUE);
}

/* Refusals are quick: their latency is no growth, and the throughput for it no knee. */
static void of_what_is_refused_latency_says_nothing(void **state)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);
    struct found found;

    (void)state;
    found_of(&found, 2, 10);
    found.levels[1].e2e_mean_ms = 1;
    found.levels[1].failed = 900;
    found.levels[1].rate_limited = 900;
    found.levels[1].slos[1].certainty = CERTAINTY_BREAKS;
    found.levels[1].slos[1].judgement = (struct threshold_judgement){
        .known = true, .value = 0.9, .unit = THRESHOLD_UNIT_FRACTION};
    assert_int_equal(saturation_of(&found.report), CAPACITY_SATURATED_RATE_LIMITED);
    assert_int_equal(found.report.knee, 0);
    assert_true(capacity_say_saturation(&found.report, &text));
    assert_null(strstr(buf_str(&text), "ttft"));
    assert_non_null(strstr(buf_str(&text), "90% failed"));
    buf_clear(&text);
    capacity_say_why(&found.report, &found.levels[1], &text);
    assert_non_null(strstr(buf_str(&text), "error_rate rate<1% was 90%"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_alone_lets_guess),
        cmocka_unit_test(who_waits_at_the_servers_is_in_their_queue),
        cmocka_unit_test(a_full_kv_cache_is_what_they_wait_for_while_places_are_left),
        cmocka_unit_test(who_waits_and_not_at_the_servers_waits_before_them),
        cmocka_unit_test(people_are_what_is_short_where_no_server_has_a_queue),
        cmocka_unit_test(of_what_is_refused_latency_says_nothing),
    };

    return cmocka_run_group_tests_name("capacity", tests, NULL, NULL);
}
