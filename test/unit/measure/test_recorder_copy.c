#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/cleanup.h"
#include "measure/recorder.h"
#include "measure/recorder_copy.h"
#include "measure/spike.h"
#include "plan/plan.h"

#define MODELS 5

/* good_stream() is due right behind the spike. */
static const struct plan_phase phases[] = {
    {.kind = PLAN_PHASE_SPIKE, .name = "spike", .duration_ns = MS(1000)},
    {.kind = PLAN_PHASE_SUSTAINED, .name = "sustained", .duration_ns = MS(8000)},
};
static const struct plan_threshold thresholds[] = {
    {.metric = "ttft", .selector = "model:m1", .expression = "p(95)<1s"}};
static const struct plan plan = {.max_series = 100,
                                 .phases = phases,
                                 .phase_count = COUNT_OF(phases),
                                 .thresholds = thresholds,
                                 .threshold_count = COUNT_OF(thresholds),
                                 .worker_count = 1};

static struct recorder *make(void)
{
    const struct recorder_options options = {
        .plan = &plan, .window_start_ns = MS(1000), .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

/* The n-th attempt: of another model, slower, and now and then one that failed or came too early. */
static void record(struct recorder *recorder, unsigned n)
{
    char model[8];
    const struct label set[] = {
        {"model", model}, {"phase", "sustained"}, {"backend", n % 2 ? "a:1" : "b:2"}};
    struct sample sample = good_stream();

    (void)snprintf(model, sizeof(model), "m%u", n % MODELS);
    assert_int_equal(labels_intern(recorder_labels(recorder), set, 3, &sample.labels), 0);
    sample.user = n;
    sample.turn = 1 + n % 3;
    sample.first_output_ns += MS(n % 50);
    if (n % 7 == 0) {
        sample.outcome = OUTCOME_RESET;
        sample.first_output_ns = sample.last_output_ns = 0;
        sample.chunks = 0;
    }
    if (n % 5 == 0)
        sample.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    recorder_started(recorder, sample.sent_ns, sample.labels, n % 5 != 0);
    recorder_gap(recorder, sample.labels, n % 5 != 0, MS(20 + n % 9));
    recorder_sample(recorder, &sample);
    recorder_users(recorder, sample.end_ns,
                   (struct user_counts){.wanted = n, .active = n / 2});
    recorder_due(recorder, true, MS(2000));
    recorder_stall(recorder, MS(2000) + n, MS(2500));
    recorder_pause(recorder, MS(n), MS(n + 1));
    recorder_questions(recorder, n, n);
    recorder_length(recorder, n % 2 ? LENGTH_OF_PROMPTS : LENGTH_OF_ANSWERS, 10,
                    9 + n % 5);
}

/* All that a series says, as text. */
static void write_series(void *ctx, const struct series_view *series)
{
    FILE *out = ctx;
    const uint64_t *counters = (const uint64_t *)(const void *)series->counters;

    fprintf(out, "\n%s=%s:", series->key ? series->key : "",
            series->value ? series->value : "");
    for (size_t i = 0; i < sizeof(*series->counters) / sizeof(*counters); i++)
        fprintf(out, " %lu", counters[i]);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct histogram *histogram = series->histograms[metric];

        if (!histogram)
            continue;
        fprintf(out, " %s %lu+%lu %g %g", metric_info(metric)->name,
                histogram_count(histogram), histogram_censored(histogram),
                histogram_mean_ns(histogram), histogram_stddev_ns(histogram));
        for (double q = 0.05; q < 1; q += 0.05)
            fprintf(out, " %lu", histogram_quantile(histogram, q).value_ns);
    }
}

static void write_user(void *ctx, const struct user_view *user)
{
    fprintf(ctx, "\nuser %lu: %lu %lu", user->ordinal, user->requests, user->failed);
}

static void write_peer(void *ctx, const struct peer_view *peer)
{
    fprintf(ctx, "\npeer %s: %lu %lu", peer->peer, peer->requests, peer->connections);
}

/* All that a recorder says. */
static char *told(const struct recorder *recorder)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct client_view client;
    struct spike_view spike;
    struct series_view selected;
    struct turn_view turn;

