/*
 * B-15: how long a checkpoint holds the loop. A recorder with 64 values of dimensions, each with every
 * metric of a streaming run in both its parts, is copied in slices as the run does it; then the
 * document is built, which is the threadpool's part.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/recorder_copy.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/summary.h"

#define VALUES 64
#define COPIES 20
#define REQUESTS 200
#define SLICE_BYTES ((size_t)256 * 1024) /* as result/checkpoint.c */
#define MAX_DOCUMENT_BYTES ((size_t)64 << 20)

static const struct plan plan = {.name = "bench", .max_series = 5000, .worker_count = 1};

/* A request of backend i: with the gaps, and all that a stream fills. */
static void record(struct recorder *recorder, unsigned i, unsigned n)
{
    char backend[16];
    const struct label set[] = {{"backend", backend}};
    const bool in_window = n % 2;
    struct sample sample = {
        .flags = SAMPLE_STREAMED | (in_window ? SAMPLE_IN_WINDOW : 0u) |
                 (n % 4 < 2 ? SAMPLE_REUSED : 0u),
        .user = n,
        .due_ns = 1000 * NS_PER_MS,
        .sent_ns = 1001 * NS_PER_MS,
        .wire_ns = 1003 * NS_PER_MS,
        .headers_ns = 1009 * NS_PER_MS,
        .first_byte_ns = 1010 * NS_PER_MS,
        .first_event_ns = 1012 * NS_PER_MS,
        .first_output_ns = (1101 + n % 400) * NS_PER_MS,
        .first_answer_ns = (1102 + n % 400) * NS_PER_MS,
        .last_output_ns = (2501 + n % 900) * NS_PER_MS,
        .end_ns = (2511 + n % 900) * NS_PER_MS,
        .dns_ns = 1000,
        .connect_ns = 2000,
        .tls_ns = 3000,
        .rtt_min_ns = 100000,
        .chunks = 20,
        .prompt_tokens = 400,
        .completion_tokens = 20,
    };

    (void)snprintf(backend, sizeof(backend), "pod-%u", i);
    if (labels_intern(recorder_labels(recorder), set, 1, &sample.labels) < 0)
        abort();
    recorder_started(recorder, sample.sent_ns, sample.labels, in_window);
    recorder_gap(recorder, sample.labels, in_window, (20 + n % 60) * NS_PER_MS);
    recorder_client_delay(recorder, in_window, n * 100);
    recorder_sample(recorder, &sample);
    recorder_operation(recorder, &(struct operation){.labels = sample.labels,
                                                     .in_window = in_window,
                                                     .due_ns = sample.due_ns,
                                                     .end_ns = sample.end_ns});
}

static void record_all(struct recorder *recorder)
{
    for (unsigned i = 0; i < VALUES; i++)
        for (unsigned n = 0; n < REQUESTS; n++)
            record(recorder, i, n);
}

static int by_size(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a;
    const uint64_t other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

/* Of this thread alone: that others had the CPU in between is not what a slice costs. */
static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* One whole copy, told by its slices. */
static void copy_once(struct recorder_copy *copy, const char *name)
{
    static uint64_t slices_ns[1 << 16];
    uint64_t sum_ns = 0;
    size_t count = 0;
    int r = 0;

    while (r == 0 && count < COUNT_OF(slices_ns)) {
        const uint64_t from_ns = cpu_ns();

        r = recorder_copy_step(copy, SLICE_BYTES);
        slices_ns[count] = cpu_ns() - from_ns;
        sum_ns += slices_ns[count++];
    }
    if (r < 0)
        abort();
    qsort(slices_ns, count, sizeof(slices_ns[0]), by_size);
    printf("%-12s %4zu slices  %6.2f ms in all  median %5.1f us  p99 %5.1f us  longest "
           "%5.1f us\n",
           name, count, (double)sum_ns / 1e6, (double)slices_ns[count / 2] / 1e3,
           (double)slices_ns[count * 99 / 100] / 1e3, (double)slices_ns[count - 1] / 1e3);
}

static void build_once(const struct recorder *recorder)
{
    const struct run_view view = {
        .plan = &plan, .recorder = recorder, .phase = "", .now_ns = 9000 * NS_PER_MS};
    const struct verdicts verdicts = {0};
    const struct run_facts facts = {.run_id = "bench",
                                    .version = "",
                                    .scenario_path = "",
                                    .fingerprint = "",
                                    .window_end_ns = 9000 * NS_PER_MS,
                                    .view = &view,
                                    .verdicts = &verdicts};
    struct buf text = BUF_INIT(MAX_DOCUMENT_BYTES);
    const uint64_t from_ns = cpu_ns();
    json_t *summary = NULL;

    if (summary_build(&facts, &summary) < 0 || summary_write(summary, &text) < 0)
        abort();
    printf("off the loop: the document, %zu KiB, is built in %.1f ms\n", text.len / 1024,
           (double)(cpu_ns() - from_ns) / 1e6);
    json_decref(summary);
    buf_deinit(&text);
}

int main(void)
{
    const struct recorder_options options = {
        .plan = &plan, .started_ns = 1, .window_end_ns = UINT64_MAX};
    struct recorder *recorder = NULL;
    struct recorder_copy *copy = NULL;

    if (recorder_new(&options, &recorder) < 0 || recorder_copy_new(recorder, &copy) < 0)
        return 1;
    record_all(recorder);
    copy_once(copy, "first");
    for (unsigned i = 0; i < COPIES; i++) {
        record_all(recorder);
        copy_once(copy, "again");
    }
    copy_once(copy, "nothing new");
    build_once(recorder_copy_view(copy));
    recorder_copy_free(copy);
    recorder_free(recorder);
    return 0;
}
