#include "recorded_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <uv.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/rng.h"
#include "measure/labels.h"
#include "measure/observe.h"
#include "measure/sample.h"
#include "result/sample_file.h"

#define PEOPLE 10
#define TOKENS 20
#define TTFT_NS 200e6
#define GAP_NS 20e6
#define THINK_NS 300e6
#define GIVEN_UP_NS (5 * NS_PER_S)
#define MAX_FILE_BYTES ((uint64_t)1 << 30)

/* The metrics that the summary tells. */
static const enum metric told[] = {METRIC_TTFT, METRIC_TPOT, METRIC_E2E};

struct recording {
    const struct recorded_service *service;
    struct sample_file *file;
    struct labels *labels;
    struct rng rng;
    double mood; /* of the service: how much slower it is, as a logarithm */
    uint64_t mood_at_ns;
    uint64_t ready_ns[PEOPLE];
    uint64_t requests;
    uint64_t failed;
    uint64_t tokens;
    struct histogram *histograms[COUNT_OF(told)];
    bool closed;
};

/* The service changes its mood once a second, and stays half as it was. */
static double slowness_at(struct recording *recording, uint64_t at_ns)
{
    for (; recording->mood_at_ns + NS_PER_S <= at_ns; recording->mood_at_ns += NS_PER_S)
        recording->mood = 0.5 * recording->mood + 0.03 * rng_normal(&recording->rng);
    return recording->service->slowness * exp(recording->mood);
}

static struct sample attempt(struct recording *recording, size_t person)
{
    static const char *const models[] = {"large", "small"};
    const uint64_t due_ns = recording->ready_ns[person];
    const double slowness = slowness_at(recording, due_ns);
    const double ttft_ns = TTFT_NS * slowness * exp(0.3 * rng_normal(&recording->rng));
    const double gap_ns = GAP_NS * slowness * exp(0.1 * rng_normal(&recording->rng));
    const struct label set[] = {{"model", models[person % 2]}, {"step", "ask"}};
    struct sample sample = {.operation_id = recording->requests,
                            .user = person,
                            .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW | SAMPLE_CHAT,
                            .status = 200,
                            .due_ns = due_ns,
                            .sent_ns = due_ns,
                            .wire_ns = due_ns,
                            .cost_pusd = 1000000};

    assert_int_equal(labels_intern(recording->labels, set, COUNT_OF(set), &sample.labels),
                     0);
    if (rng_unit(&recording->rng) < recording->service->hang_rate) {
        sample.outcome = OUTCOME_FIRST_TOKEN_TIMEOUT;
        sample.end_ns = due_ns + GIVEN_UP_NS;
        return sample;
    }
    sample.headers_ns = sample.first_byte_ns = sample.first_output_ns =
        due_ns + (uint64_t)ttft_ns;
    sample.last_output_ns = sample.end_ns =
        sample.first_output_ns + (uint64_t)(gap_ns * (TOKENS - 1));
    sample.chunks = TOKENS;
    sample.completion_tokens = TOKENS;
    if (rng_unit(&recording->rng) < recording->service->error_rate)
        sample.outcome = OUTCOME_STREAM_ERROR;
    return sample;
}

static void count(struct recording *recording, const struct sample *sample)
{
    struct observation observations[METRIC_COUNT];
    const size_t seen = observe_sample(sample, observations);

    recording->requests++;
    recording->failed += outcome_is_failure(sample->outcome);
    recording->tokens += sample->completion_tokens;
    for (size_t i = 0; i < seen; i++)
        for (size_t j = 0; j < COUNT_OF(told); j++) {
            if (observations[i].metric != told[j])
                continue;
            if (observations[i].censored)
                histogram_record_censored(recording->histograms[j],
                                          observations[i].value_ns);
            else
                histogram_record(recording->histograms[j], observations[i].value_ns);
        }
}

static size_t next_person(const struct recording *recording)
{
    size_t next = 0;

    for (size_t i = 1; i < PEOPLE; i++)
        if (recording->ready_ns[i] < recording->ready_ns[next])
            next = i;
    return next;
}

