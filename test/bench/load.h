/*
 * What the load server and the clients beside throng have in common: the text that goes over the
 * wire, and the counters that test/bench/run.py reads while they work.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file of these words, mapped by the server and by run.py, which names them in the same order. */
struct load_state {
    _Atomic uint64_t rate_per_s;    /* chunks of all streams together; set by run.py */
    _Atomic uint64_t answer_chunks; /* chunks of an answer; set by run.py */
    _Atomic uint64_t port;          /* where the server listens */
    _Atomic uint64_t waiting;  /* streams that are open, and requests that are held */
    _Atomic uint64_t chunks;   /* written */
    _Atomic uint64_t requests; /* answered, those that do not stream too */
    _Atomic uint64_t first_request_ns; /* monotonic; 0 before it */
    _Atomic uint64_t late_chunks;      /* written more than 1 ms after they were due */
    _Atomic uint64_t blocked_chunks;   /* the socket was full: the client is too slow */
};

/* The head of a streamed answer with its first event, which has a role and no content. */
extern const char load_stream_head[];

/* One event with content, in its chunk of the transfer encoding: LOAD_CHUNK_BYTES. */
#define LOAD_CHUNK_BYTES 196
extern const char load_chunk[];

/* The rest of an answer: finish reason, usage, [DONE] and the end of the body. */
extern const char load_stream_end[];

/* An answer to anything but a chat: 200 with a short list of models. */
extern const char load_small_answer[];

/* The headers that throng sends, ended by NULL; for a request without a body those of its end. */
#define LOAD_BODY_HEADERS 2
extern const char *const load_headers[];

/* The bodies and heads of the bare clients. */
extern const char load_chat_body[];
extern const char load_chat_request[];
extern const char load_small_request[];

/* Maps the file, which must be large enough. Ends the program where that fails. */
struct load_state *load_state_map(const char *path);

/* As many descriptors as the hard limit allows. */
void load_raise_descriptors(void);

/* Whether an event with content is in these bytes. */
bool load_has_output(const char *bytes, size_t len);

/* Whether the end of the stream is in these bytes. */
bool load_has_end(const char *bytes, size_t len);

/* Says why on stderr, with errno, and ends the program. */
_Noreturn void load_fail(const char *what);

/* A word of the command line as a number; ends the program where it is none. */
uint64_t load_number(const char *text);
