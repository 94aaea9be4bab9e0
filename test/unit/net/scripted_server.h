/*
 * A server for tests: a thread per connection reads requests and lets the test's function answer
 * with whatever bytes it likes. It knows just enough of HTTP/1.1 to find where a request ends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One request, as it came. */
struct asked {
    int fd;              /* to answer on; closed by the server */
    unsigned connection; /* counts from 0 in the order of acceptance */
    unsigned ordinal;    /* counts the requests of the connection from 0 */
    char path[128];
    char head[4096]; /* request line and headers */
    char body[4096]; /* what of the body fits */
    size_t body_len;
};

/* Answers; false: the connection is closed after it. Runs on the connection's thread. */
typedef bool answer_fn(void *ctx, const struct asked *asked);

struct scripted_server;

/* Listens on a free port of the loopback address. */
struct scripted_server *scripted_server_start(answer_fn *answer, void *ctx);

uint16_t scripted_server_port(const struct scripted_server *server);

/* Connections accepted so far. */
unsigned scripted_server_connections(const struct scripted_server *server);

/* Shuts all connections and waits for the threads. */
void scripted_server_stop(struct scripted_server *server);

/* Writes all bytes of a string; the peer may be gone. */
void answer_text(int fd, const char *text);
