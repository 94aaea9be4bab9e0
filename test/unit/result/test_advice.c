#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "made_run.h"
#include "result/advice.h"
#include "result/advice_rule.h"
#include "result/summary.h"
#include "result/summary_reading.h"

#define MAX_TEXT ((size_t)1 << 20)
#define MOST_PARTS 6

/* doc/advice.md, and whether it is to be written anew. */
static const char *page_path;
static bool is_update;

/*
 * The two quarters of a run: its load, requests a second, and p50 of ttft, tpot and e2e; 0: not known. And what
 * is in flight; 0: as much as users.
 */
struct quarter {
    double users;
    double rate;
    double ttft;
    double tpot;
    double e2e;
    double in_flight;
};

/*
 * A summary on which a rule fires, with ' in place of ", and what each takes from it so that it does not:
 * paths of members that the rule's evidence is.
 */
struct example {
    const char *rule;
    const char *confidence;
    const char *summary;
    struct quarter calm;
    struct quarter busy;
    const char *evidence[MOST_PARTS];
};

#define SERVER(metrics, capacity)                                                        \
    "{'backend': {'servers': [{'name': 'engine', 'capacity': {" capacity                 \
    "}, 'timeline': {'backend_waiting': [null, 6, 6, 0]}, 'metrics': {" metrics "}}]}}"
#define MEAN(name, mean) "'" name "': {'mean': " mean ", 'max': " mean "}"
#define E2E(count, min, p50)                                                             \
    "'metrics': {'e2e': {'count': " count ", 'min': " min ", 'p50': " p50 "}}"
#define TTFT(p50) "'metrics': {'ttft': {'count': 100, 'p50': " p50 "}}"