static void live(struct recording *recording)
{
    const uint64_t end_ns = recording->service->seconds * NS_PER_S;

    for (size_t i = 0; i < PEOPLE; i++)
        recording->ready_ns[i] = 1 + (uint64_t)(THINK_NS * rng_unit(&recording->rng));
    for (;;) {
        const size_t person = next_person(recording);
        struct sample sample;

        if (recording->ready_ns[person] >= end_ns)
            return;
        sample = attempt(recording, person);
        count(recording, &sample);
        sample_file_append(recording->file, &sample);
        recording->ready_ns[person] =
            sample.end_ns + (uint64_t)(THINK_NS * rng_exponential(&recording->rng));
    }
}

static json_t *latency(const struct histogram *histogram)
{
    static const struct {
        const char *name;
        double q;
    } percentiles[] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}};
    json_t *object =
        json_pack("{s:I, s:I, s:f}", "count", (json_int_t)histogram_count(histogram),
                  "censored", (json_int_t)histogram_censored(histogram), "mean",
                  histogram_mean_ns(histogram) / (double)NS_PER_MS);

    for (size_t i = 0; i < COUNT_OF(percentiles); i++) {
        const struct histogram_quantile quantile =
            histogram_quantile(histogram, percentiles[i].q);
        json_t *value = json_real((double)quantile.value_ns / (double)NS_PER_MS);

        if (quantile.above && !json_object_get(object, "above"))
            json_object_set_new(object, "above", json_object());
        if (quantile.above)
            json_object_set_new(json_object_get(object, "above"), percentiles[i].name,
                                value);
        else
            json_object_set_new(object, percentiles[i].name, value);
    }
    return object;
}

static double number_at(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

static json_t *summary_of(const struct recording *recording)
{
    const double seconds = (double)recording->service->seconds;
    json_t *metrics = json_object();

    for (size_t i = 0; i < COUNT_OF(told); i++)
        json_object_set_new(metrics, metric_info(told[i])->name,
                            latency(recording->histograms[i]));
    json_object_set_new(
        metrics, "tps",
        json_pack("{s:f}", "p50",
                  1e3 / number_at(json_object_get(metrics, "tpot"), "p50")));
    return json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:s, s:s, s:i}, s:{s:f, s:f}, s:{s:I, s:f, s:f, s:f, "
        "s:I, s:I, s:i}, s:o, s:{s:s, s:i}, s:{s:{s:{}, s:{}}}, s:[]}",
        "schema", "throng.summary/1", "run", "id", "r", "scenario", "recorded",
        "fingerprint", recording->service->fingerprint, "version", "0", "stop_reason",
        "completed", "seed", 1, "window", "start_s", 0.0, "end_s", seconds, "totals",
        "requests", (json_int_t)recording->requests, "error_rate",
        (double)recording->failed / (double)recording->requests, "requests_per_second",
        (double)recording->requests / seconds, "output_tokens_per_second",
        (double)recording->tokens / seconds, "cost_pusd",
        (json_int_t)recording->requests * 1000000, "completion_tokens",
        (json_int_t)recording->tokens, "users_peak", PEOPLE, "metrics", metrics, "client",
        "trust", "A", "samples_dropped", 0, "by", "model", "large", "small", "targets");
}

static void on_closed(void *ctx, int error)
{
    bool *closed = ctx;

    assert_int_equal(error, 0);
    *closed = true;
}

struct run_files recorded_run(const struct recorded_service *service, uint64_t seed)
{
    struct recording recording = {.service = service};
    char folder[] = "/tmp/throng-recorded-XXXXXX";
    struct run_files run = {0};
    uv_loop_t loop;
    char path[64];

    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/samples.bin", folder);
    uv_loop_init(&loop);
    rng_init(&recording.rng, seed, 0, 0, RNG_TEST);
    assert_int_equal(labels_new(16, &recording.labels), 0);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        assert_int_equal(histogram_new(HISTOGRAM_FINE, &recording.histograms[i]), 0);
    assert_int_equal(sample_file_new(&loop, path, MAX_FILE_BYTES, recording.labels, 0, 1,
                                     &recording.file),
                     0);
    live(&recording);
    sample_file_close(recording.file, on_closed, &recording.closed);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(recording.closed);
    assert_int_equal(uv_loop_close(&loop), 0);
    run.summary = summary_of(&recording);
    run.folder = strdup(folder);
    assert_non_null(run.summary);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        histogram_free(recording.histograms[i]);
    labels_free(recording.labels);
    return run;
}

void recorded_run_remove(struct run_files *run)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/samples.bin", run->folder);
    (void)unlink(path);
    (void)rmdir(run->folder);
    run_files_close(run);
}
