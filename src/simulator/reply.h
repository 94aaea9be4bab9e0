/*
 * A whole answer on its way: it waits for its time, and then goes out, or breaks as its fault
 * demands. What has neither wait nor fault goes out at once and costs nothing more.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simulator/fault.h"
#include "simulator/head.h"

struct simulator;

enum reply_end {
    REPLY_SENT,   /* all of it, whatever its flaws */
    REPLY_BROKEN, /* a fault ended it */
    REPLY_GONE    /* the client left before its end */
};

/* The answer is over, and so is the request. */
typedef void reply_ended_fn(void *ctx, enum reply_end end);

struct reply_spec {
    struct simulator *simulator;
    struct serve_request *request;
    uint64_t number; /* of the request */
    int status;
    const struct head *head; /* borrowed for the call */
    const char *body;        /* likewise */
    size_t len;
    uint64_t due_ns; /* 0: at once */
    struct fault fault;
    reply_ended_fn *ended; /* NULL: nobody asks */
    void *ctx;
};

/* Answers the request, now or later: it is dealt with whatever happens. */
void reply_begin(const struct reply_spec *spec);
