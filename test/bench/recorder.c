/*
 * What recording costs: one line per call of the recorder that each chunk or request pays for,
 * with seven labels that are dimensions, as in a run with organizations and several backends.
 */
#include "measure/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/cpu_supply.h"
#include "measure/trust.h"
#include "plan/plan.h"

#define CALLS 2000000
#define SETS 64
#define GAPS 4096
#define JUDGEMENTS 10000

static uint32_t intern(struct labels *labels, unsigned int i)
{
    char model[16], org[16], step[16], class[16], backend[16];
    const struct label set[] = {
        {"model", model},      {"org_id", org},      {"step", step},
        {"class", class},      {"backend", backend}, {"phase", "sustained"},
        {"target", "default"},
    };
    uint32_t id = LABELS_OTHER;

    snprintf(model, sizeof(model), "model-%u", i % 3);
    snprintf(org, sizeof(org), "org-%u", i % 8);
    snprintf(step, sizeof(step), "step-%u", i % 4);
    snprintf(class, sizeof(class), "class-%u", i % 2);
    snprintf(backend, sizeof(backend), "pod-%u", i % 16);
    if (labels_intern(labels, set, COUNT_OF(set), &id) < 0)
        abort();
    return id;
}

static void report(const char *what, uint64_t started_ns)
{
    printf("%-32s %7.1f ns\n", what, (double)(clock_mono_ns() - started_ns) / CALLS);
}

static void bench_gaps(struct recorder *recorder, const uint32_t ids[SETS])
{
    static uint64_t gaps_ns[GAPS];
    uint64_t started_ns;

    /* Around 30 ms, in a fixed but scattered order. */
    for (uint64_t i = 0; i < GAPS; i++)
        gaps_ns[i] = 25 * NS_PER_MS + i * 2654435761 % (10 * NS_PER_MS);
    for (size_t i = 0; i < SETS; i++)
        recorder_gap(recorder, ids[i], true, gaps_ns[i]);

    started_ns = clock_mono_ns();
    for (size_t i = 0; i < CALLS; i++)
        recorder_gap(recorder, ids[i * 7 % SETS], true, gaps_ns[i % GAPS]);
    report("gap", started_ns);

    started_ns = clock_mono_ns();
    for (size_t i = 0; i < CALLS; i++)
        recorder_client_delay(recorder, true, gaps_ns[i % GAPS] / 1000);
    report("client_delay", started_ns);
}

static void bench_requests(struct recorder *recorder, const uint32_t ids[SETS])
{
    struct sample sample = {
        .flags = SAMPLE_STREAMED | SAMPLE_REUSED | SAMPLE_IN_WINDOW,
        .due_ns = 1000 * NS_PER_MS,
        .sent_ns = 1001 * NS_PER_MS,
        .wire_ns = 1003 * NS_PER_MS,
        .first_byte_ns = 1010 * NS_PER_MS,
        .first_event_ns = 1012 * NS_PER_MS,
        .first_output_ns = 1101 * NS_PER_MS,
        .last_output_ns = 1501 * NS_PER_MS,
        .end_ns = 1511 * NS_PER_MS,
        .chunks = 20,
        .prompt_tokens = 400,
        .completion_tokens = 20,
    };
    uint64_t started_ns = clock_mono_ns();
    uint32_t id;

    for (size_t i = 0; i < CALLS; i++) {
        sample.labels = ids[i * 7 % SETS];
        recorder_started(recorder, sample.sent_ns, sample.labels, true);
        recorder_sample(recorder, &sample);
    }
    report("started and sample", started_ns);

    started_ns = clock_mono_ns();
    for (size_t i = 0; i < CALLS; i++) {
        if (labels_extend(recorder_labels(recorder), ids[i * 7 % SETS], "backend",
                          i & 1 ? "pod-1" : "pod-2", &id) < 0)
            abort();
    }
    report("labels_extend", started_ns);
}

/* What a session does once a second on its loop. */
static void bench_trust(const struct recorder *recorder)
{
    struct cpu_supply supply;
    uint64_t most_ns = 0;
    const uint64_t started_ns = clock_mono_ns();

    cpu_supply_find(&supply, "");
    for (int i = 0; i < JUDGEMENTS; i++) {
        const uint64_t began_ns = clock_mono_ns();
        struct trust_inputs inputs = {.elapsed_ns = NS_PER_S, .load_end_ns = NS_PER_S};
        struct cpu_loss loss;
        struct trust trust;
        uint64_t took_ns;

        cpu_supply_read(&supply, &loss);
        inputs.cpu_wait_ns = loss.wait_ns;
        trust_of(recorder, &inputs, &trust);
        took_ns = clock_mono_ns() - began_ns;
        most_ns = took_ns > most_ns ? took_ns : most_ns;
    }
    printf("%-32s %7.1f us, %.1f at most\n", "trust, with the CPU's supply",
           (double)(clock_mono_ns() - started_ns) / JUDGEMENTS / (double)NS_PER_US,
           (double)most_ns / (double)NS_PER_US);
}

int main(void)
{
    static const struct plan plan = {.max_series = 5000};
    const struct recorder_options options = {.plan = &plan, .window_end_ns = UINT64_MAX};
    struct recorder *recorder = NULL;
    uint32_t ids[SETS];

    if (recorder_new(&options, &recorder) < 0)
        return 1;
    for (unsigned int i = 0; i < SETS; i++)
        ids[i] = intern(recorder_labels(recorder), i);
    bench_gaps(recorder, ids);
    bench_requests(recorder, ids);
    bench_trust(recorder);
    recorder_free(recorder);
    return 0;
}
