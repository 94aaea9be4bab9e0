#include "net/shard.h"

#include <assert.h>
#include <errno.h>

#include "net/connection.h"
#include "net/curl_transfer.h"
#include "net/hub.h"

/*
 * libcurl's own limit of idle connections is four per running transfer; users who think must find
 * theirs again, so it is set beyond any number of users.
 */
#define KEPT_CONNECTIONS 1000000L

/* libcurl's word for events ↔ libuv's. */
static int to_uv(int what)
{
    switch (what) {
    case CURL_POLL_IN:
        return UV_READABLE;
    case CURL_POLL_OUT:
        return UV_WRITABLE;
    case CURL_POLL_INOUT:
        return UV_READABLE | UV_WRITABLE;
    default: /* CURL_POLL_NONE, CURL_POLL_REMOVE */
        return 0;
    }
}

static int to_curl(int events)
{
    return ((events & UV_READABLE) ? CURL_CSELECT_IN : 0) |
           ((events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0);
}

static struct curl_transfer *transfer_of(CURL *easy)
{
    char *transfer = NULL;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return (struct curl_transfer *)(void *)transfer;
}

/* libcurl tells which events of a socket it wants, for which transfer. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userp, void *socketp)
{
    struct shard *shard = userp;
    struct connection *connection = connection_of(shard, fd);
    struct curl_transfer *transfer = transfer_of(easy);

    (void)socketp; /* the table by descriptor outlives libcurl's interest in a socket */
    if (what == CURL_POLL_REMOVE) {
        if (connection)
            connection_rest(connection);
        return 0;
    }
    if (!connection && connection_new(shard, fd, false, 0, &connection) < 0)
        return -1;
    if (connection->ours && transfer)
        connection_attach(connection, transfer);
    connection_want(connection, to_uv(what));
    return 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct shard *shard = timer->data;

    shard->timed_out = true;
    shard_run(shard);
}

static int on_timeout(CURLM *multi, long timeout_ms, void *userp)
{
    struct shard *shard = userp;

    (void)multi;
    shard->timed_out = timeout_ms == 0;
    if (timeout_ms == 0)
        shard_mark_due(shard);
    if (timeout_ms <= 0)
        (void)uv_timer_stop(&shard->timer);
    else
        (void)uv_timer_start(&shard->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

/*
 * libuv's timer counts from a cached moment and may fire before libcurl's own clock is there;
 * libcurl then has nothing to do and, having named the time-out before, does not name it again.
 */
static void rearm(struct shard *shard)
{
    long timeout_ms = -1;

    if (shard->timed_out || uv_is_active((uv_handle_t *)&shard->timer))
        return;
    if (curl_multi_timeout(shard->multi, &timeout_ms) != CURLM_OK || timeout_ms < 0)
        return;
    (void)uv_timer_start(&shard->timer, on_timer,
                         timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
}

static void end(struct shard *shard, struct curl_transfer *transfer, CURLcode code)
{
    struct curl_transport *hub = shard->transport;

    if (transfer->added) {
        curl_transfer_find_tcp(transfer);
        curl_transfer_break(transfer);
        (void)curl_multi_remove_handle(shard->multi, transfer->easy);
    }
    transfer->added = false;
    list_remove(&transfer->link);
    deadline_clear(&hub->wheel, &transfer->deadline);
    curl_transfer_end(transfer, code);
    if (curl_transfer_is_spent(transfer))
        curl_transfer_free(transfer);
    else
        list_append(&shard->idle, &transfer->link);
    hub_transfer_ended(hub);
}

static void end_finished(struct shard *shard)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(shard->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            /* The message goes with the handle. */
            const CURLcode code = message->data.result;

            end(shard, transfer_of(message->easy_handle), code);
        }
    }
}

static void end_waiting(struct shard *shard)
{
    while (!list_is_empty(&shard->ending))
        end(shard, LIST_ENTRY(shard->ending.next, struct curl_transfer, link), CURLE_OK);
}

static void start_waiting(struct shard *shard)
{
    while (!list_is_empty(&shard->starting)) {
        struct curl_transfer *transfer =
            LIST_ENTRY(shard->starting.next, struct curl_transfer, link);

        list_remove(&transfer->link);
        list_append(&shard->running, &transfer->link);
        if (curl_multi_add_handle(shard->multi, transfer->easy) == CURLM_OK)
            transfer->added = true;
        else
            curl_transfer_refuse(transfer, TRANSFER_LOCAL_RESOURCE,
                                 "the request could not be handed to libcurl");
    }
}

void shard_mark_due(struct shard *shard)
{
    hub_mark_due(shard->transport, shard);
}

static void run_libcurl(struct shard *shard, curl_socket_t fd, int events)
{
    int running;

    shard->blind_read = ++shard->transport->last_read;
    (void)curl_multi_socket_action(shard->multi, fd, events, &running);
}

static void settle(struct shard *shard)
{
    end_waiting(shard);
    start_waiting(shard);
    if (shard->timed_out) {
        shard->timed_out = false;
        run_libcurl(shard, CURL_SOCKET_TIMEOUT, 0);
        rearm(shard);
    }
    end_finished(shard);
}

void shard_run(struct shard *shard)
{
    list_remove(&shard->link);
    settle(shard);
}

void shard_socket_ready(struct shard *shard, struct connection *connection, int events)
{
    const int fd = connection->fd;

    run_libcurl(shard, fd, to_curl(events));
    if (connection->fd == fd)
        connection->read.left_bytes = 0;
    end_finished(shard);
    /* A turn that begins with an answer's end should not wait for the other sockets. */
    if (!list_is_empty(&shard->link))
        shard_run(shard);
}

int shard_init(struct shard *shard, struct curl_transport *transport,
               const struct connection_policy *policy, uint32_t max_connections)
{
    int r;

    *shard = (struct shard){.transport = transport, .policy = policy};
    list_init(&shard->link);
    list_init(&shard->starting);
    list_init(&shard->ending);
    list_init(&shard->running);
    list_init(&shard->idle);
    shard->multi = curl_multi_init();
    if (!shard->multi)
        return -ENOMEM;
    r = uv_timer_init(transport->loop, &shard->timer);
    assert(r == 0); /* it cannot fail */
    shard->timer.data = shard;
    transport->handles++;

    (void)curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    /* Not the limit per host: under reuse: user libcurl takes each user for a host (ADR 0003). */
    if (max_connections > 0)
        (void)curl_multi_setopt(shard->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                (long)max_connections);
    if (policy->max_streams > 0)
        (void)curl_multi_setopt(shard->multi, CURLMOPT_MAX_CONCURRENT_STREAMS,
                                (long)policy->max_streams);
    return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct shard *shard = handle->data;

    hub_handle_closed(shard->transport);
}

void shard_deinit(struct shard *shard)
{
    assert(list_is_empty(&shard->starting) && list_is_empty(&shard->running) &&
           list_is_empty(&shard->ending));
    list_remove(&shard->link);
    while (!list_is_empty(&shard->idle)) {
        struct curl_transfer *transfer =
            LIST_ENTRY(shard->idle.next, struct curl_transfer, link);

        list_remove(&transfer->link);
        curl_transfer_free(transfer);
    }
    (void)curl_multi_cleanup(shard->multi);
    shard->multi = NULL;
    uv_close((uv_handle_t *)&shard->timer, on_timer_closed);
}
