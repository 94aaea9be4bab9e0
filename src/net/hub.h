/*
 * The hub: what all shards of a libcurl transport share, that is the loop, the table of sockets,
 * the clock of kernel stamps, the time-outs, and the queue of shards that have something to do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>
#include <uv.h>

#include "base/list.h"
#include "net/curl_transport.h"
#include "net/deadline.h"
#include "net/shard.h"
#include "net/stamp.h"
#include "net/transport.h"

/* The shards of one target. They are made when the first user of theirs comes. */
struct shard_group {
    const struct connection_policy *policy;
    struct shard **shards; /* owned; NULL entries are not made yet */
    uint32_t count;
};

struct curl_transport {
    struct transport base; /* first: what the engine holds */
    uv_loop_t *loop;
    CURLSH *share; /* names and TLS sessions, never connections */
    struct shard_group *groups;
    size_t group_count;
    struct connection *
        *by_fd; /* the sockets in use; NULL where a descriptor is not one */
    size_t fd_count;
    struct stamp_clock stamps;
    bool kernel_stamps;
    struct deadline_wheel wheel;
    struct list due;       /* shard.link */
    uint64_t due_since_ns; /* when the first of them became due */
    uv_idle_t kick;        /* active while a shard is due: the loop must not sleep */
    uv_prepare_t turn;
    uv_timer_t tick;         /* active while deadlines are set */
    uint64_t turn_ns;        /* when the loop last went to look for ready sockets */
    uint64_t turn_before_ns; /* and the time before that */
    uint64_t looked_ns;      /* when it looked at a socket last */
    uint64_t held_up_ns;     /* in this turn: so long others had the CPU */
    uint64_t cpu_wait_ns;    /* as of then */
    int cpu_wait_fd;         /* cpu_wait_open() */
    struct curl_transport_stats stats;
    uint64_t last_read; /* the serial number given last */
    uint64_t in_flight; /* transfers between start and the return of on_end */
    size_t handles;     /* libuv handles that are not closed yet */
    bool closing;
    bool down; /* libcurl is gone; only handles are left to close */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Sets up the handles on the loop; the other fields are set already. */
void hub_init(struct curl_transport *hub, uint64_t now_ns);

/* Makes the loop come by soon. */
void hub_wake(struct curl_transport *hub);

/*
 * Inside a long turn: runs the shards that are due, if they have waited for long. Not each time,
 * or requests that are answered at once would starve the sockets that are ready.
 */
void hub_run_late(struct curl_transport *hub);

/* Puts a shard in the queue; harmless when it is there. */
void hub_mark_due(struct curl_transport *hub, struct shard *shard);

/* Sets a transfer's time-out. */
void hub_set_deadline(struct curl_transport *hub, struct deadline *deadline,
                      uint64_t due_ns);

/* The close callback of every libuv handle of the transport is over. */
void hub_handle_closed(struct curl_transport *hub);

/* A transfer is over: the last one lets a closing transport go on. */
void hub_transfer_ended(struct curl_transport *hub);

/* All handles are closed: releases the transport and says so. Defined beside its making. */
void hub_gone(struct curl_transport *hub);
