/*
 * The libcurl transport: many multi handles on one libuv loop, kernel receive stamps, and the
 * connection policy of each target. Serves HTTP/1.1, HTTP/2, TLS and proxies.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "net/transport.h"

struct plan_target;
struct curl_transport;

struct curl_transport_options {
    const struct plan_target *targets; /* borrowed for the transport's life */
    size_t target_count;
    uint32_t shards;    /* multi handles, at least 1; BENCH: 64 is best */
    bool kernel_stamps; /* false: arrivals are the moments seen (for comparison) */
};

/* What the transport saw of itself since it was made. */
struct curl_transport_stats {
    uint64_t connections_opened;
    uint64_t connections_open;
    uint64_t connections_peak;
    uint64_t reads;           /* readable events with body bytes */
    uint64_t unstamped_reads; /* of those, without a kernel stamp */
    uint64_t clock_steps;     /* jumps of the wall clock seen against the monotonic one */
};

/* Returns 0; -ENOMEM; -EIO when libcurl cannot be set up. The loop must outlive it. */
int curl_transport_new(uv_loop_t *loop, const struct curl_transport_options *options,
                       struct curl_transport **ret_transport);

/* The interface to it, borrowed. */
struct transport *curl_transport_as_transport(struct curl_transport *transport);

void curl_transport_stats(const struct curl_transport *transport,
                          struct curl_transport_stats *ret_stats);

/*
 * Cancels what is in flight (each on_end comes), closes all connections and handles; `closed` is
 * called from the loop when all is gone and memory is released.
 */
void curl_transport_close(struct curl_transport *transport, void (*closed)(void *ctx),
                          void *ctx);
