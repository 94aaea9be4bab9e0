#include "serve/serve.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "serve/connection.h"
#include "serve/server.h"

#define SWEEP_MS 1000
#define STOPPING_SWEEP_MS 100
/* How long a client may take to close after us. */
#define LINGER_NS (2 * NS_PER_S)
/* Room for the status line and the header fields of one answer. */
#define HEAD_BYTES_MAX (512 * 1024)

static void on_connection(uv_stream_t *listener, int status)
{
    struct serve *serve = listener->data;

    /* Out of descriptors or memory: libuv lets the client wait in the backlog, or closes it. */
    if (status == 0)
        (void)serve_connection_accept(serve, listener);
}

static void close_older(const struct list *connections, uint64_t now_ns, uint64_t age_ns)
{
    LIST_FOR_EACH(link, next, connections)
    {
        struct connection *connection = LIST_ENTRY(link, struct connection, link);

        if (now_ns - connection->seen_ns < age_ns)
            return;
        serve_connection_close(connection, false);
    }
}

static void reset_all(const struct list *connections)
{
    LIST_FOR_EACH(link, next, connections)
    {
        serve_connection_lost(LIST_ENTRY(link, struct connection, link));
    }
}

static void on_sweep(uv_timer_t *timer)
{
    const struct serve *serve = timer->data;
    const uint64_t now_ns = clock_mono_ns();

    if (serve->options.idle_timeout_ms > 0)
        close_older(&serve->reading, now_ns, serve->options.idle_timeout_ms * NS_PER_MS);
    close_older(&serve->lingering, now_ns, LINGER_NS);
    if (serve->is_stopping && now_ns >= serve->grace_end_ns) {
        reset_all(&serve->lingering);
        reset_all(&serve->busy);
    }
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct serve *serve = handle->data;

    serve->open_handles--;
    if (serve->is_broken && serve->open_handles == 0)
        serve_free(serve);
    else
        server_check_stopped(serve);
}

void server_check_stopped(struct serve *serve)
{
    serve_stopped_fn *stopped = serve->stopped;

    if (!serve->is_stopping || serve->connection_count > 0)
        return;
    if (!uv_is_closing((uv_handle_t *)&serve->sweep))
        uv_close((uv_handle_t *)&serve->sweep, on_handle_closed);
    if (serve->open_handles > 0 || !stopped)
        return;
    serve->stopped = NULL;
    stopped(serve->stopped_ctx);
}

static int listen_on(struct serve *serve)
{
    const struct sockaddr *address =
        (const struct sockaddr *)(const void *)&serve->options.address;
    int r = uv_tcp_bind(&serve->listener, address, 0);

    if (r < 0)
        return r;
    return uv_listen((uv_stream_t *)&serve->listener, serve->options.backlog,
                     on_connection);
}

int serve_new(uv_loop_t *loop, const struct serve_options *options,
              serve_request_fn *handler, void *ctx, struct serve **ret_serve)
{
    struct serve *serve = malloc(sizeof(*serve));
    int r;

    if (!serve)
        return -ENOMEM;
    serve->loop = loop;
    serve->options = *options;
    serve->handler = handler;
    serve->handler_ctx = ctx;
    serve->stopped = NULL;
    serve->stopped_ctx = NULL;
    serve->open_handles = 0;
    serve->grace_end_ns = 0;
    serve->is_stopping = false;
    serve->is_broken = false;
    serve->connection_count = 0;
    serve->accepted = 0;
    serve->head = BUF_INIT(HEAD_BYTES_MAX);
    serve->date_s = 0;
    serve->date_text[0] = '\0';
    list_init(&serve->reading);
    list_init(&serve->lingering);
    list_init(&serve->busy);
    r = uv_tcp_init(loop, &serve->listener);
    if (r < 0) {
        free(serve);
        return r;
    }
    uv_timer_init(loop, &serve->sweep);
    serve->listener.data = serve;
    serve->sweep.data = serve;
    serve->open_handles = 2;
    r = listen_on(serve);
    if (r < 0) {
        serve->is_broken = true;
        uv_close((uv_handle_t *)&serve->listener, on_handle_closed);
        uv_close((uv_handle_t *)&serve->sweep, on_handle_closed);
        return r;
    }
    uv_timer_start(&serve->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    uv_unref((uv_handle_t *)&serve->sweep);
    *ret_serve = serve;
    return 0;
}

struct serve *serve_free(struct serve *serve)
{
    if (!serve)
        return NULL;
    assert(serve->open_handles == 0 && serve->connection_count == 0);
    buf_deinit(&serve->head);
    free(serve);
    return NULL;
}

static int bound_address(const struct serve *serve, struct sockaddr_storage *ret_address)
{
    int len = sizeof(*ret_address);

    return uv_tcp_getsockname(&serve->listener, (struct sockaddr *)(void *)ret_address,
                              &len);
}

uint16_t serve_port(const struct serve *serve)
{
    struct sockaddr_storage address = {0};

    if (bound_address(serve, &address) < 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
}

void serve_url(const struct serve *serve, char text[static 64])
{
    struct sockaddr_storage address = {0};
    char host[INET6_ADDRSTRLEN] = "127.0.0.1";

    (void)bound_address(serve, &address);
    if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&address;

        if (!IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
            uv_ip6_name(in6, host, sizeof(host));
        else
            (void)snprintf(host, sizeof(host), "::1");
        (void)snprintf(text, 64, "http://[%s]:%u", host, (unsigned)serve_port(serve));
        return;
    }
    const struct sockaddr_in *in4 = (struct sockaddr_in *)(void *)&address;

    if (in4->sin_addr.s_addr != htonl(INADDR_ANY))
        uv_ip4_name(in4, host, sizeof(host));
    (void)snprintf(text, 64, "http://%s:%u", host, (unsigned)serve_port(serve));
}

size_t serve_connection_count(const struct serve *serve)
{
    return serve->connection_count;
}

void serve_stop(struct serve *serve, uint64_t grace_ms, serve_stopped_fn *stopped,
                void *ctx)
{
    if (!serve->is_stopping) {
        serve->is_stopping = true;
        serve->stopped = stopped;
        serve->stopped_ctx = ctx;
        uv_close((uv_handle_t *)&serve->listener, on_handle_closed);
        LIST_FOR_EACH(link, next, &serve->reading)
        {
            serve_connection_close(LIST_ENTRY(link, struct connection, link), false);
        }
    }
    if (!uv_is_closing((uv_handle_t *)&serve->sweep)) {
        const uint64_t period_ms =
            grace_ms < STOPPING_SWEEP_MS ? grace_ms : STOPPING_SWEEP_MS;

        serve->grace_end_ns = clock_mono_ns() + grace_ms * NS_PER_MS;
        uv_timer_start(&serve->sweep, on_sweep, period_ms, period_ms > 0 ? period_ms : 1);
        uv_ref((uv_handle_t *)&serve->sweep);
    }
    server_check_stopped(serve);
}
