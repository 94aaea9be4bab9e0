#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "plan/plan.h"

static const struct plan plan = {.max_series = 100};

static struct recorder *make(const struct plan *of_plan)
{
    const struct recorder_options options = {
        .plan = of_plan,
        .started_ns = MS(500),
        .window_start_ns = MS(1000),
        .window_end_ns = MS(9000),
        .interval_ns = MS(1000),
    };
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

static uint32_t intern(struct recorder *recorder, const char *model, const char *step)
{
    const struct label set[] = {{"model", model}, {"step", step}, {"tier", "gold"}};
    uint32_t id = 0;

    assert_int_equal(labels_intern(recorder_labels(recorder), set, 3, &id), 0);
    return id;
}

/* Records an attempt from its start to its end. */
static void run_attempt(struct recorder *recorder, const struct sample *sample)
{
    recorder_started(recorder, sample->sent_ns, sample->labels,
                     sample->flags & SAMPLE_IN_WINDOW);
    recorder_sample(recorder, sample);
}

static struct histogram_quantile quantile(struct series_view view, enum metric metric,
                                          double q)
{
    assert_non_null(view.histograms[metric]);
    return histogram_quantile(view.histograms[metric], q);
}

static void assert_near(uint64_t value, uint64_t expected)
{
    const uint64_t error = value > expected ? value - expected : expected - value;

    assert_true(error * 100 <= expected);
}

/* Looks for one value of one dimension. */
struct wanted {
    const char *key;
    const char *value;
    size_t found;
    struct counters counters;
    uint64_t counts[METRIC_COUNT]; /* censored included */
    uint64_t p50_ttft_ns;
};

static void look(void *ctx, const struct series_view *series)
{
    struct wanted *wanted = ctx;

    if (strcmp(series->key, wanted->key) != 0 ||
        strcmp(series->value, wanted->value) != 0)
        return;
    wanted->found++;
    wanted->counters = *series->counters;
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct histogram *histogram = series->histograms[metric];

        wanted->counts[metric] =
            histogram ? histogram_count(histogram) + histogram_censored(histogram) : 0;
    }
    if (series->histograms[METRIC_TTFT])
        wanted->p50_ttft_ns =
            histogram_quantile(series->histograms[METRIC_TTFT], 0.5).value_ns;
}

static struct wanted find(const struct recorder *recorder, enum recorder_scope scope,
                          const char *key, const char *value)
{
    struct wanted wanted = {.key = key, .value = value};

    recorder_each(recorder, scope, look, &wanted);
    return wanted;
}

static void the_window_takes_its_start_and_leaves_its_end(void **state)
{
    struct recorder *recorder = make(&plan);

    (void)state;
    assert_false(recorder_in_window(recorder, MS(1000) - 1));
    assert_true(recorder_in_window(recorder, MS(1000)));
    assert_true(recorder_in_window(recorder, MS(9000) - 1));
    assert_false(recorder_in_window(recorder, MS(9000)));
    recorder_free(recorder);
}

static void samples_outside_the_window_count_in_the_whole_run_only(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample inside = good_stream();
    struct sample outside = good_stream();
    struct series_view window, all;

    (void)state;
    inside.labels = outside.labels = intern(recorder, "m", "ask");
    outside.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    outside.first_output_ns = MS(1301);
    run_attempt(recorder, &inside);
    run_attempt(recorder, &outside);
    run_attempt(recorder, &outside);

    window = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(window.counters->started, 1);
    assert_int_equal(window.counters->ok, 1);
    assert_int_equal(histogram_count(window.histograms[METRIC_TTFT]), 1);
    assert_near(quantile(window, METRIC_TTFT, 0.5).value_ns, MS(100));

    all = recorder_total(recorder, RECORDER_ALL);
    assert_int_equal(all.counters->started, 3);
    assert_int_equal(all.counters->prompt_tokens, 300);
    assert_int_equal(histogram_count(all.histograms[METRIC_TTFT]), 3);
    assert_near(quantile(all, METRIC_TTFT, 0.5).value_ns, MS(300));
    /* And once more: the sum starts anew each time. */
    all = recorder_total(recorder, RECORDER_ALL);
    assert_int_equal(histogram_count(all.histograms[METRIC_TTFT]), 3);
    assert_int_equal(all.counters->ok, 3);

    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "m").counters.ok, 1);
    assert_int_equal(find(recorder, RECORDER_ALL, "model", "m").counters.ok, 3);
    assert_int_equal(find(recorder, RECORDER_ALL, "model", "m").counts[METRIC_TTFT], 3);
    assert_near(find(recorder, RECORDER_ALL, "model", "m").p50_ttft_ns, MS(300));
    recorder_free(recorder);
}

