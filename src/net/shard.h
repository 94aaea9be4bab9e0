/*
 * Shards: one libcurl multi handle on the loop, its sockets and its time-out, and the transfers
 * that wait to be put in or taken out. libcurl's work per request grows with the connections of a
 * multi handle, so a target has many and a user stays with one.
 *
 * Rules that libcurl and libuv impose: nothing is added to or removed from a multi handle inside
 * its callbacks, so both wait in lists until libcurl has returned; and a time-out of 0 ms is served
 * once per turn of the loop, never by a timer of 0 ms, which would starve the sockets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>
#include <uv.h>

#include "base/list.h"
#include "net/curl_transport.h"

struct connection;

struct shard {
    struct curl_transport *transport;
    const struct connection_policy *policy;
    CURLM *multi;
    uv_timer_t timer;     /* libcurl's next time-out */
    struct list link;     /* in the transport's list of shards that are due */
    struct list starting; /* curl_transfer.link: to be added */
    struct list ending;   /* to be taken out and ended */
    struct list running;  /* added */
    struct list idle;     /* finished ones, kept with their easy handles for the next */
    uint64_t
        blind_read; /* serial of bytes that come in this run and no look has covered */
    bool timed_out; /* libcurl wants to be run for its time-out */
};

/* Makes the multi handle. max_connections: this shard's share, 0: no limit. Returns 0; -ENOMEM. */
int shard_init(struct shard *shard, struct curl_transport *transport,
               const struct connection_policy *policy, uint32_t max_connections);

/*
 * Releases the multi handle, its connections and the idle transfers. No transfer may be left
 * waiting or running. The timer is closed by the loop.
 */
void shard_deinit(struct shard *shard);

/* Something waits in the lists or libcurl's time-out has come: it runs soon. */
void shard_mark_due(struct shard *shard);

/* Does all that waits, runs libcurl's expired time-outs, and ends what is over. Not inside libcurl. */
void shard_run(struct shard *shard);

/* Lets libcurl work on a ready socket (uv_poll events), then does what that brought up. */
void shard_socket_ready(struct shard *shard, struct connection *connection, int events);
