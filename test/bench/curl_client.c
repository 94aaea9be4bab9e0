/*
 * What the libraries alone cost: libuv and libcurl's multi interface with users spread over
 * multis, the kernel's receive stamps, a search for the event and one histogram. No engine, no
 * labels, no SSE parser, no results: what throng costs beyond this is its own. It sends the headers
 * that throng sends, since libcurl writes them byte by byte.
 *
 *   bench_curl_client stream|small USERS PORT
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <uv.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "load.h"

/* The number that was best (BENCH), and throng's. */
#define MULTIS 64

/* libcurl's smallest buffer, as in throng, so that both read alike. */
#define RECEIVE_BYTES 1024L

#define DESCRIPTORS 32768

/* Users that begin in one turn of the loop. */
#define BEGUN_AT_ONCE 16

struct client;

struct shard {
    struct client *client;
    CURLM *multi;
    uv_timer_t timer;
    bool due; /* libcurl wants to be run at once */
};

struct connection {
    uv_poll_t poll;
    struct shard *shard;
    curl_socket_t fd;
    int wanted;
};

struct user {
    struct client *client;
    struct shard *shard;
    CURL *easy;
    uint64_t last_ns;
};

struct client {
    uv_loop_t loop;
    uv_idle_t kick;
    struct shard shards[MULTIS];
    struct user *users;
    uint64_t count;
    uint64_t begun;
    bool small;
    char url[64];
    struct curl_slist *headers;
    struct histogram *gaps;
    uint64_t stamp_ns;                     /* wall time of the latest read */
    struct connection *by_fd[DESCRIPTORS]; /* libcurl forgets them between requests */
};

static size_t on_body(char *bytes, size_t size, size_t count, void *userp)
{
    struct user *user = userp;
    const uint64_t seen_ns = clock_mono_ns();
    const uint64_t now_ns = user->client->stamp_ns ? user->client->stamp_ns : seen_ns;

    if (user->client->small || load_has_output(bytes, size * count)) {
        histogram_record(user->client->gaps, now_ns - user->last_ns);
        user->last_ns = now_ns;
    }
    return size * count;
}

static void run_again(struct user *user)
{
    if (curl_multi_add_handle(user->shard->multi, user->easy) != CURLM_OK)
        load_fail("curl_multi_add_handle");
}

static void end_finished(struct shard *shard)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(shard->multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        char *user = NULL;

        if (message->data.result != CURLE_OK) {
            errno = EIO;
            load_fail(curl_easy_strerror(message->data.result));
        }
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
        (void)curl_multi_remove_handle(shard->multi, easy);
        run_again((struct user *)(void *)user);
    }
}

static void act(struct shard *shard, curl_socket_t fd, int events)
{
    int running;

    (void)curl_multi_socket_action(shard->multi, fd, events, &running);
    end_finished(shard);
}