static const struct example examples[] = {
    {"client_late", "sure",
     "{'client': {'trust': 'D', 'reasons': [{'rule': 'schedule_lag', 'grade': 'D', "
     "'sentence': 'Requests left 80 ms late.'}]}}",
     .evidence = {"client/reasons"}},
    {"people_short", "sure", "{'totals': {'arrivals': 1000, 'dropped_iterations': 20}}",
     .evidence = {"totals/arrivals", "totals/dropped_iterations"}},
    {"proxy_buffering", "sure",
     "{'stream': {'verdict': 'held_back', 'judged_answers': 50, 'bunched_answers': 49, "
     "'chunks_per_read': 20}}",
     .evidence = {"stream/verdict"}},
    {"rate_limited", "sure",
     "{'totals': {'requests': 1000}, 'errors': [{'kind': 'rate_limited', 'count': 40, "
     "'example': 'status 429: slow down'}]}",
     .evidence = {"errors", "totals/requests"}},
    {"gpu_throttled", "sure",
     SERVER(MEAN("gpu_throttled", "0.2") "," MEAN("gpu_temperature", "88"), ""),
     .evidence = {"backend"}},
    {"kv_cache", "likely",
     SERVER(MEAN("backend_waiting", "6") "," MEAN("backend_running", "20") "," MEAN(
                "backend_kv_cache_usage", "0.97"),
            "'requests': 64, 'source': 'stated'"),
     .evidence = {"backend"}},
    {"kv_cache", "sure",
     SERVER(MEAN("backend_waiting", "6") "," MEAN("backend_running", "20") "," MEAN(
                "backend_preemptions_per_second", "0.4"),
            ""),
     .evidence = {"backend"}},
    {"queue", "sure",
     SERVER(MEAN("backend_waiting", "6") "," MEAN("backend_running", "8") "," MEAN(
                "backend_queue_time", "700"),
            "'requests': 8, 'source': 'queued'"),
     .evidence = {"backend"}},
    {"queue", "likely", "{}", .calm = {10, 10, 100, 20, 2000, 0},
     .busy = {40, 14, 900, 21, 2900, 0}, .evidence = {"timeline"}},
    {"capacity", "likely",
     "{'capacity': {'sentence': 'It holds 8.', 'saturation': {'what': 'queue', "
     "'sentence': "
     "'the queue'}}}",
     .evidence = {"capacity/saturation"}},
    {"gateway", "likely",
     "{'backend': {'littles_law': {'finding': 'client_more', 'sentence': '40% is not in "
     "the servers'}}}",
     .evidence = {"backend/littles_law"}},
    {"decode", "likely", "{}", .calm = {10, 10, 100, 20, 2000, 0},
     .busy = {40, 14, 150, 60, 6000, 0}, .evidence = {"timeline"}},
    {"vector_store", "sure",
     "{'totals': {'requests': 100}, 'errors': [{'kind': 'http_5xx', 'count': 5, "
     "'example': "
     "'status 504: {\\'error\\': \\'vector_store_timeout\\'}'}], 'by': {'step': {'ask': "
     "{'error_rate': 0.1}}}}",
     .evidence = {"errors", "totals/requests"}},
    {"database_pool", "possible",
     "{'totals': {'requests': 300}, 'by': {'step': {"
     "'login': {'kind': 'http', 'requests': 100, " E2E(
         "100", "10", "210") "},"
                             "'list': {'kind': 'http', 'requests': 100, " E2E(
                                 "100", "20",
                                 "240") "},"
                                        "'open': {'kind': 'http', 'requests': 100, " E2E(
                                            "100", "40", "230") "}}}}",
     .calm = {5, 50, 0, 0, 20, 0}, .busy = {40, 60, 0, 0, 230, 0},
     .evidence = {"by/step", "by/step/open", "timeline"}},
    {"database_pool", "sure",
     "{'totals': {'requests': 100}, 'errors': [{'kind': 'http_5xx', 'count': 5, "
     "'example': "
     "'status 500: QueuePool limit of size 5 overflow 10 reached'}]}",
     .evidence = {"errors", "totals/requests"}},
    {"serialised_tools", "likely",
     "{'totals': {'requests': 100}, 'by': {'step': {'read': {'kind': 'mcp', 'requests': "
     "100, " E2E("100", "40", "300") "}}}}",
     .calm = {2, 25, 0, 0, 80, 0}, .busy = {8, 25, 0, 0, 320, 0},
     .evidence = {"by/step", "timeline"}},
    {"uneven_backends", "sure",
     "{'network': {'balance': {'uneven': true, 'backends': 2, 'busiest': 'a:80', 'most': "
     "90, "
     "'least': 10, 'most_share': 0.9}}}",
     .evidence = {"network/balance/uneven"}},
    {"slow_backend", "likely",
     "{" TTFT("150") ", 'by': {'backend': {'a': {" TTFT("100") "}, 'b': {" TTFT(
         "300") "}}}}",
     .evidence = {"by/backend/a", "by/backend/b", "metrics/ttft"}},
    {"prompt_length", "likely",
     "{'by': {'prompt_size': {"
     "'4096-16383': {'requests': 100, 'prompt_tokens': 800000, " TTFT(
         "900") "},"
                "'0-255': {'requests': 100, 'prompt_tokens': 10000, " TTFT(
                    "120") "},"
                           "'1024-4095': {'requests': 100, 'prompt_tokens': "
                           "200000, " TTFT("200") "}}}}",
     .evidence = {"by/prompt_size", "by/prompt_size/4096-16383"}},
    {"network_loss", "sure",
     "{'network': {'retransmits': 40, 'retransmits_per_1000': 20}}",
     .evidence = {"network/retransmits", "network/retransmits_per_1000"}},
    {"network_far", "sure", "{" TTFT("200") ", 'network': {'rtt': {'p50': 90}}}",
     .evidence = {"network/rtt", "metrics"}},
    {"connections", "sure",
     "{'metrics': {'ttft': {'count': 100, 'p50': 200}, 'conn_wait': {'count': 90, 'p50': "
     "60}}, 'network': {'reused_share': 0.1}}",
     .evidence = {"network/reused_share", "metrics/conn_wait"}},
    {"output_length", "likely",
     "{'metrics': {'e2e': {'count': 100, 'p50': 9000}, 'generation': {'count': 100, "
     "'p50': "
     "8500}, 'tpot': {'count': 100, 'p50': 20}}, 'totals': {'completion_tokens': 42000}, "
     "'thresholds': [{'metric': 'e2e', 'expression': 'p(95)<5s', 'passed': false}]}",
     .evidence = {"thresholds", "metrics/generation", "metrics/tpot"}},
    {"cold_start", "likely", "{}", .calm = {10, 10, 900, 20, 0, 0},
     .busy = {10, 10, 100, 20, 0, 0}, .evidence = {"timeline"}},
    {"retries", "sure",
     "{'totals': {'requests': 100, 'retries': 20}, 'retries': [{'after': 'http_5xx', "
     "'count': 20}]}",
     .evidence = {"totals/retries"}},
    {"cost_projection", "sure",
     "{'window': {'start_s': 0, 'end_s': 60}, 'totals': {'cost_usd': 0.5, 'users_peak': "
     "10}}",
     .evidence = {"window", "totals/cost_usd"}},
    {"cost_model", "sure",
     "{'window': {'start_s': 0, 'end_s': 60}, 'by': {'model': {"
     "'large': {'requests': 100, 'failed': 0, 'degraded': 0, 'cancelled': 0, "
     "'abandoned': 0, "
     "'sabotaged': 0, 'cost_usd': 1, 'completion_tokens': 1000, 'error_rate': 0}, "
     "'small': {'requests': 100, 'failed': 0, 'degraded': 0, 'cancelled': 0, "
     "'abandoned': 0, "
     "'sabotaged': 0, 'cost_usd': 0.1, 'completion_tokens': 1000, 'error_rate': 0}}}}",
     .evidence = {"by/model/small", "by/model/large/cost_usd"}},
    {"cost_caching", "likely",
     "{'window': {'start_s': 0, 'end_s': 60}, 'conversations': {'turns': ["
     "{'requests': 10, 'prompt_tokens_mean': 100}, {'requests': 10, "
     "'prompt_tokens_mean': "
     "300}]}, 'cost': {'prices': {'m': {'prompt_usd': 2, 'cached_usd': 1}}}, "
     "'by': {'model': {'m': {'prompt_tokens': 4000, 'cached_tokens': 0}}}}",
     .evidence = {"conversations", "cost/prices", "by/model/m/cached_tokens"}},
    {"cost_answers", "sure",
     "{'window': {'start_s': 0, 'end_s': 60}, 'totals': {'cost_usd': 0.5}, "
     "'cost': {'prices': {'m': {'completion_usd': 10, 'reasoning_usd': 10}}}, "
     "'by': {'model': {'m': {'requests': 100, 'failed': 0, 'degraded': 0, 'cancelled': "
     "0, "
     "'abandoned': 0, 'sabotaged': 0, 'completion_tokens': 40000, 'reasoning_tokens': "
     "0}}}}",
     .evidence = {"cost/prices", "by/model", "totals/cost_usd"}},
    {"cost_missed", "sure",
     "{'totals': {'cost_usd': 1, 'operations': 100, 'slo': {'operations': 100, 'met': "
     "60}}}",
     .evidence = {"totals/slo", "totals/cost_usd"}},
};

