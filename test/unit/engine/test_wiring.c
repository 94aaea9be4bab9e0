/*
 * The engine on a real loop: a timerfd, libcurl and sockets, against a server of one sentence. All
 * else is proved in virtual time; here only the wiring is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "engine/uv_world.h"
#include "engine/world.h"
#include "measure/check.h"
#include "net/curl_transport.h"
#include "stage.h"

#define CHUNK(text)                                                                      \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define BODY                                                                             \
    CHUNK("one")                                                                         \
    CHUNK("two")                                                                         \
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"    \
    "data: [DONE]\n\n"

struct client {
    uv_tcp_t tcp;
    uv_write_t write;
    char head[8192]; /* of the request being read */
    size_t len;
};

struct site {
    uv_loop_t loop;
    uv_tcp_t server;
    struct curl_transport *transport;
    struct uv_world *world;
    struct recorder *recorder;
    struct engine *engine;
    char origin[64];
    char answer[1024];
    uint64_t samples;
    uint64_t ok;
    uint64_t lost; /* samples in which a moment is missing or comes before its cause */
    uint64_t done;
};

static void on_client_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct client *client = handle->data;

    (void)size;
    *buf = uv_buf_init(client->head + client->len,
                       (unsigned)(sizeof(client->head) - client->len - 1));
}

/* Bytes of the whole request, 0 while it is not there. */
static size_t request_bytes(const struct client *client)
{
    const char *end = strstr(client->head, "\r\n\r\n");
    const char *length = strstr(client->head, "Content-Length: ");
    size_t bytes;

    if (!end)
        return 0;
    bytes = (size_t)(end - client->head) + 4;
    if (length && length < end)
        bytes += strtoul(length + strlen("Content-Length: "), NULL, 10);
    return client->len >= bytes ? bytes : 0;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    struct site *site = stream->loop->data;
    uv_buf_t answer = uv_buf_init(site->answer, (unsigned)strlen(site->answer));

    (void)buf;
    if (count < 0) {
        uv_close((uv_handle_t *)stream, on_client_closed);
        return;
    }
    client->len += (size_t)count;
    client->head[client->len] = '\0';
    if (request_bytes(client) == 0)
        return;
    client->len = 0;
    assert_int_equal(uv_write(&client->write, stream, &answer, 1, NULL), 0);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct client *client = calloc(1, sizeof(*client));

    assert_int_equal(status, 0);
    assert_non_null(client);
    assert_int_equal(uv_tcp_init(server->loop, &client->tcp), 0);
    client->tcp.data = client;
    assert_int_equal(uv_accept(server, (uv_stream_t *)&client->tcp), 0);
    assert_int_equal(uv_read_start((uv_stream_t *)&client->tcp, on_room, on_read), 0);
}

static void serve_at_a_free_port(struct site *site)
{
    struct sockaddr_in address;
    int len = sizeof(address);

    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
    assert_int_equal(uv_tcp_init(&site->loop, &site->server), 0);
    assert_int_equal(
        uv_tcp_bind(&site->server, (const struct sockaddr *)(const void *)&address, 0),
        0);
    assert_int_equal(uv_listen((uv_stream_t *)&site->server, 128, on_connection), 0);
    assert_int_equal(
        uv_tcp_getsockname(&site->server, (struct sockaddr *)(void *)&address, &len), 0);
    (void)snprintf(site->origin, sizeof(site->origin), "http://127.0.0.1:%u",
                   (unsigned)ntohs(address.sin_port));
    (void)snprintf(site->answer, sizeof(site->answer),
                   "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(BODY), BODY);
}

static void on_sample(void *ctx, const struct sample *sample)
{
    struct site *site = ctx;

    site->samples++;
    site->ok += sample->outcome == OUTCOME_OK;
    site->lost +=
        !(sample->due_ns <= sample->sent_ns && sample->sent_ns <= sample->wire_ns &&
          sample->wire_ns < sample->first_output_ns &&
          sample->first_output_ns <= sample->last_output_ns &&
          sample->last_output_ns <= sample->end_ns && sample->chunks == 2);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

static void on_transport_closed(void *ctx)
{
    struct site *site = ctx;

    site->transport = NULL;
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct site *site = ctx;

    (void)view;
    site->done++;
    uv_close((uv_handle_t *)&site->server, NULL);
    curl_transport_close(site->transport, on_transport_closed, site);
    uv_world_close(site->world);
}

static void complain(void *ctx, const char *sentence)
{
    (void)ctx;
    print_error("%s\n", sentence);
}

static void open_site(struct site *site, struct stage *stage)
{
    static const struct connection_policy policy = {.reuse = CONNECTION_REUSE_POOL};
    const struct curl_transport_options transport = {
        .targets = &policy, .target_count = 1, .shards = 4, .kernel_stamps = true};
    struct recorder_options recording = {.plan = &stage->plan,
                                         .started_ns = clock_mono_ns(),
                                         .window_end_ns = UINT64_MAX,
                                         .interval_ns = S(1)};
    struct engine_options options = {
        .plan = &stage->plan,
        .observer = {.ctx = site,
                     .on_sample = on_sample,
                     .on_phase = on_phase,
                     .on_done = on_done},
        .run_id = "run",
        .nonce = 7,
    };

    assert_int_equal(uv_loop_init(&site->loop), 0);
    site->loop.data = site;
    serve_at_a_free_port(site);
    stage->target.origin = site->origin;
    assert_int_equal(curl_transport_new(&site->loop, &transport, &site->transport), 0);
    assert_int_equal(uv_world_new(&site->loop,
                                  curl_transport_as_transport(site->transport),
                                  &site->world),
                     0);
    assert_int_equal(recorder_new(&recording, &site->recorder), 0);
    options.world = uv_world_as_world(site->world);
    options.recorder = site->recorder;
    assert_int_equal(engine_new(&options, &site->engine), 0);
}

static void fifty_users_ask_over_real_sockets(void **state)
{
    static struct site site;
    struct stage stage;

    (void)state;
    stage_init(&stage);
    stage.classes[0].think.base_ns = MS(50);
    stage_phase(&stage, PLAN_PHASE_RAMP_UP, 50, MS(100));
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 50, MS(300));
    open_site(&site, &stage);
    engine_start(site.engine);
    (void)uv_run(&site.loop, UV_RUN_DEFAULT);
    assert_int_equal(site.done, 1);
    assert_null(site.transport);
    assert_true(site.samples >= 50);
    assert_int_equal(site.ok, site.samples);
    assert_int_equal(site.lost, 0);
    assert_int_equal(check_recorder(site.recorder, clock_mono_ns(), complain, NULL), 0);
    engine_free(site.engine);
    recorder_free(site.recorder);
    assert_int_equal(uv_loop_close(&site.loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_users_ask_over_real_sockets),
    };

    return cmocka_run_group_tests_name("wiring", tests, NULL, NULL);
}
