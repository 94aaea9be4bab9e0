/*
 * The client side of transport tests: a loop with a libcurl transport against a scripted server,
 * and calls that remember everything they were told.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "net/curl_transport.h"
#include "net/transport.h"
#include "scripted_server.h"

#define MAX_ARRIVALS 64

struct bench {
    uv_loop_t loop;
    struct scripted_server *server;
    struct connection_policy policy;
    struct curl_transport *transport;
    unsigned open_calls;
    bool closed;
};

/* One request and all that was heard of it. */
struct call {
    struct bench *bench;
    struct transfer *transfer;
    struct transfer_request request; /* filled with usable defaults by call_init */
    char url[256];
    uint16_t status;
    char peer[64];     /* as known with the headers */
    char events[4096]; /* each event's data, followed by '|' */
    char body[4096];
    size_t body_len;
    struct arrival arrivals[MAX_ARRIVALS]; /* of events */
    unsigned event_count;
    unsigned headers_count;
    unsigned end_count;
    struct transfer_result result;
    char detail[300];
    char tail[256];
    char content_type[64];
    /* What the test wants done inside the callbacks. */
    void (*in_event)(struct call *call);
    void (*in_end)(struct call *call);
    void *ctx;
};

/* Starts server, loop and transport. policy NULL: the default. */
void bench_open(struct bench *bench, answer_fn *answer, void *ctx,
                const struct connection_policy *policy, uint32_t shards);

/* The same, with all options in the test's hand; the targets are borrowed. */
void bench_open_with(struct bench *bench, answer_fn *answer, void *ctx,
                     const struct curl_transport_options *options);

/* Closes all and checks that nothing is left. */
void bench_close(struct bench *bench);

/* A GET of a path by a user. */
void call_init(struct call *call, struct bench *bench, const char *path, uint64_t user);
void call_start(struct call *call);

/* Turns the loop until every started call is over. */
void bench_wait(struct bench *bench);

/* init, start, wait. */
void call_run(struct call *call, struct bench *bench, const char *path, uint64_t user);