#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void put(json_t *point, const char *name, double value)
{
    if (value > 0)
        assert_int_equal(json_object_set_new(point, name, json_real(value)), 0);
}

/* Eight seconds as one quarter says, and 24 as the other does. */
static void put_timeline(json_t *summary, const struct example *example)
{
    json_t *points;

    if (!(example->calm.users > 0))
        return;
    points = json_array();
    for (size_t i = 0; i < 32; i++) {
        const struct quarter *as = i < 8 ? &example->calm : &example->busy;
        json_t *point = json_object();

        put(point, "start_s", (double)i + 1);
        put(point, "end_s", (double)i + 2);
        put(point, "users_active", as->users);
        put(point, "requests", as->rate);
        put(point, "in_flight", as->in_flight > 0 ? as->in_flight : as->users);
        put(point, "ttft_p50", as->ttft);
        put(point, "tpot_p50", as->tpot);
        put(point, "e2e_p50", as->e2e);
        assert_int_equal(json_object_set_new(point, "arrivals", json_integer(0)), 0);
        assert_int_equal(json_object_set_new(point, "failed", json_integer(0)), 0);
        assert_int_equal(json_array_append_new(points, point), 0);
    }
    assert_int_equal(
        json_object_set_new(summary, "timeline", json_pack("{s:o}", "points", points)),
        0);
}