/* When the bytes came that libcurl is about to read. */
static uint64_t stamp_of(int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec span = {.iov_base = NULL, .iov_len = (size_t)1 << 30};
    struct msghdr message = {.msg_iov = &span,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    const struct cmsghdr *part;
    struct timespec stamp;

    if (recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT) <= 0)
        return 0;
    part = CMSG_FIRSTHDR(&message);
    if (!part || part->cmsg_type != SCM_TIMESTAMPNS)
        return 0;
    memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
    return (uint64_t)stamp.tv_sec * NS_PER_S + (uint64_t)stamp.tv_nsec;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;

    (void)status;
    if (events & UV_READABLE)
        connection->shard->client->stamp_ns = stamp_of(connection->fd);
    act(connection->shard, connection->fd,
        ((events & UV_READABLE) ? CURL_CSELECT_IN : 0) |
            ((events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0));
}

static void on_kick(uv_idle_t *kick)
{
    struct client *client = kick->data;
    bool more = client->begun < client->count;

    for (int i = 0; i < BEGUN_AT_ONCE && client->begun < client->count; i++)
        run_again(&client->users[client->begun++]);
    for (size_t i = 0; i < MULTIS; i++) {
        struct shard *shard = &client->shards[i];

        if (!shard->due)
            continue;
        shard->due = false;
        act(shard, CURL_SOCKET_TIMEOUT, 0);
        more = true;
    }
    if (!more)
        (void)uv_idle_stop(kick);
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *multi, long timeout_ms, void *userp)
{
    struct shard *shard = userp;

    (void)multi;
    if (timeout_ms <= 0)
        (void)uv_timer_stop(&shard->timer);
    else
        (void)uv_timer_start(&shard->timer, on_timer, (uint64_t)timeout_ms, 0);
    shard->due = timeout_ms == 0;
    if (shard->due)
        (void)uv_idle_start(&shard->client->kick, on_kick);
    return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userp, void *socketp)
{
    struct shard *shard = userp;
    struct connection **at = &shard->client->by_fd[fd];
    struct connection *connection = *at;
    const int on = 1;
    const int wanted = what == CURL_POLL_IN    ? UV_READABLE
                       : what == CURL_POLL_OUT ? UV_WRITABLE
                                               : UV_READABLE | UV_WRITABLE;

    (void)easy;
    (void)socketp;
    if (what == CURL_POLL_REMOVE) /* it stays open, since the server closes none */
        return 0;
    if (!connection) {
        connection = calloc(1, sizeof(*connection));
        if (!connection || uv_poll_init(&shard->client->loop, &connection->poll, fd) < 0)
            load_fail("uv_poll_init");
        connection->poll.data = connection;
        connection->shard = shard;
        connection->fd = fd;
        (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
        *at = connection;
    }
    if (connection->wanted != wanted)
        (void)uv_poll_start(&connection->poll, wanted, on_ready);
    connection->wanted = wanted;
    return 0;
}

static void set_up_shard(struct client *client, struct shard *shard)
{
    shard->client = client;
    shard->multi = curl_multi_init();
    (void)uv_timer_init(&client->loop, &shard->timer);
    shard->timer.data = shard;
    (void)curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, 1000000L);
}

static void set_up_user(struct client *client, uint64_t index)
{
    struct user *user = &client->users[index];
    CURL *easy = curl_easy_init();

    *user = (struct user){
        .client = client, .shard = &client->shards[index % MULTIS], .easy = easy};
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, user);
    (void)curl_easy_setopt(easy, CURLOPT_URL, client->url);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, user);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers);
    if (!client->small)
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, &load_chat_body[0]);
}

int main(int argc, char **argv)
{
    static struct client client;

    if (argc != 4) {
        errno = EINVAL;
        load_fail("usage: bench_curl_client stream|small USERS PORT");
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    load_raise_descriptors();
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)uv_loop_init(&client.loop);
    client.small = strcmp(argv[1], "small") == 0;
    client.count = load_number(argv[2]);
    client.users = calloc(client.count, sizeof(*client.users));
    if (!client.users || histogram_new(HISTOGRAM_FINE, &client.gaps) < 0)
        load_fail("memory");
    (void)snprintf(client.url, sizeof(client.url), "http://127.0.0.1:%s%s", argv[3],
                   client.small ? "/v1/models" : "/v1/chat/completions");
    for (size_t i = client.small ? LOAD_BODY_HEADERS : 0; load_headers[i]; i++)
        client.headers = curl_slist_append(client.headers, load_headers[i]);
    for (size_t i = 0; i < MULTIS; i++)
        set_up_shard(&client, &client.shards[i]);
    for (uint64_t i = 0; i < client.count; i++)
        set_up_user(&client, i);
    (void)uv_idle_init(&client.loop, &client.kick);
    client.kick.data = &client;
    (void)uv_idle_start(&client.kick, on_kick);
    (void)uv_run(&client.loop, UV_RUN_DEFAULT);
    return 0;
}
