#include "net/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/cpu_supply.h"
#include "net/curl_transfer.h"
#include "net/hub.h"
#include "net/shard.h"
#include "net/stamp.h"

/* Shorter than what is told apart (engine/moments.h). */
#define HELD_UP_NS (NS_PER_MS / 2)

static void watch(struct connection *connection);

/*
 * How long others had the CPU while nothing was looked at. Asked only where that was long enough to
 * matter: a loop that sleeps is woken by the first bytes, but runs when the CPU is free.
 */
static void note_hold_up(struct curl_transport *hub, uint64_t now_ns)
{
    const uint64_t since_ns =
        hub->looked_ns > hub->turn_ns ? hub->looked_ns : hub->turn_ns;
    uint64_t wait_ns;
    uint64_t held_up_ns;

    if (now_ns - since_ns < HELD_UP_NS)
        return;
    wait_ns = cpu_wait_read(hub->cpu_wait_fd);
    held_up_ns = wait_ns - hub->cpu_wait_ns;
    hub->cpu_wait_ns = wait_ns;
    if (held_up_ns > now_ns - since_ns) /* some of it was before */
        held_up_ns = now_ns - since_ns;
    if (held_up_ns > hub->held_up_ns)
        hub->held_up_ns = held_up_ns;
}

/* Asks the kernel when the bytes came that libcurl is about to read. */
static void look(struct connection *connection)
{
    struct curl_transport *hub = connection->shard->transport;
    struct connection_read *read = &connection->read;
    struct stamp_peek peek = {.bytes = UINT64_MAX};

    read->asked_ns = clock_mono_ns();
    read->handed_ns = 0;
    note_hold_up(hub, read->asked_ns);
    read->held_up_ns = hub->held_up_ns;
    if (hub->kernel_stamps)
        stamp_peek(connection->fd, &peek);
    if (peek.error != 0)
        connection->error = peek.error;
    read->looked_ns = clock_mono_ns();
    hub->looked_ns = read->looked_ns;
    read->serial = ++hub->last_read;
    read->left_bytes = peek.bytes;
    /* The turn before found it empty, unless libcurl emptied it in this one. */
    read->earliest_ns = hub->turn_before_ns > connection->emptied_ns
                            ? hub->turn_before_ns
                            : connection->emptied_ns;
    read->stamp_ns = 0;
    if (peek.wall_ns != 0)
        read->stamp_ns =
            stamp_to_mono(&hub->stamps, peek.wall_ns, read->earliest_ns, read->looked_ns);
    if (peek.bytes > 0) {
        hub->stats.reads++;
        if (read->stamp_ns == 0)
            hub->stats.unstamped_reads++;
    }
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;
    struct shard *shard = connection->shard;

    if (status <
        0) { /* the socket has an error: libuv stopped watching, libcurl shall find it */
        connection->armed = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    /*
     * What libcurl would run together with this socket goes first: between the look and the
     * reading nothing may come in that the stamp does not cover.
     */
    if (!list_is_empty(&shard->link))
        shard_run(shard);
    hub_run_late(shard->transport);
    if (connection->fd < 0) /* closed by what was run */
        return;
    events &= connection->wanted;
    if (events == 0) {
        if (connection->wanted == 0 && connection->armed != 0) {
            (void)uv_poll_stop(&connection->poll);
            connection->armed = 0;
        }
        return;
    }
    if ((events & UV_READABLE) && connection->ours)
        look(connection);
    shard_socket_ready(shard, connection, events);
    if (connection->fd >= 0)
        watch(connection);
}

/*
 * Has the loop watch what libcurl wants. A connection at rest stays watched until it speaks up,
 * which mostly spares two system calls.
 */
static void watch(struct connection *connection)
{
    if (connection->wanted == 0 || connection->wanted == connection->armed)
        return;
    if (uv_poll_start(&connection->poll, connection->wanted, on_ready) == 0)
        connection->armed = connection->wanted;
}

static int table_reserve(struct curl_transport *hub, size_t fd)
{
    size_t count = hub->fd_count ? hub->fd_count : 64;
    struct connection **table;

    while (count <= fd)
        count *= 2;
    if (count == hub->fd_count)
        return 0;
    table = (struct connection **)realloc((void *)hub->by_fd, count * sizeof(*table));
    if (!table)
        return -ENOMEM;
    for (size_t i = hub->fd_count; i < count; i++)
        table[i] = NULL;
    hub->by_fd = table;
    hub->fd_count = count;
    return 0;
}

/* 0 where there is no such socket. */
static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof(cookie);

    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

int connection_new(struct shard *shard, int fd, bool ours, uint64_t user,
                   struct connection **ret_connection)
{
    struct curl_transport *hub = shard->transport;
    struct connection *connection;
    int r;

    assert(fd >= 0);
    r = table_reserve(hub, (size_t)fd);
    if (r < 0)
        return r;
    if (hub->by_fd[fd]) /* closed behind our back, and the descriptor used again */
        connection_close(hub->by_fd[fd]);
    connection = calloc(1, sizeof(*connection));
    if (!connection)
        return -ENOMEM;
    r = uv_poll_init(hub->loop, &connection->poll, fd);
    if (r < 0) {
        free(connection);
        return r;
    }
    hub->handles++;
    connection->poll.data = connection;
    connection->shard = shard;
    connection->fd = fd;
    connection->ours = ours;
    connection->user = user;
    connection->cookie = cookie_of(fd);
    list_init(&connection->transfers);
    hub->by_fd[fd] = connection;
    if (ours) {
        hub->stats.connections_opened++;
        if (++hub->stats.connections_open > hub->stats.connections_peak)
            hub->stats.connections_peak = hub->stats.connections_open;
    }
    *ret_connection = connection;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct curl_transport *hub = connection->shard->transport;

    free(connection);
    hub_handle_closed(hub);
}

void connection_close(struct connection *connection)
{
    struct curl_transport *hub = connection->shard->transport;

    LIST_FOR_EACH(link, next, &connection->transfers)
    {
        struct curl_transfer *transfer =
            LIST_ENTRY(link, struct curl_transfer, on_connection);

        curl_transfer_leave(transfer);
    }
    hub->by_fd[connection->fd] = NULL;
    connection->fd = -1;
    if (connection->ours)
        hub->stats.connections_open--;
    uv_close((uv_handle_t *)&connection->poll, on_closed);
}

struct connection *connection_of(struct shard *shard, int fd)
{
    const struct curl_transport *hub = shard->transport;

    return fd >= 0 && (size_t)fd < hub->fd_count ? hub->by_fd[fd] : NULL;
}

void connection_want(struct connection *connection, int events)
{
    connection->wanted = events;
    watch(connection);
}

void connection_rest(struct connection *connection)
{
    const bool gone = !connection->answered && connection->cookie != 0 &&
                      cookie_of(connection->fd) != connection->cookie;

    if (gone || !connection->ours)
        connection_close(connection);
    else
        connection->wanted = 0;
}

void connection_attach(struct connection *connection, struct curl_transfer *transfer)
{
    if (transfer->connection == connection)
        return;
    connection_detach(transfer);
    /* What an earlier transfer left unaccounted must not lend its stamp to this one. */
    if (list_is_empty(&connection->transfers))
        connection->read.left_bytes = 0;
    /* ADR 0003 says why libcurl never does it; a newer libcurl might. */
    if (connection->shard->policy->reuse == CONNECTION_REUSE_USER &&
        connection->user != transfer->user)
        connection->shard->transport->stats.strange_reuses++;
    transfer->connection = connection;
    transfer->serial = connection->read.serial;
    list_append(&connection->transfers, &transfer->on_connection);
}

void connection_detach(struct curl_transfer *transfer)
{
    list_remove(&transfer->on_connection);
    transfer->connection = NULL;
}