static json_t *summary_of(const struct example *example)
{
    char *text = strdup(example->summary);
    json_error_t error;
    json_t *summary;

    assert_non_null(text);
    for (char *at = text; *at; at++)
        if (*at == '\'' && (at == text || at[-1] != '\\'))
            *at = '"';
        else if (*at == '\'')
            at[-1] = ' ';
    summary = json_loads(text, 0, &error);
    if (!summary)
        fail_msg("%s: %s in %s", example->rule, error.text, text);
    free(text);
    put_timeline(summary, example);
    return summary;
}

static void take(json_t *summary, const char *path)
{
    char holder[128];
    const char *slash = strrchr(path, '/');
    json_t *from = summary;

    if (slash) {
        (void)snprintf(holder, sizeof(holder), "%.*s", (int)(slash - path), path);
        /* The document is this test's own. */
        from = (json_t *)(uintptr_t)summary_at(summary, holder);
    }
    if (json_object_del(from, slash ? slash + 1 : path) != 0)
        fail_msg("nothing is called %s", path);
}

/* The advice of a rule; NULL: it was silent. */
static const json_t *find(const json_t *summary, const char *rule)
{
    const json_t *list = json_object_get(summary, "advice");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(summary_text(json_array_get(list, i), "rule"), rule) == 0)
            return json_array_get(list, i);
    return NULL;
}

static void each_rule_speaks_where_it_has_evidence(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        json_t *summary = summary_of(&examples[i]);
        const json_t *advice;

        assert_int_equal(advice_put(summary), 0);
        advice = find(summary, examples[i].rule);
        if (!advice)
            fail_msg("%s (%zu) is silent", examples[i].rule, i);
        assert_string_equal(summary_text(advice, "confidence"), examples[i].confidence);
        assert_true(json_array_size(summary_at(advice, "evidence")) > 0);
        assert_null(strstr(summary_text(advice, "sentence"), "nan"));
        for (size_t j = 0; j < json_array_size(summary_at(advice, "evidence")); j++)
            assert_null(strstr(
                json_string_value(json_array_get(summary_at(advice, "evidence"), j)),
                "nan"));
        json_decref(summary);
    }
}

static void each_rule_is_silent_where_any_of_it_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        for (size_t j = 0; j < MOST_PARTS && examples[i].evidence[j]; j++) {
            json_t *summary = summary_of(&examples[i]);

            take(summary, examples[i].evidence[j]);
            assert_int_equal(advice_put(summary), 0);
            if (find(summary, examples[i].rule))
                fail_msg("%s (%zu) speaks without %s", examples[i].rule, i,
                         examples[i].evidence[j]);
            json_decref(summary);
        }
    }
}

static void each_rule_has_an_example(void **state)
{
    const struct advice_rule *rule;

    (void)state;
    for (size_t i = 0; (rule = advice_rule_at(i)) != NULL; i++) {
        size_t examples_of = 0;

        for (size_t j = 0; j < EXAMPLES; j++)
            examples_of += strcmp(examples[j].rule, rule->id) == 0;
        if (examples_of == 0)
            fail_msg("no example has %s", rule->id);
    }
}

static void nothing_is_said_of_an_empty_document(void **state)
{
    json_t *summary = json_object();

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    assert_int_equal(json_array_size(json_object_get(summary, "advice")), 0);
    json_decref(summary);
}