static void a_value_seen_only_outside_is_missing_from_the_window(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();

    (void)state;
    sample.labels = intern(recorder, "warm-up", "ask");
    sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    run_attempt(recorder, &sample);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "warm-up").found, 0);
    assert_int_equal(find(recorder, RECORDER_ALL, "model", "warm-up").found, 1);
    recorder_free(recorder);
}

static void percentiles_among_the_censored_are_only_known_to_be_above(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample good = good_stream();
    struct sample late = good_stream();
    struct series_view view;

    (void)state;
    good.labels = late.labels = intern(recorder, "m", "ask");
    late.outcome = OUTCOME_FIRST_TOKEN_TIMEOUT;
    late.first_output_ns = late.last_output_ns = 0;
    late.chunks = 0;
    late.end_ns = MS(4001);
    for (int i = 0; i < 90; i++)
        run_attempt(recorder, &good);
    for (int i = 0; i < 10; i++)
        run_attempt(recorder, &late);

    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_false(quantile(view, METRIC_TTFT, 0.5).above);
    assert_near(quantile(view, METRIC_TTFT, 0.5).value_ns, MS(100));
    assert_false(quantile(view, METRIC_TTFT, 0.9).above);
    assert_true(quantile(view, METRIC_TTFT, 0.95).above);
    assert_near(quantile(view, METRIC_TTFT, 0.95).value_ns, MS(3000));
    assert_true(quantile(view, METRIC_E2E, 0.95).above);
    assert_int_equal(view.counters->failed, 10);
    assert_int_equal(view.counters->outcomes[OUTCOME_FIRST_TOKEN_TIMEOUT], 10);
    recorder_free(recorder);
}

static void each_dimension_holds_its_own_values(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();

    (void)state;
    sample.labels = intern(recorder, "a", "ask");
    run_attempt(recorder, &sample);
    run_attempt(recorder, &sample);
    sample.labels = intern(recorder, "b", "ask");
    sample.outcome = OUTCOME_RESET;
    run_attempt(recorder, &sample);

    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "a").counters.ok, 2);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "b").counters.failed, 1);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "step", "ask").counters.started, 3);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "step", "ask").counts[METRIC_TPOT],
                     2);
    recorder_free(recorder);
}

static void a_users_tag_is_no_dimension(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();

    (void)state;
    sample.labels = intern(recorder, "a", "ask");
    run_attempt(recorder, &sample);
    assert_int_equal(find(recorder, RECORDER_ALL, "tier", "gold").found, 0);
    assert_string_equal(labels_value(recorder_labels(recorder), sample.labels, "tier"),
                        "gold");
    recorder_free(recorder);
}

static void what_an_attempt_learns_late_counts_where_it_ended(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    const uint32_t before = intern(recorder, "m", "ask");
    struct wanted backend;

    (void)state;
    assert_int_equal(labels_extend(recorder_labels(recorder), before, "backend", "pod-1",
                                   &sample.labels),
                     0);
    recorder_started(recorder, sample.sent_ns, before, true);
    recorder_sample(recorder, &sample);
    backend = find(recorder, RECORDER_WINDOW, "backend", "pod-1");
    assert_int_equal(backend.counters.started, 1);
    assert_int_equal(backend.counters.ok, 1);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "m").counters.started, 1);
    recorder_free(recorder);
}

static void gaps_count_in_total_and_by_label_but_not_by_prompt_size(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    struct series_view view;

    (void)state;
    sample.labels = intern(recorder, "m", "ask");
    recorder_started(recorder, sample.sent_ns, sample.labels, true);
    for (int i = 0; i < 4; i++)
        recorder_gap(recorder, sample.labels, true, MS(20));
    recorder_gap(recorder, sample.labels, false, MS(30));
    recorder_sample(recorder, &sample);

    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(histogram_count(view.histograms[METRIC_ICL]), 4);
    view = recorder_total(recorder, RECORDER_ALL);
    assert_int_equal(histogram_count(view.histograms[METRIC_ICL]), 5);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "m").counts[METRIC_ICL], 4);
    assert_int_equal(
        find(recorder, RECORDER_WINDOW, "prompt_size", "0-255").counts[METRIC_ICL], 0);
    assert_int_equal(
        find(recorder, RECORDER_WINDOW, "prompt_size", "0-255").counts[METRIC_TTFT], 1);
    recorder_free(recorder);
}