    for (enum recorder_scope scope = RECORDER_WINDOW; scope <= RECORDER_ALL; scope++) {
        const struct series_view total = recorder_total(recorder, scope);

        write_series(out, &total);
        recorder_each(recorder, scope, write_series, out);
    }
    assert_true(recorder_selected(recorder, thresholds[0].selector, &selected));
    write_series(out, &selected);
    for (uint32_t i = 1; i <= RECORDER_TURNS; i++)
        if (recorder_turn(recorder, i, &turn))
            fprintf(out, "\nturn %u: %lu %lu %lu %lu", i, turn.requests, turn.prompts,
                    turn.prompt_tokens, histogram_count(turn.ttft));
    recorder_each_user(recorder, write_user, out);
    recorder_each_peer(recorder, write_peer, out);
    recorder_client(recorder, MS(9000), &client);
    fprintf(out, "\nstalls %lu %lu %lu, at once %lu", client.stalls.count,
            client.stalls.total_ns, client.stalls.longest_ns, client.most_at_once);
    fprintf(out, "\nclient %lu %lu %lu %g %lu %g %g %lu %lu", client.pauses,
            client.drawn_pause_ns, client.questions, client.unique_questions,
            client.unfinished, client.in_flight_integral_s, client.latency_sum_s,
            client.label_sets, recorder_users_peak(recorder));
    for (enum length_of kind = 0; kind < LENGTH_COUNT; kind++) {
        const struct lengths lengths = recorder_lengths(recorder, kind);

        fprintf(out, "\nlengths %lu %lu %lu %g", lengths.requests, lengths.asked_tokens,
                lengths.told_tokens, lengths.error_sum);
    }
    spike_of(recorder, 0, MS(9000), &spike);
    fprintf(out, "\nspike %d %lu %lu", (int)spike.recovery, spike.recovery_ns,
            spike.after.requests);
    fclose(out);
    return text;
}

static void assert_same(const struct recorder *recorder, const struct recorder_copy *copy)
{
    char *expected = told(recorder);
    char *seen = told(recorder_copy_view(copy));

    assert_string_equal(expected, seen);
    free(expected);
    free(seen);
}

static void a_copy_says_what_the_recorder_says(void **state)
{
    const size_t budgets[] = {1, 1000, 100000, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(budgets); i++) {
        struct recorder *recorder = make();
        struct recorder_copy *copy = NULL;

        assert_int_equal(recorder_copy_new(recorder, &copy), 0);
        for (unsigned n = 0; n < 300; n++) {
            record(recorder, n);
            if (n % 100 < 99)
                continue;
            while (recorder_copy_step(copy, budgets[i]) == 0)
                continue;
            assert_same(recorder, copy);
        }
        recorder_copy_free(copy);
        recorder_free(recorder);
    }
}

/* What comes while a copy is under way may be in it or not; the next one has it. */
static void writing_between_slices_does_no_harm(void **state)
{
    struct recorder *recorder = make();
    struct recorder_copy *copy = NULL;
    unsigned n = 0;

    (void)state;
    assert_int_equal(recorder_copy_new(recorder, &copy), 0);
    for (; n < 20; n++)
        record(recorder, n);
    while (recorder_copy_step(copy, 1) == 0)
        record(recorder, n++);
    const uint64_t copied =
        recorder_total(recorder_copy_view(copy), RECORDER_ALL).counters->started;

    assert_true(copied >= 20 && copied < n);
    while (recorder_copy_step(copy, 5000) == 0)
        continue;
    assert_same(recorder, copy);
    recorder_copy_free(copy);
    recorder_free(recorder);
}

/* So that a step holds the loop no longer than its budget says. */
static void a_slice_copies_one_histogram_more_than_its_budget_at_most(void **state)
{
    struct recorder *recorder = make();
    struct recorder_copy *copy = NULL;
    size_t first = 0;
    size_t again = 0;

    (void)state;
    assert_int_equal(recorder_copy_new(recorder, &copy), 0);
    for (unsigned n = 0; n < 50; n++)
        record(recorder, n);
    do
        first++;
    while (recorder_copy_step(copy, 1) == 0);
    /* Two totals, five models, one phase, one prompt size, each in two parts, of 13 metrics. */
    assert_true(first > 16 * 13);
    /* Nothing has changed, so nothing is copied: looking alone takes few slices. */
    do
        again++;
    while (recorder_copy_step(copy, 1024 * 1024) == 0);
    assert_true(again <= 4);
    recorder_copy_free(copy);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_says_what_the_recorder_says),
        cmocka_unit_test(writing_between_slices_does_no_harm),
        cmocka_unit_test(a_slice_copies_one_histogram_more_than_its_budget_at_most),
    };

    return cmocka_run_group_tests_name("recorder_copy", tests, NULL, NULL);
}
