/*
 * Requests: class, step and target → URL, headers and body bytes. What does not change from
 * request to request is made once. It sends nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/wording.h"

struct api_dialect;
struct cookies;
struct plan;
struct plan_step;
struct secret;
struct trace;
struct transfer_header;
struct transfer_request;

/* So much of the run's id stands in the ids of its requests. */
#define REQUEST_RUN_ID_BYTES 64
/* Room for the id of a request: the run's part, three numbers with a dash before each, NUL. */
#define REQUEST_ID_BYTES 128

/* Room for a traceparent header with its NUL. */
#define REQUEST_TRACE_BYTES 56

struct request_url {
    char *text; /* owned; NULL: not made yet */
};

/* What the requests of one run are made from. The fields are private. */
struct request_maker {
    const struct plan *plan;
    const char *run_id;
    uint64_t trace;                  /* of the run: the upper half of each trace id */
    struct request_url *urls;        /* owned: by step and target, made at first use */
    struct transfer_header *headers; /* owned: those of the request being made */
    size_t header_count;
    size_t header_cap;
    struct buf authorization; /* wiped when the request is handed over */
    struct buf cookies;       /* likewise */
    char request_id[REQUEST_ID_BYTES];
    char trace_parent[REQUEST_TRACE_BYTES];
};

/* A request that was recorded and is sent again: method, path and headers are its own. */
struct request_recorded {
    const struct trace *trace; /* NULL: it is none, and the step says what is sent */
    uint64_t entry;
    const char *url;
    const char *method;
    size_t header_count;
    const struct api_dialect *dialect; /* NULL: plain http */
};

/* Who asks what of whom. */
struct request_key {
    uint32_t class;
    bool bare; /* without what the class sends with each request */
    uint32_t step;
    uint64_t user;    /* ordinal */
    uint64_t arrival; /* of an open loop, else 0 */
    uint64_t operation;
    uint32_t attempt;
    const struct secret *key;      /* of the roster; NULL: the target's own */
    struct wording wording;        /* what templates made */
    const struct cookies *cookies; /* NULL: none are kept */
    const char *session;           /* of MCP; NULL: none */
    struct request_recorded recorded;
    uint64_t now_ns; /* some cookies end */
};

/*
 * plan and run_id are borrowed. recorded_headers: that a request of a trace has at most. Returns 0 or
 * -ENOMEM.
 */
int request_maker_init(struct request_maker *maker, const struct plan *plan,
                       const char *run_id, uint64_t nonce, size_t recorded_headers);
void request_maker_deinit(struct request_maker *maker);

/* The target a step of a class goes to. */
uint32_t request_target(const struct plan *plan, uint32_t class, uint32_t step);

/*
 * Fills all of *ret_request but the body. What it points to is borrowed until the next call or
 * request_forget(). Returns 0; -ENOMEM; -EINVAL for a key that is too long.
 */
int request_make(struct request_maker *maker, const struct request_key *key,
                 struct transfer_request *ret_request);

/* The request was handed over: no key stays in memory. */
void request_forget(struct request_maker *maker);

/* The correlation id of an attempt. */
void request_id_of(const struct request_maker *maker, uint64_t operation,
                   uint32_t attempt, char text[static REQUEST_ID_BYTES]);
