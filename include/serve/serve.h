/*
 * A small HTTP/1.1 server on a libuv loop: bytes of clients → requests for one handler, and the
 * handler's answers, whole or streamed, → bytes. Keep-alive, pipelining, chunked and counted
 * request bodies up to a limit, Expect: 100-continue. It knows no paths (serve/router.h finds
 * handlers by path), no TLS and no HTTP/2, and writes no log.
 *
 * One thread, that of the loop. The program must ignore SIGPIPE.
 * Standards: RFC 9110 (semantics), RFC 9112 (HTTP/1.1).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct serve;

/*
 * One request and its answer. Given to the handler complete with its body; it is borrowed, and
 * ends with exactly one of: serve_answer(), serve_stream_end(), serve_abort(), a failed
 * serve_stream_*() call, or the gone callback. After that it must not be touched.
 */
struct serve_request;

struct serve_options {
    struct sockaddr_storage address; /* see serve_address_parse() */
    size_t max_head_bytes;           /* target and header fields together; past it 431 */
    size_t max_body_bytes;           /* past it 413 */
    size_t
        max_unsent_bytes; /* of answers to one client that does not read; past it, reset */
    uint64_t
        idle_timeout_ms; /* a connection without a request is closed after it; 0: never */
    int backlog;         /* connections that the kernel accepts ahead of the program */
};

#define SERVE_OPTIONS_DEFAULT                                                            \
    ((struct serve_options){                                                             \
        .max_head_bytes = 64 * 1024,                                                     \
        .max_body_bytes = 8 * 1024 * 1024,                                               \
        .max_unsent_bytes = 4 * 1024 * 1024,                                             \
        .idle_timeout_ms = 120 * 1000,                                                   \
        .backlog = 4096,                                                                 \
    })

/* A complete request is there. */
typedef void serve_request_fn(void *ctx, struct serve_request *request);

/* The client closed, or the connection broke, before the answer had ended: the request is over. */
typedef void serve_gone_fn(void *ctx);

/* All that waited for the client to read has been sent. */
typedef void serve_drained_fn(void *ctx);

/* The last connection and the listener are closed: serve_free() is allowed. */
typedef void serve_stopped_fn(void *ctx);

/*
 * Reads "127.0.0.1:8080", "[::1]:0", "localhost:0" or ":8080" (all addresses). No name is
 * resolved. Returns 0; -EINVAL.
 */
int serve_address_parse(const char *text, struct sockaddr_storage *ret_address);

/*
 * Listens. handler and its ctx are borrowed until serve_free().
 * Returns 0; -ENOMEM; -EADDRINUSE, -EACCES and whatever else bind(2) and listen(2) say.
 */
int serve_new(uv_loop_t *loop, const struct serve_options *options,
              serve_request_fn *handler, void *ctx, struct serve **ret_serve);

/* The port that the kernel gave, which matters where 0 was asked for. */
uint16_t serve_port(const struct serve *serve);

/* Writes "http://127.0.0.1:8080"; the address "all" is written as the loopback address. */
void serve_url(const struct serve *serve, char text[static 64]);

/* How many clients are connected. */
size_t serve_connection_count(const struct serve *serve);

/*
 * Listens no more, closes idle connections, lets running answers end for up to grace_ms, then
 * resets what is left (its gone callbacks are called). stopped is called once, later. A second
 * call shortens the grace and its callback is ignored.
 */
void serve_stop(struct serve *serve, uint64_t grace_ms, serve_stopped_fn *stopped,
                void *ctx);

/* Releases a server that was stopped. NULL is allowed. Returns NULL. */
struct serve *serve_free(struct serve *serve);

/* --- The request: all strings are borrowed until it is over. --- */

/* "GET", "POST", … */
const char *serve_request_method(const struct serve_request *request);

/* The target as sent, with its query; the path alone, without; and the query, "" where none is. */
const char *serve_request_target(const struct serve_request *request);
const char *serve_request_path(const struct serve_request *request, size_t *ret_len);
const char *serve_request_query(const struct serve_request *request);

