#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "answers.h"
#include "net/kernel_counters.h"
#include "result/summary.h"

static int open_run(void **state)
{
    struct made_run *run = calloc(1, sizeof(*run));

    made_run_init(run, (struct made_options){.requests = 0});
    *state = run;
    return 0;
}

static int close_run(void **state)
{
    made_run_deinit(*state);
    free(*state);
    return 0;
}

/* A part of the summary; the caller's. */
static json_t *part(struct made_run *run, const char *name)
{
    json_t *summary = NULL;
    json_t *found = NULL;

    assert_int_equal(summary_build(&run->facts, &summary), 0);
    found = json_incref(json_object_get(summary, name));
    json_decref(summary);
    assert_non_null(found);
    return found;
}

static double number(json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void
the_network_tells_reuse_peers_balance_and_what_the_kernel_counted(void **state)
{
    struct made_run *run = *state;
    const struct kernel_counters kernel = {.resets = 4, .time_wait = 9};
    struct sample first = whole_stream(run, "10.0.0.1:80");
    struct sample reused = first;
    struct sample other = whole_stream(run, "10.0.0.2:80");
    json_t *network = NULL;
    json_t *peer = NULL;

    reused.flags |= SAMPLE_REUSED;
    reused.retransmits = 1;
    other.outcome = OUTCOME_RESET;
    other.rtt_ns = MS(30);
    record_all(run, &first, 1);
    record_all(run, &reused, 99);
    record_all(run, &other, 25);
    run->facts.kernel = &kernel;
    network = part(run, "network");
    assert_int_equal(number(network, "requests"), 125);
    assert_int_equal(number(network, "reused"), 99);
    assert_float_equal(number(network, "reused_share"), 0.792, 1e-9);
    assert_int_equal(number(network, "resets"), 25);
    assert_int_equal(number(network, "retransmits"), 99);
    assert_float_equal(number(network, "retransmits_per_1000"), 792, 1e-9);
    assert_float_equal(number(json_object_get(network, "rtt"), "p50"), 2, 0.01);
    assert_float_equal(number(json_object_get(network, "rtt"), "p99"), 30, 0.1);
    assert_int_equal(json_array_size(json_object_get(network, "peers")), 2);
    peer = json_array_get(json_object_get(network, "peers"), 0);
    assert_string_equal(json_string_value(json_object_get(peer, "peer")), "10.0.0.1:80");
    assert_int_equal(number(peer, "requests"), 100);
    assert_int_equal(number(peer, "connections"), 1);
    peer = json_array_get(json_object_get(network, "peers"), 1);
    assert_int_equal(number(peer, "connections"), 25);
    assert_int_equal(number(peer, "failed"), 25);
    assert_int_equal(number(json_object_get(network, "balance"), "backends"), 2);
    assert_float_equal(number(json_object_get(network, "balance"), "most_share"), 0.8,
                       1e-9);
    assert_int_equal(number(json_object_get(network, "system"), "resets"), 4);
    assert_int_equal(number(json_object_get(network, "system"), "time_wait"), 9);
    json_decref(network);
}

static void without_requests_or_a_kernel_that_tells_the_network_is_null(void **state)
{
    json_t *network = part(*state, "network");

    assert_true(json_is_null(json_object_get(network, "reused_share")));
    assert_true(json_is_null(json_object_get(network, "rtt")));
    assert_true(json_is_null(json_object_get(network, "system")));
    json_decref(network);
}

static void money_is_told_by_what_it_bought_and_by_who_spent_it(void **state)
{
    static const struct plan_model models[] = {{.name = "large", .priced = true}};
    struct made_run *run = *state;
    struct sample sample = whole_stream(run, "a:1");
    json_t *cost = NULL;
    json_t *users = NULL;

    run->plan.models = models;
    run->plan.model_count = 1;
    sample.cost_pusd = 1000;
    record_all(run, &sample, 3);
    sample.user = 8;
    sample.cost_pusd = 5000;
    record_all(run, &sample, 1);
    cost = part(run, "cost");
    users = json_object_get(cost, "users");
    assert_int_equal(number(cost, "total_pusd"), 8000);
    assert_true(number(cost, "total_usd") == 8e-9);
    /* Of 520 tokens, of 120, of 0.72 s, of 4. */
    assert_int_equal(number(cost, "per_million_tokens_pusd"), 15384615);
    assert_int_equal(number(cost, "per_million_output_tokens_pusd"), 66666667);
    assert_int_equal(number(cost, "per_generation_second_pusd"), 11111);
    assert_int_equal(number(cost, "per_ok_request_pusd"), 2000);
    assert_true(fabs(number(cost, "output_tokens_per_usd") - 120 / 8e-9) < 1);
    /* 120 tokens in the 40 s of the load. */
    assert_true(fabs(number(cost, "output_tokens_per_second_per_usd") - 3 / 8e-9) < 1);
    assert_int_equal(number(users, "count"), 2);
    assert_int_equal(number(users, "mean_pusd"), 4000);
    assert_int_equal(number(json_array_get(json_object_get(users, "dearest"), 0), "user"),
                     8);
    assert_int_equal(
        number(json_object_get(json_object_get(cost, "by_model"), "large"), "total_pusd"),
        8000);
    assert_int_equal(number(json_object_get(json_object_get(cost, "by_org_id"), "acme"),
                            "per_ok_request_pusd"),
                     2000);
    json_decref(cost);
}

static void without_prices_nothing_is_said_of_money(void **state)
{
    json_t *cost = part(*state, "cost");

    assert_true(json_is_null(cost));
    json_decref(cost);
}

static void
streams_tell_tokens_per_chunk_chunks_per_read_and_who_holds_them_back(void **state)
{
    struct made_run *run = *state;
    struct sample sample = whole_stream(run, "a:1");
    json_t *stream = NULL;

    record_all(run, &sample, 4);
    stream = part(run, "stream");
    assert_float_equal(number(stream, "tokens_per_chunk"), 3, 1e-9);
    assert_float_equal(number(stream, "chunks_per_read"), 1, 1e-9);
    assert_string_equal(json_string_value(json_object_get(stream, "verdict")), "unknown");
    json_decref(stream);

    sample.reads = 1;
    sample.together_chunks = 9;
    sample.token_source = TOKENS_ESTIMATED; /* is no measure of a chunk */
    sample.completion_tokens = 500;
    record_all(run, &sample, 6);
    stream = part(run, "stream");
    assert_float_equal(number(stream, "tokens_per_chunk"), 3, 1e-9);
    assert_float_equal(number(stream, "chunks_per_read"), 100.0 / 46, 1e-3);
    assert_int_equal(number(stream, "judged_answers"), 10);
    assert_int_equal(number(stream, "bunched_answers"), 6);
    assert_string_equal(json_string_value(json_object_get(stream, "verdict")),
                        "held_back");
    json_decref(stream);
}

static void
what_was_wrong_with_answers_is_counted_by_kind_over_the_whole_run(void **state)
{
    struct made_run *run = *state;
    struct sample sample = whole_stream(run, "a:1");
    json_t *integrity = NULL;

    record_all(run, &sample, 10);
    sample.flags |= SAMPLE_MISSING_DONE;
    record_all(run, &sample, 2);
    sample.flags |= SAMPLE_USAGE_TOTAL;
    sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    recorder_sample(run->recorder, &sample);
    integrity = part(run, "integrity");
    assert_int_equal(number(integrity, "unsound_answers"), 3);
    assert_int_equal(number(integrity, "missing_done"), 3);
    assert_int_equal(number(integrity, "usage_total"), 1);
    assert_int_equal(number(integrity, "crossed"), 0);
    json_decref(integrity);
}

static void lengths_are_told_with_how_far_off_they_were(void **state)
{
    struct made_run *run = *state;
    json_t *workload = part(run, "workload");
    json_t *length;

    assert_int_equal(number(workload, "rows_skipped"), 0);
    assert_true(json_is_null(json_object_get(workload, "prompt_length")));
    json_decref(workload);
    run->facts.rows_skipped = 7;
    recorder_length(run->recorder, LENGTH_OF_PROMPTS, 100, 90);
    recorder_length(run->recorder, LENGTH_OF_PROMPTS, 100, 140);
    workload = part(run, "workload");
    assert_int_equal(number(workload, "rows_skipped"), 7);
    assert_true(json_is_null(json_object_get(workload, "answer_length")));
    length = json_object_get(workload, "prompt_length");
    assert_int_equal(number(length, "requests"), 2);
    assert_int_equal(number(length, "asked_tokens"), 200);
    assert_int_equal(number(length, "told_tokens"), 230);
    assert_float_equal(number(length, "mean_error"), 0.25, 1e-9);
    json_decref(workload);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, open_run, close_run)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(the_network_tells_reuse_peers_balance_and_what_the_kernel_counted),
        WITH_RUN(money_is_told_by_what_it_bought_and_by_who_spent_it),
        WITH_RUN(without_prices_nothing_is_said_of_money),
        WITH_RUN(streams_tell_tokens_per_chunk_chunks_per_read_and_who_holds_them_back),
        WITH_RUN(what_was_wrong_with_answers_is_counted_by_kind_over_the_whole_run),
        WITH_RUN(lengths_are_told_with_how_far_off_they_were),
        WITH_RUN(without_requests_or_a_kernel_that_tells_the_network_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
