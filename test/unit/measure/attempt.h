/*
 * An attempt as it should be, which each test changes in the one thing it is about.
 */
#pragma once

#include "base/clock.h"
#include "measure/sample.h"

#define MS(count) ((uint64_t)(count) * NS_PER_MS)

/* A stream of five chunks and nine tokens, sent a millisecond late on a connection that stood. */
static inline struct sample good_stream(void)
{
    return (struct sample){
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_STREAMED | SAMPLE_REUSED | SAMPLE_IN_WINDOW,
        .status = 200,
        .due_ns = MS(1000),
        .sent_ns = MS(1001),
        .wire_ns = MS(1003),
        .headers_ns = MS(1009),
        .first_byte_ns = MS(1010),
        .first_event_ns = MS(1012),
        .first_output_ns = MS(1101),
        .last_output_ns = MS(1501),
        .end_ns = MS(1511),
        .rtt_min_ns = MS(3),
        .chunks = 5,
        .reads = 4,
        .prompt_tokens = 100,
        .completion_tokens = 9,
    };
}

/* A body in one piece, on a new connection. */
static inline struct sample good_body(void)
{
    return (struct sample){
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_IN_WINDOW,
        .status = 200,
        .due_ns = MS(1000),
        .sent_ns = MS(1000),
        .wire_ns = MS(1020),
        .headers_ns = MS(1045),
        .first_byte_ns = MS(1050),
        .end_ns = MS(1060),
        .dns_ns = MS(5),
        .connect_ns = MS(6),
        .tls_ns = MS(9),
    };
}
