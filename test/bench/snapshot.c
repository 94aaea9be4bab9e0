/*
 * What a push costs (BENCH.md, B-8): how long the loop is held while the figures of as many series as
 * the budget allows are taken, and how long the threadpool makes text of them. CPU time; the first taking, which allocates, is told apart.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "output/exposition.h"
#include "plan/plan.h"

#define ROUNDS 1000
#define TEXT_ROUNDS 20
#define COMBINATIONS 2000
#define MAX_TEXT_BYTES ((size_t)16 << 20)
#define MS(count) (UINT64_C(count) * NS_PER_MS)

static const struct plan plan = {.name = "bench", .max_series = 10000, .worker_count = 1};

/* CPU time of this thread, so that others on the machine do not count. */
static uint64_t spent_ns(void)
{
    struct timespec time;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) < 0)
        abort();
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* A request of each combination and user, so that the whole budget is spent. */
static void fill(struct recorder *recorder)
{
    for (unsigned int i = 0; i < COMBINATIONS; i++) {
        char model[24], org[24];
        const struct label set[] = {
            {"model", model}, {"backend", "pod"}, {"step", "ask"}, {"org_id", org}};
        struct sample sample = {
            .user = i,
            .flags = SAMPLE_STREAMED | SAMPLE_REUSED | SAMPLE_CHAT,
            .due_ns = MS(1000),
            .sent_ns = MS(1001),
            .wire_ns = MS(1003),
            .first_output_ns = MS(1101),
            .last_output_ns = MS(1501),
            .end_ns = MS(1511),
            .chunks = 5,
            .prompt_tokens = 100,
            .completion_tokens = 9,
            .cost_pusd = 12345,
        };

        (void)snprintf(model, sizeof(model), "model-%u", i % 16);
        (void)snprintf(org, sizeof(org), "org-%u", i);
        if (labels_intern(recorder_labels(recorder), set, COUNT_OF(set), &sample.labels) <
            0)
            abort();
        recorder_started(recorder, sample.sent_ns, sample.labels, false);
        recorder_gap(recorder, sample.labels, false, MS(20));
        recorder_sample(recorder, &sample);
    }
}

static int by_size(const void *a, const void *b)
{
    const uint64_t *one = a;
    const uint64_t *two = b;

    return (*one > *two) - (*one < *two);
}

static void report(const char *what, uint64_t *times_ns, size_t count)
{
    qsort(times_ns, count, sizeof(*times_ns), by_size);
    printf("%-36s median %8.1f us   max %8.1f us\n", what,
           (double)times_ns[count / 2] / 1e3, (double)times_ns[count - 1] / 1e3);
}

static size_t samples_in(const struct buf *text)
{
    size_t count = 0;

    for (size_t i = 0; i < text->len; i++)
        count += text->bytes[i] == '\n' && text->bytes[i + 1] != '#';
    return count;
}

int main(void)
{
    static uint64_t times_ns[ROUNDS];
    const struct recorder_options options = {.plan = &plan, .window_end_ns = UINT64_MAX};
    const struct exposition_options shown = {.plan = &plan,
                                             .test_run = "bench",
                                             .worker_pod = "pod",
                                             .version = "0",
                                             .fingerprint = "0"};
    struct run_view view = {.plan = &plan, .state = RUN_LOADING, .now_ns = MS(2000)};
    struct exposition *exposition = NULL;
    struct recorder *recorder = NULL;
    struct interval_view interval;
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    if (recorder_new(&options, &recorder) < 0 || exposition_new(&shown, &exposition) < 0)
        return 1;
    fill(recorder);
    view.recorder = recorder;
    recorder_close_interval(recorder, MS(2000), &interval);
    for (size_t i = 0; i < ROUNDS; i++) {
        const uint64_t started_ns = spent_ns();

        exposition_add(exposition, &interval);
        if (exposition_take(exposition, &view) < 0)
            abort();
        times_ns[i] = spent_ns() - started_ns;
    }
    printf("%-36s %8.1f us\n", "on the loop: the first time", (double)times_ns[0] / 1e3);
    report("on the loop: each further time", times_ns + 1, ROUNDS - 1);
    for (size_t i = 0; i < TEXT_ROUNDS; i++) {
        const uint64_t started_ns = spent_ns();

        buf_clear(&text);
        if (exposition_write(exposition, true, &text) < 0)
            abort();
        times_ns[i] = spent_ns() - started_ns;
    }
    report("on the threadpool: making the text", times_ns, TEXT_ROUNDS);
    printf("%zu series, %zu bytes\n", samples_in(&text), text.len);
    buf_deinit(&text);
    exposition_free(exposition);
    recorder_free(recorder);
    return 0;
}
