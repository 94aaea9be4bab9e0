/* The recording as its exchanges see it: what they share, and where they stand in line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/list.h"
#include "net/curl_transport.h"
#include "record/record.h"
#include "record/redaction.h"
#include "record/sessions.h"
#include "record/trace_writer.h"
#include "record/upstream.h"
#include "serve/serve.h"

struct record {
    uv_loop_t *loop;
    struct record_options options;
    struct upstream upstream;
    struct redaction rules;
    struct connection_policy policy;
    struct serve *serve;
    struct curl_transport *transport;
    struct trace_writer *writer;
    struct sessions sessions;
    struct list exchanges; /* running */
    uint64_t running;
    uint64_t began_ns; /* monotonic: the first request; 0: none yet */
    uint64_t admitted; /* entries that are or will be written down */
    struct record_totals totals;
    uint64_t grace_end_ns; /* monotonic, once it stops */
    bool is_stopping;
    bool is_closed; /* nothing is open any more */
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};
