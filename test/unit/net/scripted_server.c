#include "scripted_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 256

struct scripted_server {
    answer_fn *answer;
    void *ctx;
    int listener;
    uint16_t port;
    pthread_t acceptor;
    atomic_uint count;
    struct link {
        struct scripted_server *server;
        pthread_t thread;
        int fd;
        unsigned index;
    } links[MAX_CONNECTIONS];
};

void answer_text(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        const ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        text += sent;
        len -= (size_t)sent;
    }
}

/* Reads one request; false when the client is gone. One at a time: no pipelining. */
static bool read_request(int fd, struct asked *asked)
{
    size_t len = 0;
    size_t body_len = 0;
    const char *body;
    const char *length;
    const char *space;

    for (;;) {
        const ssize_t got = recv(fd, asked->head + len, sizeof(asked->head) - 1 - len, 0);

        if (got <= 0)
            return false;
        len += (size_t)got;
        asked->head[len] = '\0';
        body = strstr(asked->head, "\r\n\r\n");
        if (body)
            break;
        assert(len < sizeof(asked->head) - 1);
    }
    body += 4;
    length = strstr(asked->head, "Content-Length: ");
    if (length)
        body_len = strtoul(length + strlen("Content-Length: "), NULL, 10);
    asked->body_len = (size_t)(asked->head + len - body);
    memcpy(asked->body, body, asked->body_len);
    while (asked->body_len < body_len) {
        char rest[4096];
        const ssize_t got = recv(fd, rest, sizeof(rest), 0);

        if (got <= 0)
            return false;
        if (asked->body_len + (size_t)got < sizeof(asked->body))
            memcpy(asked->body + asked->body_len, rest, (size_t)got);
        asked->body_len += (size_t)got;
    }
    if (asked->body_len < sizeof(asked->body))
        asked->body[asked->body_len] = '\0';
    space = strchr(asked->head, ' ');
    assert(space && strlen(space) > strcspn(space + 1, " ") &&
           strcspn(space + 1, " ") < sizeof(asked->path));
    memcpy(asked->path, space + 1, strcspn(space + 1, " "));
    asked->path[strcspn(space + 1, " ")] = '\0';
    return true;
}

static void *serve(void *arg)
{
    struct link *link = arg;
    struct asked asked = {.fd = link->fd, .connection = link->index};

    while (read_request(link->fd, &asked) &&
           link->server->answer(link->server->ctx, &asked))
        asked.ordinal++;
    (void)shutdown(link->fd, SHUT_WR);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct scripted_server *server = arg;

    for (;;) {
        const int fd = accept(server->listener, NULL, NULL);
        const unsigned index = atomic_load(&server->count);
        struct link *link = &server->links[index];

        if (fd < 0)
            return NULL;
        assert(index < MAX_CONNECTIONS);
        *link = (struct link){.server = server, .fd = fd, .index = index};
        /* Counted before it can answer; scripted_server_stop() waits for this thread first. */
        atomic_store(&server->count, index + 1);
        if (pthread_create(&link->thread, NULL, serve, link) != 0)
            abort();
    }
}

struct scripted_server *scripted_server_start(answer_fn *answer, void *ctx)
{
    struct scripted_server *server = calloc(1, sizeof(*server));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    assert(server);
    server->answer = answer;
    server->ctx = ctx;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *)&address, len) < 0 ||
        listen(server->listener, 64) < 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &len) < 0 ||
        pthread_create(&server->acceptor, NULL, accept_all, server) != 0)
        abort();
    server->port = ntohs(address.sin_port);
    return server;
}

uint16_t scripted_server_port(const struct scripted_server *server)
{
    return server->port;
}

unsigned scripted_server_connections(const struct scripted_server *server)
{
    return atomic_load(&server->count);
}

void scripted_server_stop(struct scripted_server *server)
{
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)pthread_join(server->acceptor, NULL);
    (void)close(server->listener);
    for (unsigned i = 0; i < atomic_load(&server->count); i++) {
        (void)shutdown(server->links[i].fd, SHUT_RDWR);
        (void)pthread_join(server->links[i].thread, NULL);
        (void)close(server->links[i].fd);
    }
    free(server);
}