/* A header field's value by its name in any case, the first of equals; NULL where it is missing. */
const char *serve_request_header(const struct serve_request *request, const char *name);

struct serve_header {
    const char *name;
    const char *value; /* without line breaks */
};

/* Each header field in its order, those of one name one by one. Returns false from the end on. */
bool serve_request_header_at(const struct serve_request *request, size_t index,
                             struct serve_header *ret_header);

/* Which of the server's connections it came on: they are counted from 1. */
uint64_t serve_request_connection(const struct serve_request *request);

/* The body, NUL-terminated beyond its length; "" where there is none. */
const char *serve_request_body(const struct serve_request *request, size_t *ret_len);

/* Has fn called when the client leaves before the answer has ended. One callback per request. */
void serve_request_on_gone(struct serve_request *request, serve_gone_fn *fn, void *ctx);

/* Has fn called each time that bytes waited for the client and then all were sent. */
void serve_request_on_drained(struct serve_request *request, serve_drained_fn *fn,
                              void *ctx);

/* --- The answer. Content-Length, Transfer-Encoding, Connection and Date are added here. --- */

/*
 * What serve_stream_open/write/end return when bytes wait for the client to read. They are sent
 * in their order; a writer that can wait does so until its drained callback, and then no stream
 * grows without bounds.
 */
#define SERVE_QUEUED 1

/*
 * Sends a whole answer. For HEAD requests and the statuses 1xx, 204 and 304 the body is left out.
 * The request is over, whatever happens: a failure here is the client's.
 */
void serve_answer(struct serve_request *request, int status,
                  const struct serve_header *headers, size_t header_count,
                  const char *body, size_t body_len);

/*
 * Begins an answer of unknown length: chunked, or up to the end of the connection for HTTP/1.0.
 * The head goes out at once, in one write with the first piece (len 0: none).
 * Returns 0: the kernel has it; SERVE_QUEUED; or -errno, and the request is over: the connection
 * broke, or the client does not read (-ENOBUFS), or -ENOMEM.
 */
int serve_stream_open(struct serve_request *request, int status,
                      const struct serve_header *headers, size_t header_count,
                      const char *bytes, size_t len);

/* The length of an answer that is passed on, where its server did not say it. */
#define SERVE_LENGTH_UNKNOWN UINT64_MAX

/*
 * Begins an answer that is passed on from another server, as serve_stream_open() does, but for its
 * length, which is told where it is known, and its Date, which is added only where it has none. Pieces
 * follow with serve_stream_write(), which goes by the length, and its end with serve_stream_end(). For
 * HEAD requests and the statuses 204 and 304 the length is told, and no piece may follow.
 */
int serve_relay_open(struct serve_request *request, int status,
                     const struct serve_header *headers, size_t header_count,
                     uint64_t length);

/*
 * Sends an interim answer (102 to 199) ahead of the answer itself; to HTTP/1.0 clients, which know none,
 * it is not sent. Returns as serve_stream_open().
 */
int serve_interim(struct serve_request *request, int status,
                  const struct serve_header *headers, size_t header_count);

/*
 * Sends a piece (len ≥ 1) as one chunk, at once, and allocates nothing while the socket takes it.
 * Returns as serve_stream_open().
 */
int serve_stream_write(struct serve_request *request, const char *bytes, size_t len);

/*
 * Ends the answer, with a last piece in the same write (len 0: none). The request is over.
 * Returns as serve_stream_open().
 */
int serve_stream_end(struct serve_request *request, const char *bytes, size_t len);

/*
 * Sends bytes as they are, outside the chunked coding: for servers that simulate broken ones.
 * Returns as serve_stream_open().
 */
int serve_stream_write_raw(struct serve_request *request, const char *bytes, size_t len);

/* How an answer is broken off. */
enum serve_abort {
    SERVE_ABORT_RESET, /* RST: unsent bytes are lost */
    SERVE_ABORT_CLOSE  /* FIN after what was written, wherever the answer stands */
};

/* Breaks the connection off, before or within an answer. The request is over. */
void serve_abort(struct serve_request *request, enum serve_abort how);
