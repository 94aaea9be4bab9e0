/*
 * Answers put into a made run one by one, for what the summary says of how answers came.
 */
#pragma once

#include <stdio.h>

#include "base/clock.h"
#include "made_run.h"
#include "measure/labels.h"
#include "measure/sample.h"

#define STARTED_NS (1000 * NS_PER_S)
#define MS(count) ((uint64_t)(count) * NS_PER_MS)

/* A whole stream of ten chunks, 20 ms apart, of one user at one backend; in the window. */
static inline struct sample whole_stream(struct made_run *run, const char *backend)
{
    const struct label set[] = {
        {"model", "large"}, {"org_id", "acme"}, {"backend", backend}};
    struct sample sample = {
        .user = 3,
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_STREAMED | SAMPLE_STAMPED | SAMPLE_IN_WINDOW | SAMPLE_CHAT,
        .status = 200,
        .token_source = TOKENS_USAGE,
        .due_ns = STARTED_NS + MS(1000),
        .sent_ns = STARTED_NS + MS(1000),
        .wire_ns = STARTED_NS + MS(1001),
        .headers_ns = STARTED_NS + MS(1050),
        .first_byte_ns = STARTED_NS + MS(1050),
        .first_event_ns = STARTED_NS + MS(1100),
        .first_output_ns = STARTED_NS + MS(1100),
        .last_output_ns = STARTED_NS + MS(1280),
        .end_ns = STARTED_NS + MS(1281),
        .chunks = 10,
        .reads = 10,
        .prompt_tokens = 100,
        .completion_tokens = 30,
        .rtt_ns = MS(2),
    };

    (void)labels_intern(recorder_labels(run->recorder), set, 3, &sample.labels);
    return sample;
}

/* Records so many of them, from their start to their end. */
static inline void record_all(struct made_run *run, const struct sample *sample,
                              unsigned count)
{
    while (count-- > 0) {
        recorder_started(run->recorder, sample->sent_ns, sample->labels, true);
        recorder_sample(run->recorder, sample);
    }
}