static void prompts_fall_into_buckets_of_size(void **state)
{
    static const struct {
        uint64_t tokens;
        const char *bucket;
    } cases[] = {
        {1, "0-255"},           {255, "0-255"},         {256, "256-1023"},
        {1023, "256-1023"},     {1024, "1024-4095"},    {4096, "4096-16383"},
        {16384, "16384-65535"}, {65535, "16384-65535"}, {65536, "65536+"},
        {UINT64_MAX, "65536+"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recorder *recorder = make(&plan);
        struct sample sample = good_stream();
        struct wanted bucket;

        sample.labels = intern(recorder, "m", "ask");
        sample.prompt_tokens = cases[i].tokens;
        run_attempt(recorder, &sample);
        bucket = find(recorder, RECORDER_WINDOW, "prompt_size", cases[i].bucket);
        assert_int_equal(bucket.found, 1);
        assert_int_equal(bucket.counters.started, 1);
        recorder_free(recorder);
    }
}

static void an_attempt_without_prompt_tokens_has_no_prompt_size(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_body();

    (void)state;
    sample.labels = intern(recorder, NULL, "list_models");
    run_attempt(recorder, &sample);
    assert_int_equal(find(recorder, RECORDER_ALL, "prompt_size", "0-255").found, 0);
    recorder_free(recorder);
}

static void label_sets_past_the_limit_count_as_other(void **state)
{
    const struct plan small = {.max_series = 2};
    struct recorder *recorder = make(&small);
    struct sample sample = good_stream();

    (void)state;
    sample.labels = intern(recorder, "a", "ask");
    run_attempt(recorder, &sample);
    sample.labels = intern(recorder, "b", "ask");
    assert_int_equal(sample.labels, LABELS_OTHER);
    run_attempt(recorder, &sample);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "a").counters.ok, 1);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "b").found, 0);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "model", "other").counters.ok, 1);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "step", "other").counters.ok, 1);
    assert_int_equal(recorder_total(recorder, RECORDER_WINDOW).counters->ok, 2);
    recorder_free(recorder);
}

static void an_interval_holds_what_came_since_the_last(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    struct interval_view first, second;

    (void)state;
    sample.labels = intern(recorder, "m", "ask");
    run_attempt(recorder, &sample);
    sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    run_attempt(recorder, &sample);
    recorder_close_interval(recorder, MS(1500), &first);
    assert_int_equal(first.start_ns, MS(500));
    assert_int_equal(first.end_ns, MS(1500));
    assert_int_equal(first.total.counters->ok, 2);
    assert_int_equal(histogram_count(first.total.histograms[METRIC_TTFT]), 2);

    sample.outcome = OUTCOME_TRUNCATED;
    run_attempt(recorder, &sample);
    assert_int_equal(first.total.counters->ok, 2);
    recorder_close_interval(recorder, MS(2500), &second);
    assert_int_equal(second.start_ns, MS(1500));
    assert_int_equal(second.total.counters->ok, 0);
    assert_int_equal(second.total.counters->failed, 1);
    assert_int_equal(histogram_count(second.total.histograms[METRIC_TTFT]), 1);

    recorder_close_interval(recorder, MS(3500), &first);
    assert_int_equal(first.total.counters->started, 0);
    assert_int_equal(histogram_count(first.total.histograms[METRIC_TTFT]), 0);
    assert_int_equal(recorder_total(recorder, RECORDER_ALL).counters->started, 3);
    recorder_free(recorder);
}

