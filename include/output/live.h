/*
 * The live page: a run as people watch and steer it in a browser while it goes on (doc/live.md, ADR 0026).
 *
 *   GET  /               the page
 *   GET  /live/events    server-sent events: all that was so far, then what comes
 *   POST /live/control   JSON: users, rate, pause, resume, stop, mark
 *
 * It is a probe that writes events, and paths that a listener answers with it (output/listener.h). It has no
 * socket of its own, and nothing that a viewer does or leaves undone holds up the loop.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "output/probe.h"

struct live;
struct secret;
struct serve_request;

/* A token can stand in a URL and in a header: 16 to 128 letters, digits, and any of . _ ~ - */
bool live_token_is_fit(const char *token);

/* All is borrowed for its life. */
struct live_options {
    const char *run_id;  /* may change until on_start */
    const char *version; /* of throng */
    const char *token;   /* one that live_token_is_fit(); NULL: one is made */
    const struct sockaddr_storage *address; /* where it listens, for who may view */
};

/* Returns 0; -EINVAL: such a token cannot be one; -ENOMEM or another -errno: none could be made. */
int live_new(const struct live_options *options, struct live **ret_live);

/* Nobody may be viewing. NULL is allowed. Returns NULL. */
struct live *live_free(struct live *live);

/* Before the load: the folder of the results, borrowed, and whether a search makes the load. */
void live_describe(struct live *live, const char *results, bool is_search);

/* The token that was made, for the one who prints it; NULL: it was given. */
const char *live_made_token(const struct live *live);

/* As a probe, for the life of live. */
struct probe live_probe(struct live *live);

/* Answers if the path is one of its own. Returns whether it was. */
bool live_answer(struct live *live, struct serve_request *request);

/* Whether whoever asks may see figures of the run; else the request is answered. */
bool live_admits(const struct live *live, struct serve_request *request);

/* No more comes: viewers get what there is, and their answers end. */
void live_end(struct live *live);
