/*
 * What the clients of test/bench/run.py are measured against: a server that costs less than any
 * of them. A chat gets an answer in events of LOAD_CHUNK_BYTES, one write each; all else gets a
 * short answer at once.
 *
 *   bench_load_server STATE
 *
 * Chunks leave one by one at the rate that STATE names, to each open stream in turn: whatever the
 * number of streams, the client gets the same evenly spread load. At a rate of 0 requests wait, so
 * that all connections can be made before the load begins.
 *
 * It never sleeps: the kernel would charge the client for waking it, and a slow client more often.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "load.h"

#define EVENTS 1024
#define REQUEST_BYTES 65536

/* Chunks written before the sockets are looked at again. */
#define BATCH 64

/* A schedule that lies further behind begins anew: what was not sent is not made up for. */
#define FORGIVEN_NS (100 * NS_PER_MS)

struct connection {
    struct list link; /* among the streams, or those that are held */
    int fd;
    uint64_t body_left; /* bytes of the request that are still to come */
    bool is_chat;
    uint64_t chunks; /* of the answer, so far */
};

struct server {
    struct load_state *state;
    struct list streams; /* the first is the next to get a chunk */
    struct list held;    /* small requests, until there is a rate */
    int epoll;
    int listener;
    uint64_t due_ns; /* of the next chunk */
};

static void count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, *counter + 1, memory_order_relaxed);
}

static void listen_somewhere(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    socklen_t len = sizeof(address);

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listener < 0 ||
        bind(server->listener, (struct sockaddr *)&address, len) < 0 ||
        listen(server->listener, SOMAXCONN) < 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &len) < 0 ||
        epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->listener, &event) < 0)
        load_fail("listen");
    server->state->port = ntohs(address.sin_port);
}

static void accept_all(struct server *server)
{
    const int on = 1;

    for (;;) {
        const int fd =
            accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct connection *connection;
        struct epoll_event event = {.events = EPOLLIN};

        if (fd < 0)
            return;
        connection = calloc(1, sizeof(*connection));
        event.data.ptr = connection;
        if (!connection || epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
            load_fail("accept");
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        connection->fd = fd;
        list_init(&connection->link);
    }
}

/* Among those who wait for something. */
static void join(struct server *server, struct list *list, struct connection *connection)
{
    list_append(list, &connection->link);
    count(&server->state->waiting);
}

static void leave(struct server *server, struct connection *connection)
{
    if (list_is_empty(&connection->link))
        return;
    list_remove(&connection->link);
    atomic_store(&server->state->waiting, server->state->waiting - 1);
}

static void drop(struct server *server, struct connection *connection)
{
    leave(server, connection);
    (void)close(connection->fd);
    free(connection);
}

/* Whether it went out whole. A client that is gone is noticed when its socket is read. */
static bool put(const struct connection *connection, const char *text, size_t len)
{
    return send(connection->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void answer_small(struct server *server, struct connection *connection)
{
    leave(server, connection);
    (void)put(connection, load_small_answer, strlen(load_small_answer));
    count(&server->state->requests);
}

static void answer(struct server *server, struct connection *connection)
{
    struct load_state *state = server->state;

    if (state->first_request_ns == 0)
        state->first_request_ns = clock_mono_ns();
    if (connection->is_chat) {
        connection->chunks = 0;
        (void)put(connection, load_stream_head, strlen(load_stream_head));
        join(server, &server->streams, connection);
    } else if (state->rate_per_s == 0) {
        join(server, &server->held, connection);
    } else {
        answer_small(server, connection);
    }
}

/* The head of a request comes in one piece, as small as it is; its body may not. */
static void read_request(struct server *server, struct connection *connection)
{
    static char text[REQUEST_BYTES + 1];
    static const char length_name[] = "\r\nContent-Length:";
    const ssize_t got = recv(connection->fd, text, REQUEST_BYTES, 0);
    const char *body = text;
    const char *length;

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        drop(server, connection);
        return;
    }
    text[got] = '\0';
    if (connection->body_left == 0) {
        body = strstr(text, "\r\n\r\n");
        if (!body) {
            errno = EBADMSG;
            load_fail("a request head in pieces");
        }
        body += 4;
        length = strcasestr(text, length_name);
        connection->is_chat = text[0] == 'P';
        connection->body_left =
            length ? strtoull(length + sizeof(length_name) - 1, NULL, 10) : 0;
    }
    connection->body_left -= (uint64_t)(text + got - body);
    if (connection->body_left == 0)
        answer(server, connection);
}

static void write_chunk(struct server *server)
{
    struct load_state *state = server->state;
    struct connection *connection =
        LIST_ENTRY(server->streams.next, struct connection, link);

    if (connection->chunks == state->answer_chunks) {
        leave(server, connection);
        (void)put(connection, load_stream_end, strlen(load_stream_end));
        count(&state->requests);
        return;
    }
    list_remove(&connection->link);
    list_append(&server->streams, &connection->link);
    if (put(connection, load_chunk, LOAD_CHUNK_BYTES)) {
        connection->chunks++;
        count(&state->chunks);
    } else {
        count(&state->blocked_chunks);
    }
}

static void write_due(struct server *server)
{
    struct load_state *state = server->state;
    const uint64_t gap_ns = state->rate_per_s ? NS_PER_S / state->rate_per_s : 0;
    uint64_t now_ns = clock_mono_ns();

    while (gap_ns > 0 && !list_is_empty(&server->held))
        answer_small(server, LIST_ENTRY(server->held.next, struct connection, link));
    if (gap_ns == 0 || now_ns > server->due_ns + FORGIVEN_NS)
        server->due_ns = now_ns;
    for (int left = BATCH; left > 0 && gap_ns > 0 && server->due_ns <= now_ns; left--) {
        if (list_is_empty(&server->streams))
            return;
        if (now_ns - server->due_ns > NS_PER_MS)
            count(&state->late_chunks);
        write_chunk(server);
        server->due_ns += gap_ns;
        now_ns = clock_mono_ns();
    }
}

static void serve(struct server *server)
{
    static struct epoll_event events[EVENTS];

    for (;;) {
        const int ready = epoll_wait(server->epoll, events, EVENTS, 0);

        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr)
                read_request(server, events[i].data.ptr);
            else
                accept_all(server);
        }
        write_due(server);
    }
}

int main(int argc, char **argv)
{
    struct server server = {0};

    if (argc != 2) {
        errno = EINVAL;
        load_fail("usage: bench_load_server STATE");
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    load_raise_descriptors();
    list_init(&server.streams);
    list_init(&server.held);
    server.state = load_state_map(argv[1]);
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    listen_somewhere(&server);
    serve(&server);
}