static void an_interval_tells_the_mean_of_users_and_requests_in_flight(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    struct interval_view interval;

    (void)state;
    sample.labels = intern(recorder, "m", "ask");
    recorder_users(recorder, MS(1000), (struct user_counts){.wanted = 9, .active = 8});
    recorder_started(recorder, MS(1001), sample.labels, true);
    recorder_close_interval(recorder, MS(1500), &interval);
    assert_float_equal(interval.mean_active_users, 4.0, 1e-9);
    assert_float_equal(interval.mean_in_flight, 0.499, 1e-9);
    assert_int_equal(interval.users.wanted, 9);

    sample.end_ns = MS(1511);
    recorder_sample(recorder, &sample);
    recorder_users(recorder, MS(2000), (struct user_counts){.leaving = 8});
    recorder_close_interval(recorder, MS(2500), &interval);
    assert_float_equal(interval.mean_active_users, 4.0, 1e-9);
    assert_float_equal(interval.mean_in_flight, 0.011, 1e-9);
    assert_int_equal(recorder_users_peak(recorder), 8);
    assert_int_equal(recorder_user_counts(recorder).leaving, 8);
    recorder_free(recorder);
}

static void the_integral_in_flight_is_the_sum_of_latencies_in_any_order(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    struct client_view client;

    (void)state;
    sample.labels = intern(recorder, "m", "ask");
    recorder_started(recorder, MS(1000), sample.labels, true);
    recorder_started(recorder, MS(1200), sample.labels, true);
    assert_int_equal(recorder_in_flight(recorder), 2);
    sample.sent_ns = MS(1000);
    sample.end_ns = MS(1600);
    recorder_sample(recorder, &sample);
    /* Its end was stamped by the kernel before the other's, but it is heard of later. */
    sample.sent_ns = MS(1200);
    sample.end_ns = MS(1590);
    recorder_sample(recorder, &sample);
    recorder_client(recorder, MS(5000), &client);
    assert_float_equal(client.in_flight_integral_s, 0.99, 1e-9);
    assert_float_equal(client.latency_sum_s, 0.99, 1e-9);
    assert_int_equal(client.unfinished, 0);
    recorder_free(recorder);
}

static void counters_add_up_what_samples_say(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    struct counters counters;

    (void)state;
    sample.labels = intern(recorder, "m", "ask");
    sample.cached_tokens = 40;
    sample.reasoning_tokens = 3;
    sample.unresolved_chunks = 1;
    sample.unstamped_chunks = 2;
    sample.bytes_sent = 700;
    sample.bytes_received = 900;
    sample.cost_pusd = 1234;
    run_attempt(recorder, &sample);
    sample.attempt = 1;
    sample.flags |= SAMPLE_RESENT;
    sample.token_source = TOKENS_ESTIMATED;
    sample.outcome = OUTCOME_CANCELLED;
    run_attempt(recorder, &sample);
    sample.outcome = OUTCOME_DEGRADED;
    sample.flags &= ~(uint32_t)SAMPLE_REUSED;
    sample.cost_pusd = INT64_MAX;
    run_attempt(recorder, &sample);

    counters = *recorder_total(recorder, RECORDER_ALL).counters;
    assert_int_equal(counters.started, 3);
    assert_int_equal(counters.ok, 1);
    assert_int_equal(counters.degraded, 1);
    assert_int_equal(counters.cancelled, 1);
    assert_int_equal(counters.failed, 0);
    assert_int_equal(counters.streamed, 3);
    assert_int_equal(counters.with_output, 3);
    assert_int_equal(counters.cut_short, 1);
    assert_int_equal(counters.prompt_tokens, 300);
    assert_int_equal(counters.cached_tokens, 120);
    assert_int_equal(counters.completion_tokens, 27);
    assert_int_equal(counters.reasoning_tokens, 9);
    assert_int_equal(counters.estimated_tokens, 218);
    assert_int_equal(counters.chunks, 15);
    assert_int_equal(counters.reads, 12);
    assert_int_equal(counters.unresolved_chunks, 3);
    assert_int_equal(counters.unstamped_chunks, 6);
    assert_int_equal(counters.bytes_sent, 2100);
    assert_int_equal(counters.bytes_received, 2700);
    assert_int_equal(counters.reused, 2);
    assert_int_equal(counters.resent, 2);
    assert_int_equal(counters.retries, 2);
    assert_int_equal(counters.cost_pusd, INT64_MAX);
    recorder_free(recorder);
}

