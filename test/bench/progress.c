/*
 * What live progress holds the loop for at each tick (BENCH.md, B-15): the figures of the last
 * seconds, five lines of text, and the write. CPU time, so that others on the machine do not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "output/terminal.h"
#include "plan/plan.h"

#define TICKS 1200 /* five minutes */
#define TICK_NS (250 * NS_PER_MS)
#define REQUESTS 2000 /* of each tick */

static uint64_t spent_ns(void)
{
    struct timespec time;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) < 0)
        abort();
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* Latencies of all sizes, and failures among them, so that every histogram is full. */
static void ask(struct recorder *recorder, uint64_t now_ns)
{
    for (uint64_t i = 0; i < REQUESTS; i++) {
        const struct sample sample = {
            .outcome = i % 50 ? OUTCOME_OK : OUTCOME_RESET,
            .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
            .due_ns = now_ns - i * NS_PER_US,
            .sent_ns = now_ns,
            .wire_ns = now_ns,
            .first_output_ns = i % 50 ? now_ns + i * i * 5 * NS_PER_US : 0,
            .last_output_ns = now_ns + i * i * 9 * NS_PER_US,
            .end_ns = now_ns + i * i * 9 * NS_PER_US,
            .chunks = 2,
            .completion_tokens = 80,
        };

        recorder_started(recorder, now_ns, 0, true);
        recorder_gap(recorder, 0, true, i * 20 * NS_PER_US);
        recorder_loop_lag(recorder, now_ns, i * NS_PER_US);
        recorder_sample(recorder, &sample);
    }
}

static int by_size(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a;
    const uint64_t other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

static void report(uint64_t took_ns[TICKS])
{
    uint64_t sum_ns = 0;

    for (size_t i = 0; i < TICKS; i++)
        sum_ns += took_ns[i];
    qsort(took_ns, TICKS, sizeof(took_ns[0]), by_size);
    printf("%-32s %7.1f us, p99 %.1f, %.1f at most\n", "a tick of live progress",
           (double)sum_ns / TICKS / (double)NS_PER_US,
           (double)took_ns[TICKS * 99 / 100] / (double)NS_PER_US,
           (double)took_ns[TICKS - 1] / (double)NS_PER_US);
}

int main(void)
{
    static const struct plan_phase phases[] = {{.kind = PLAN_PHASE_SUSTAINED,
                                                .name = "sustained",
                                                .duration_ns = TICKS * TICK_NS}};
    static const struct plan plan = {
        .name = "bench", .max_series = 100, .phases = phases, .phase_count = 1};
    const struct terminal_style style = {.colour = true, .live = true, .columns = 120};
    const struct recorder_options options = {.plan = &plan,
                                             .started_ns = NS_PER_S,
                                             .window_start_ns = NS_PER_S,
                                             .window_end_ns = UINT64_MAX,
                                             .interval_ns = TICK_NS};
    static uint64_t took_ns[TICKS];
    FILE *out = fopen("/dev/null", "we");
    struct terminal_progress *progress = NULL;
    struct recorder *recorder = NULL;

    if (!out || terminal_progress_new(out, style, &progress) < 0 ||
        recorder_new(&options, &recorder) < 0)
        return 1;
    const struct probe probe = terminal_progress_probe(progress);

    for (size_t i = 0; i < TICKS; i++) {
        const uint64_t now_ns = NS_PER_S + (i + 1) * TICK_NS;
        const struct run_view view = {.plan = &plan,
                                      .recorder = recorder,
                                      .state = RUN_LOADING,
                                      .phase = "sustained",
                                      .started_ns = NS_PER_S,
                                      .now_ns = now_ns,
                                      .elapsed_ns = (i + 1) * TICK_NS,
                                      .left_ns = (TICKS - i) * TICK_NS};
        struct interval_view interval;

        ask(recorder, now_ns);
        recorder_close_interval(recorder, now_ns, &interval);
        took_ns[i] = spent_ns();
        probe.on_tick(probe.ctx, &view, &interval);
        took_ns[i] = spent_ns() - took_ns[i];
    }
    report(took_ns);
    terminal_progress_free(progress);
    recorder_free(recorder);
    fclose(out);
    return 0;
}
