/*
 * Answers as providers document them and servers send them, to be read by the dialects' tests.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* A stream, and what it tells. */
struct recorded_stream {
    const char *name;
    enum plan_api api;
    enum plan_step_kind kind;
    const char *bytes;  /* server-sent events, as they come over the wire */
    const char *text;   /* of the answer */
    const char *finish; /* why it ended, "" where that is not told */
    uint32_t outputs;   /* events with output */
    uint32_t output;    /* the bits of all of them */
    uint64_t prompt_tokens;
    uint64_t cached_tokens;
    uint64_t completion_tokens;
    uint64_t reasoning_tokens;
};

extern const struct recorded_stream recorded_streams[];
extern const size_t recorded_stream_count;
