/*
 * The least that reading streams or making requests can cost: an epoll loop with a bare recv(2),
 * which finds the event and records a value in a histogram. It speaks no protocol; nothing that
 * does can be cheaper.
 *
 *   bench_limit_client stream|small USERS PORT
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "load.h"

#define EVENTS 1024
#define READ_BYTES 16384

/* Connections opened before those that stand are served again. */
#define OPENED_AT_ONCE 16

struct stream {
    int fd;
    uint64_t last_ns; /* of the chunk before */
};

struct client {
    bool small; /* requests without a stream */
    struct stream *streams;
    uint64_t count;
    uint16_t port;
    int epoll;
    struct histogram *gaps;
};

static void ask(const struct client *client, const struct stream *stream)
{
    const char *request = client->small ? load_small_request : load_chat_request;

    if (send(stream->fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        load_fail("send");
}

static void open_stream(struct client *client, struct stream *stream)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(client->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};

    stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stream->fd < 0 ||
        connect(stream->fd, (const struct sockaddr *)(const void *)&address,
                sizeof(address)) < 0 ||
        epoll_ctl(client->epoll, EPOLL_CTL_ADD, stream->fd, &event) < 0)
        load_fail("connect");
    ask(client, stream);
}

static void read_stream(const struct client *client, struct stream *stream)
{
    char bytes[READ_BYTES];
    const ssize_t got = recv(stream->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    const uint64_t now_ns = clock_mono_ns();

    if (got <= 0) {
        if (got < 0 && errno == EAGAIN)
            return;
        load_fail("recv");
    }
    if (client->small || load_has_output(bytes, (size_t)got)) {
        histogram_record(client->gaps, now_ns - stream->last_ns);
        stream->last_ns = now_ns;
    }
    if (client->small || load_has_end(bytes, (size_t)got))
        ask(client, stream);
}

static void run(struct client *client)
{
    static struct epoll_event events[EVENTS];
    uint64_t opened = 0;

    for (;;) {
        const bool all = opened == client->count;
        int ready;

        for (int i = 0; i < OPENED_AT_ONCE && opened < client->count; i++)
            open_stream(client, &client->streams[opened++]);
        ready = epoll_wait(client->epoll, events, EVENTS, all ? -1 : 1);
        for (int i = 0; i < ready; i++)
            read_stream(client, events[i].data.ptr);
    }
}

int main(int argc, char **argv)
{
    struct client client = {0};

    if (argc != 4) {
        errno = EINVAL;
        load_fail("usage: bench_limit_client stream|small USERS PORT");
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    load_raise_descriptors();
    client.small = strcmp(argv[1], "small") == 0;
    client.count = load_number(argv[2]);
    client.port = (uint16_t)load_number(argv[3]);
    client.streams = calloc(client.count, sizeof(*client.streams));
    client.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!client.streams || histogram_new(HISTOGRAM_FINE, &client.gaps) < 0)
        load_fail("memory");
    run(&client);
}
