/*
 * The listener: a run as others ask for it over HTTP, on the run's loop.
 *
 *   GET /metrics        the exposition (output/exposition.h), with test_run and worker_pod
 *   GET /healthz        JSON: run, version, state, phase, users
 *   GET /readyz         200 once the load began, 503 before
 *   GET /debug/memory   JSON: allocator, handles, buffers; only where it was asked for
 *
 * and, where there is a live page, its paths too (output/live.h).
 *
 * On the loop only figures are taken; the text of /metrics is made on the threadpool.
 */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "output/exposition.h"
#include "output/probe.h"

struct listener;
struct live;
struct sockaddr_storage;

/* All is borrowed for the listener's life. */
struct listener_options {
    const struct sockaddr_storage *address; /* listener_address() */
    struct exposition_options exposition;
    bool debug_memory;
    struct live *
        live; /* the listener's from listener_new() on, also where it fails; NULL: none */
    bool asks_token; /* figures are for those alone whom the live page admits */
};

/*
 * Reads "127.0.0.1:9464", "[::1]:0", "0.0.0.0:9464"; ":9464" is this machine alone. Returns 0; -EINVAL.
 */
int listener_address(const char *text, struct sockaddr_storage *ret_address);

/*
 * Returns 0; -EADDRINUSE and whatever else bind(2) says; -ENOMEM.
 */
int listener_new(uv_loop_t *loop, const struct listener_options *options,
                 struct listener **ret_listener);

/* Where it listens: "http://127.0.0.1:40123". */
void listener_url(const struct listener *listener, char url[static 64]);

/* Pushes that it tells of too; NULL: nobody pushes. Before the load. */
void listener_set_pushes(struct listener *listener, const struct push_counts *pushes);

/* As a probe, which knows from the run whether and of what it can tell. */
struct probe listener_probe(struct listener *listener);

/* Listens no more; the memory is released from the loop. NULL is allowed. Returns NULL. */
struct listener *listener_close(struct listener *listener);
