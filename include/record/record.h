/*
 * Recording: a reverse proxy on the loop that passes requests on to an upstream and streams its answers
 * back, and writes down what went through, without secrets and with its timing, as a trace for replay
 * (throng.trace/1, doc/traces.md). It writes no log, and prints nothing.
 *
 * One thread, that of the loop; the file is written on the threadpool. The program must ignore SIGPIPE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct buf;
struct record;

/* All strings are borrowed for the recording's life. */
struct record_options {
    const char *upstream;    /* "https://api.example.com", with or without /v1 */
    const char *listen;      /* "127.0.0.1:8080", see serve_address_parse() */
    const char *path;        /* of the trace; must not be there yet */
    bool insecure;           /* the upstream's certificate is not verified */
    const char *ca_file;     /* NULL: the system's */
    uint64_t max_body_bytes; /* of a request; a longer one is answered 413 */
    uint64_t
        max_entries; /* requests beyond it are passed on and not written down; 0: all are */
    const char *const *redacted_names; /* more names of secrets */
    size_t redacted_count;
    const char *const
        *kept_headers; /* headers that are kept though they are named like secrets */
    size_t kept_count;
    /* The disk refused, for the first time since it did not. error: -errno. */
    void (*trouble)(void *ctx, int error);
    void *ctx;
};

/* What went through so far. */
struct record_totals {
    uint64_t requests; /* passed on, or answered in the upstream's place */
    uint64_t entries;  /* written down */
    uint64_t sessions; /* credentials, and connections of clients that showed none */
    uint64_t failed;   /* answered 502 or 504, or broken off by the upstream */
    uint64_t left;     /* by their clients before their end */
    uint64_t cut;      /* still running when the recording's grace was over */
    uint64_t refused;  /* not passed on: what they asked for cannot be */
    uint64_t beyond;   /* passed on beyond max_entries */
    uint64_t lost;     /* not written down, since the disk refused */
    uint64_t headers_left_out; /* for what their names say */
    uint64_t values_starred;
    uint64_t bodies_left_out; /* encoded, so that nobody can look for secrets in them */
    uint64_t peak;            /* most requests at once */
    uint64_t span_ns;         /* from the first request to the last one's arrival */
    uint64_t bytes;           /* of the file */
    int file_error;           /* -errno of the first trouble with it; 0: none */
};

/* What was being done when a recording could not begin. */
enum record_step {
    RECORD_STEP_OPTIONS, /* reading what was asked for, or finding memory for it */
    RECORD_STEP_LISTEN,
    RECORD_STEP_FILE,
};

/*
 * Listens, and makes the file. Returns 0, or -errno with a sentence in reterr and where it failed in
 * ret_step; then the loop is to be run until nothing is left in it.
 */
int record_new(uv_loop_t *loop, const struct record_options *options, struct buf *reterr,
               enum record_step *ret_step, struct record **ret_record);

/* Where clients find it: "http://127.0.0.1:8080". */
void record_url(const struct record *record, char text[static 64]);

/* The upstream's URL as it is used and told: "https://api.example.com". Borrowed. */
const char *record_upstream(const struct record *record);

/*
 * Listens no more, and lets running requests end for up to grace_ms; then what waits is written and
 * `stopped` called, once, from the loop. A second call shortens the grace, and its callback is ignored.
 */
void record_stop(struct record *record, uint64_t grace_ms, void (*stopped)(void *ctx),
                 void *ctx);

/* The counts so far; all of them once it has stopped. */
void record_totals(const struct record *record, struct record_totals *ret_totals);

/* Releases one that has stopped; NULL is allowed. Returns NULL. */
struct record *record_free(struct record *record);
