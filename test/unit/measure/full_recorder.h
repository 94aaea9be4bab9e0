/*
 * A recorder with something of everything in it, and what it says of that, for tests that compare two of them.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/cleanup.h"
#include "measure/recorder.h"
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

static inline struct recorder *make_of(const struct plan *whose)
{
    const struct recorder_options options = {
        .plan = whose, .window_start_ns = MS(1000), .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

static inline struct recorder *make(void)
{
    return make_of(&plan);
}

/* The n-th attempt: of another model, slower, and now and then one that failed or came too early. */
static inline void record(struct recorder *recorder, unsigned n)
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
static inline void write_series(void *ctx, const struct series_view *series)
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

static inline void write_user(void *ctx, const struct user_view *user)
{
    fprintf(ctx, "\nuser %lu: %lu %lu", user->ordinal, user->requests, user->failed);
}

static inline void write_peer(void *ctx, const struct peer_view *peer)
{
    fprintf(ctx, "\npeer %s: %lu %lu", peer->peer, peer->requests, peer->connections);
}

/* What a recorder says of those that were recorded. */
static inline void write_figures(const struct recorder *recorder, FILE *out)
{
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
    for (enum length_of kind = 0; kind < LENGTH_COUNT; kind++) {
        const struct lengths lengths = recorder_lengths(recorder, kind);

        fprintf(out, "\nlengths %lu %lu %lu %g", lengths.requests, lengths.asked_tokens,
                lengths.told_tokens, lengths.error_sum);
    }
    spike_of(recorder, 0, MS(9000), &spike);
    fprintf(out, "\nspike %d %lu %lu", (int)spike.recovery, spike.recovery_ns,
            spike.after.requests);
}

/* All that a recorder says. */
static inline char *told(const struct recorder *recorder)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct client_view client;

    write_figures(recorder, out);
    recorder_client(recorder, MS(9000), &client);
    fprintf(out, "\nstalls %lu %lu %lu, at once %lu", client.stalls.count,
            client.stalls.total_ns, client.stalls.longest_ns, client.most_at_once);
    fprintf(out, "\nclient %lu %lu %lu %g %lu %g %g %lu %lu", client.pauses,
            client.drawn_pause_ns, client.questions, client.unique_questions,
            client.unfinished, client.in_flight_integral_s, client.latency_sum_s,
            client.label_sets, recorder_users_peak(recorder));
    fclose(out);
    return text;
}