static void operations_count_by_their_labels(void **state)
{
    struct recorder *recorder = make(&plan);
    struct operation operation = {.due_ns = MS(1000), .end_ns = MS(1800)};
    struct series_view view;

    (void)state;
    operation.labels = intern(recorder, "m", "ask");
    operation.in_window = true;
    recorder_operation(recorder, &operation);
    operation.failed = true;
    recorder_operation(recorder, &operation);
    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(view.counters->operations, 2);
    assert_int_equal(view.counters->operations_failed, 1);
    assert_near(quantile(view, METRIC_OPERATION_DURATION, 0.5).value_ns, MS(800));
    assert_true(quantile(view, METRIC_OPERATION_DURATION, 0.9).above);
    assert_int_equal(find(recorder, RECORDER_WINDOW, "step", "ask").counters.operations,
                     2);
    recorder_free(recorder);
}

static void the_clients_own_delays_count_in_the_totals(void **state)
{
    struct recorder *recorder = make(&plan);
    struct series_view view;
    struct client_view client;

    (void)state;
    recorder_client_delay(recorder, true, MS(1));
    recorder_client_delay(recorder, false, MS(1));
    recorder_loop_lag(recorder, MS(999), MS(2));
    recorder_loop_lag(recorder, MS(1000), MS(2));
    recorder_pause(recorder, MS(300), MS(301));
    recorder_pause(recorder, MS(200), MS(200));
    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(histogram_count(view.histograms[METRIC_CLIENT_DELAY]), 1);
    assert_int_equal(histogram_count(view.histograms[METRIC_LOOP_LAG]), 1);
    view = recorder_total(recorder, RECORDER_ALL);
    assert_int_equal(histogram_count(view.histograms[METRIC_CLIENT_DELAY]), 2);
    assert_int_equal(histogram_count(view.histograms[METRIC_LOOP_LAG]), 2);

    recorder_client(recorder, MS(2000), &client);
    assert_int_equal(client.pauses, 2);
    assert_int_equal(client.drawn_pause_ns, MS(500));
    assert_int_equal(client.achieved_pause_ns, MS(501));
    assert_float_equal(client.unique_questions, 1.0, 0);
    recorder_questions(recorder, 100, 40);
    recorder_questions(recorder, 200, 150);
    recorder_client(recorder, MS(2000), &client);
    assert_int_equal(client.questions, 200);
    assert_float_equal(client.unique_questions, 0.75, 1e-12);
    recorder_free(recorder);
}

static void after_the_first_touch_nothing_is_allocated(void **state)
{
    struct recorder *recorder = make(&plan);
    struct sample sample = good_stream();
    size_t before;

    (void)state;
    sample.labels = intern(recorder, "m", "ask");
    recorder_gap(recorder, sample.labels, true, MS(1));
    recorder_client_delay(recorder, true, MS(1));
    run_attempt(recorder, &sample);
    before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (unsigned int i = 0; i < 1000; i++) {
        recorder_gap(recorder, sample.labels, true, MS(i));
        recorder_client_delay(recorder, true, MS(i));
        run_attempt(recorder, &sample);
    }
    assert_int_equal(mallinfo2().uordblks + mallinfo2().hblkhd, before);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_takes_its_start_and_leaves_its_end),
        cmocka_unit_test(samples_outside_the_window_count_in_the_whole_run_only),
        cmocka_unit_test(a_value_seen_only_outside_is_missing_from_the_window),
        cmocka_unit_test(percentiles_among_the_censored_are_only_known_to_be_above),
        cmocka_unit_test(each_dimension_holds_its_own_values),
        cmocka_unit_test(a_users_tag_is_no_dimension),
        cmocka_unit_test(what_an_attempt_learns_late_counts_where_it_ended),
        cmocka_unit_test(gaps_count_in_total_and_by_label_but_not_by_prompt_size),
        cmocka_unit_test(prompts_fall_into_buckets_of_size),
        cmocka_unit_test(an_attempt_without_prompt_tokens_has_no_prompt_size),
        cmocka_unit_test(label_sets_past_the_limit_count_as_other),
        cmocka_unit_test(an_interval_holds_what_came_since_the_last),
        cmocka_unit_test(an_interval_tells_the_mean_of_users_and_requests_in_flight),
        cmocka_unit_test(the_integral_in_flight_is_the_sum_of_latencies_in_any_order),
        cmocka_unit_test(counters_add_up_what_samples_say),
        cmocka_unit_test(operations_count_by_their_labels),
        cmocka_unit_test(the_clients_own_delays_count_in_the_totals),
        cmocka_unit_test(after_the_first_touch_nothing_is_allocated),
    };

    return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
