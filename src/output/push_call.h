/*
 * One request to a Pushgateway, and in words why it failed. It waits for the answer: for a job of the
 * threadpool, or before the run. Names, passwords and headers of the plan stand in none of the words.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct plan_pushgateway;

struct push_call {
    const struct plan_pushgateway *plan;
    const char *method;
    const char *url;
    const char *body; /* text exposition; NULL: none */
    size_t body_len;
    uint64_t timeout_ns;
    const atomic_bool *cancelled; /* NULL: nobody cancels */
};

enum push_end {
    PUSH_OK,
    PUSH_REFUSED,     /* it answered with a status that is no success */
    PUSH_UNREACHABLE, /* no answer */
    PUSH_CANCELLED,
};

struct push_outcome {
    enum push_end end;
    uint16_t status;   /* 0: no answer */
    char problem[300]; /* "it answered 400: …"; "" where there is none */
};

void push_call_perform(const struct push_call *call, struct push_outcome *ret_outcome);
