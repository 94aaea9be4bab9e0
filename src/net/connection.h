/*
 * Connections: one record per socket that libcurl works with, holding its place in the loop, what
 * the kernel said of its latest bytes, and the transfers that are on it. It decides nothing: the
 * shard runs libcurl when a socket is ready.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/list.h"

struct shard;
struct curl_transfer;

/* The latest look at a socket, taken just before libcurl reads it. */
struct connection_read {
    uint64_t stamp_ns;   /* when the last of the bytes arrived, monotonic; 0: no stamp */
    uint64_t asked_ns;   /* when that was asked, */
    uint64_t looked_ns;  /* and answered */
    uint64_t held_up_ns; /* nobody could look for so long, since others had the CPU */
    uint64_t handed_ns;  /* when libcurl handed over the first of the bytes; 0: not yet */
    uint64_t earliest_ns; /* the socket was known to be empty then */
    uint64_t left_bytes;  /* of what waited, what no callback has accounted for yet */
    uint64_t serial;      /* of this look, unique in the transport; 0: none yet */
};

struct connection {
    uv_poll_t poll;
    struct shard *shard;
    struct list transfers; /* curl_transfer.on_connection: one, or many with HTTP/2 */
    struct connection_read read;
    uint64_t emptied_ns; /* libcurl had read all there was; 0: not yet */
    uint64_t user;       /* the user it was opened for */
    int fd;
    int error;  /* errno that a look took from the socket, which libcurl sees as an end */
    int wanted; /* uv_poll events that libcurl wants now */
    int armed;  /* uv_poll events that the loop watches */
    uint32_t retransmits; /* as TCP counted them when it was asked last */
    uint64_t
        cookie;    /* the kernel's name of the socket, whatever its descriptor becomes */
    bool ours;     /* opened for a target; false: a socket inside libcurl's resolver */
    bool answered; /* a response came in on it */
};

/* Makes the record of a socket that is open already. Returns 0; -errno. */
int connection_new(struct shard *shard, int fd, bool ours, uint64_t user,
                   struct connection **ret_connection);

/*
 * Begins to release the record: it leaves the loop and the shard's table at once and lets go of its
 * transfers; the memory is freed by the loop. The socket itself stays the caller's.
 */
void connection_close(struct connection *connection);

/*
 * libcurl wants no events of it any more: it idles until the next request, or is gone. libcurl 7.88
 * closes a socket whose set-up failed without asking us to.
 */
void connection_rest(struct connection *connection);

/* The record of a socket, or NULL. */
struct connection *connection_of(struct shard *shard, int fd);

/* Sets the events that libcurl wants (UV_READABLE, UV_WRITABLE). */
void connection_want(struct connection *connection, int events);

/* Puts a transfer on the connection, taking it off the one it was on. */
void connection_attach(struct connection *connection, struct curl_transfer *transfer);
void connection_detach(struct curl_transfer *transfer);