static void a_late_client_is_all_that_is_said_of_latencies(void **state)
{
    struct example queue = {.rule = "queue",
                            .summary =
                                "{'client': {'trust': 'D', 'reasons': [{'rule': "
                                "'schedule_lag', 'grade': 'D', 'sentence': 'Late.'}]}}",
                            .calm = {10, 10, 100, 20, 2000, 0},
                            .busy = {40, 14, 900, 21, 2900, 0}};
    json_t *summary = summary_of(&queue);

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    assert_null(find(summary, "queue"));
    assert_non_null(find(summary, "client_late"));
    json_decref(summary);
}

static void a_full_cache_with_no_place_left_is_a_queue(void **state)
{
    const struct example full = {
        .rule = "queue",
        .summary =
            SERVER(MEAN("backend_waiting", "6") "," MEAN("backend_running", "8") "," MEAN(
                       "backend_kv_cache_usage", "1"),
                   "'requests': 8, 'source': 'told'")};
    json_t *summary = summary_of(&full);

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    assert_null(find(summary, "kv_cache"));
    assert_non_null(find(summary, "queue"));
    json_decref(summary);
}

/* The scenario's own doing, which spikes[] tells. */
static void who_waits_in_a_spike_alone_is_no_bottleneck(void **state)
{
    const struct example spike = {
        .rule = "queue",
        .summary =
            "{'backend': {'servers': [{'name': 'engine', 'timeline': {'backend_waiting': "
            "[0, 0, 0, 0, 30]}, 'metrics': {" MEAN("backend_waiting", "6") "," MEAN(
                "backend_running", "8") "}}]}}"};
    json_t *summary = summary_of(&spike);

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    assert_null(find(summary, "queue"));
    json_decref(summary);
}

/* They queue behind each other once, and then their pauses have spread them. */
static void people_who_all_come_at_once_are_no_cold_server(void **state)
{
    const struct example herd = {.rule = "cold_start",
                                 .summary = "{}",
                                 .calm = {60, 26, 600, 5, 700, .in_flight = 16},
                                 .busy = {60, 19, 100, 5, 200, .in_flight = 4}};
    json_t *summary = summary_of(&herd);

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    assert_null(find(summary, "cold_start"));
    json_decref(summary);
}

/* What they say and how sure: of one target and model, of two models, and of two targets. */
static void backends_are_compared_where_they_do_the_same(void **state)
{
#define BACKENDS "'backend': {'a': {" TTFT("100") "}, 'b': {" TTFT("300") "}}"
    static const struct {
        const char *by;
        const char *confidence; /* empty: silent */
    } cases[] = {
        {"'target': {'default': {}}, 'model': {'m': {}}", "likely"},
        {"'target': {'default': {}}, 'model': {'m': {}, 'n': {}}", "possible"},
        {"'target': {'default': {}, 'llm': {}}, 'model': {'m': {}}", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1000];
        const struct example example = {.rule = "slow_backend", .summary = text};
        json_t *summary;

        (void)snprintf(text, sizeof(text), "{%s, 'by': {%s, %s}}", TTFT("150"),
                       cases[i].by, BACKENDS);
        summary = summary_of(&example);
        assert_int_equal(advice_put(summary), 0);
        assert_string_equal(summary_text(find(summary, "slow_backend"), "confidence"),
                            cases[i].confidence);
        json_decref(summary);
    }
#undef BACKENDS
}

static void a_load_that_throughput_follows_is_no_queue(void **state)
{
    const struct example following = {.rule = "queue",
                                      .summary = "{}",
                                      .calm = {10, 10, 100, 20, 2000, 0},
                                      .busy = {40, 36, 900, 21, 2900, 0}};
    json_t *summary = summary_of(&following);

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    assert_null(find(summary, "queue"));
    json_decref(summary);
}

