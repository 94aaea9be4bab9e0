/*
 * The libcurl transport: many multi handles on one libuv loop, kernel receive stamps, and the
 * connection policy of each target. Serves HTTP/1.1, HTTP/2, TLS and proxies.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "net/transport.h"

struct curl_transport;

/* What may share a connection (ADR 0003). */
enum connection_reuse {
    CONNECTION_REUSE_POOL, /* any idle connection of the user's shard */
    CONNECTION_REUSE_USER, /* a connection belongs to one user: no other may take it */
    CONNECTION_REUSE_NONE, /* a new connection for each request */
};

/* How a target is spoken to. Strings are borrowed for the transport's life. */
struct connection_policy {
    enum connection_reuse reuse;
    uint32_t max_connections; /* over all shards; 0: no limit */
    uint32_t max_streams;     /* HTTP/2: streams per connection; 0: the server's word */
    uint64_t max_age_ns; /* idle connections older than this are not used; 0: no limit */
    bool http2;          /* over TLS by ALPN, in the clear by prior knowledge */
    bool insecure;       /* the certificate is not verified */
    const char *ca_file; /* NULL: the system's */
    const char *cert_file; /* client certificate; NULL: none */
    const char *key_file;
    const char *proxy; /* URL; NULL: none, and the environment's proxies are ignored */
    /*
     * Local addresses that connections come from: a user stays with one, and users are spread over all.
     * None: the kernel's choice.
     */
    const char *const *sources;
    size_t source_count;
};

struct curl_transport_options {
    const struct connection_policy *targets; /* borrowed for the transport's life */
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
    uint64_t strange_reuses;  /* reuse: user, on another user's connection: must stay 0 */
    uint64_t clock_steps;     /* jumps of the wall clock seen against the monotonic one */
};

/* Returns 0; -ENOMEM; -EIO when libcurl cannot be set up. The loop must outlive it. */
int curl_transport_new(uv_loop_t *loop, const struct curl_transport_options *options,
                       struct curl_transport **ret_transport);

/* The interface to it, borrowed. */
struct transport *curl_transport_as_transport(struct curl_transport *transport);

/* The counts so far. */
void curl_transport_stats(const struct curl_transport *transport,
                          struct curl_transport_stats *ret_stats);

/*
 * Cancels what is in flight (each on_end comes), closes all connections and handles; `closed` is
 * called from the loop when all is gone and memory is released.
 */
void curl_transport_close(struct curl_transport *transport, void (*closed)(void *ctx),
                          void *ctx);