static void the_surest_stands_first_and_money_last(void **state)
{
    const struct example both = {
        .rule = "queue",
        .summary = "{'window': {'start_s': 0, 'end_s': 60}, 'totals': {'cost_usd': 1}, "
                   "'stream': {'verdict': 'held_back'}}",
        .calm = {10, 10, 100, 20, 2000, 0},
        .busy = {40, 14, 900, 21, 2900, 0}};
    json_t *summary = summary_of(&both);
    const json_t *list;

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    list = json_object_get(summary, "advice");
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(summary_text(json_array_get(list, 0), "rule"), "proxy_buffering");
    assert_string_equal(summary_text(json_array_get(list, 1), "rule"), "queue");
    assert_string_equal(summary_text(json_array_get(list, 2), "rule"), "cost_projection");
    assert_int_equal(strncmp(summary_text(json_array_get(list, 1), "sentence"),
                             "Most likely: the server's queue", 31),
                     0);
    json_decref(summary);
}

static void projections_are_the_cost_of_the_window_over_its_length(void **state)
{
    const struct example cost = {
        .rule = "cost_projection",
        .summary = "{'window': {'start_s': 30, 'end_s': 90}, 'totals': {'cost_usd': 0.5, "
                   "'users_peak': 10}}"};
    json_t *summary = summary_of(&cost);
    const char *sentence;

    (void)state;
    assert_int_equal(advice_put(summary), 0);
    sentence = summary_text(find(summary, "cost_projection"), "sentence");
    /* 0.5 in 60 s are 30 an hour, and 730 times that in a month. */
    assert_non_null(strstr(sentence, "$30.00 an hour"));
    assert_non_null(strstr(sentence, "$21,900"));
    json_decref(summary);
}

static void a_run_that_went_well_has_no_bottleneck(void **state)
{
    struct made_run run = {0};
    json_t *summary = NULL;
    const json_t *list;

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    assert_int_equal(summary_build(&run.facts, &summary), 0);
    list = json_object_get(summary, "advice");
    assert_true(json_is_array(list));
    for (size_t i = 0; i < json_array_size(list); i++)
        assert_string_equal(summary_text(json_array_get(list, i), "topic"), "cost");
    json_decref(summary);
    made_run_deinit(&run);
}

static void read_page(struct buf *page)
{
    FILE *file = fopen(page_path, "re");
    char piece[4096];
    size_t len;

    assert_non_null(file);
    while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_append(page, piece, len);
    fclose(file);
}

static void the_page_has_the_table_of_rules(void **state)
{
    struct buf page = BUF_INIT(MAX_TEXT);
    struct buf table = BUF_INIT(MAX_TEXT);
    const char *found;

    (void)state;
    read_page(&page);
    assert_int_equal(advice_reference(&table), 0);
    found = strstr(buf_str(&page), "| rule | topic |");
    assert_non_null(found);
    if (is_update && found) {
        FILE *file = fopen(page_path, "we");

        assert_non_null(file);
        fprintf(file, "%.*s%s", (int)(found - buf_str(&page)), buf_str(&page),
                buf_str(&table));
        assert_int_equal(fclose(file), 0);
    } else {
        assert_string_equal(found, buf_str(&table));
    }
    buf_deinit(&page);
    buf_deinit(&table);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_speaks_where_it_has_evidence),
        cmocka_unit_test(each_rule_is_silent_where_any_of_it_is_missing),
        cmocka_unit_test(each_rule_has_an_example),
        cmocka_unit_test(nothing_is_said_of_an_empty_document),
        cmocka_unit_test(a_late_client_is_all_that_is_said_of_latencies),
        cmocka_unit_test(a_full_cache_with_no_place_left_is_a_queue),
        cmocka_unit_test(who_waits_in_a_spike_alone_is_no_bottleneck),
        cmocka_unit_test(people_who_all_come_at_once_are_no_cold_server),
        cmocka_unit_test(backends_are_compared_where_they_do_the_same),
        cmocka_unit_test(a_load_that_throughput_follows_is_no_queue),
        cmocka_unit_test(the_surest_stands_first_and_money_last),
        cmocka_unit_test(projections_are_the_cost_of_the_window_over_its_length),
        cmocka_unit_test(a_run_that_went_well_has_no_bottleneck),
        cmocka_unit_test(the_page_has_the_table_of_rules),
    };

    assert_true(argc > 1);
    page_path = argv[1];
    is_update = argc > 2 && strcmp(argv[2], "--update") == 0;
    return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
