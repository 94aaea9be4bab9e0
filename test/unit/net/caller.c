#include "caller.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static void on_headers(void *ctx, uint16_t status, const struct arrival *arrival)
{
    struct call *call = ctx;
    const char *type = transport_header(call->transfer, "content-type");

    (void)arrival;
    assert(call->end_count == 0);
    call->status = status;
    call->headers_count++;
    (void)snprintf(call->content_type, sizeof(call->content_type), "%s",
                   type ? type : "");
    (void)snprintf(call->peer, sizeof(call->peer), "%s", transport_peer(call->transfer));
}

static void on_event(void *ctx, const char *data, size_t len,
                     const struct arrival *arrival)
{
    struct call *call = ctx;

    assert(call->headers_count == 1 && call->end_count == 0 && strlen(data) == len);
    assert(strlen(call->events) + len + 2 < sizeof(call->events));
    (void)strncat(call->events, data, len);
    (void)strncat(call->events, "|", 2);
    if (call->event_count < MAX_ARRIVALS)
        call->arrivals[call->event_count] = *arrival;
    call->event_count++;
    if (call->in_event)
        call->in_event(call);
}

static void on_body(void *ctx, const char *bytes, size_t len,
                    const struct arrival *arrival)
{
    struct call *call = ctx;

    (void)arrival;
    assert(call->headers_count == 1 && call->end_count == 0);
    if (call->body_len + len < sizeof(call->body))
        memcpy(call->body + call->body_len, bytes, len);
    call->body_len += len;
}

static void on_end(void *ctx, const struct transfer_result *result)
{
    struct call *call = ctx;

    assert(call->end_count == 0);
    call->end_count++;
    call->result = *result;
    (void)snprintf(call->detail, sizeof(call->detail), "%s", result->detail);
    call->result.detail = call->detail;
    if (result->tail) {
        (void)snprintf(call->tail, sizeof(call->tail), "%s", result->tail);
        call->result.tail = call->tail;
    }
    call->bench->open_calls--;
    if (call->in_end)
        call->in_end(call);
}

static const struct transfer_handler handler = {
    .on_headers = on_headers,
    .on_event = on_event,
    .on_body = on_body,
    .on_end = on_end,
};

static void open_up(struct bench *bench, answer_fn *answer, void *ctx,
                    const struct curl_transport_options *options)
{
    int r;

    bench->server = scripted_server_start(answer, ctx);
    r = uv_loop_init(&bench->loop);
    assert(r == 0);
    r = curl_transport_new(&bench->loop, options, &bench->transport);
    assert(r == 0);
}

void bench_open_with(struct bench *bench, answer_fn *answer, void *ctx,
                     const struct curl_transport_options *options)
{
    *bench = (struct bench){0};
    open_up(bench, answer, ctx, options);
}

void bench_open(struct bench *bench, answer_fn *answer, void *ctx,
                const struct connection_policy *policy, uint32_t shards)
{
    const struct curl_transport_options options = {
        .targets = &bench->policy,
        .target_count = 1,
        .shards = shards,
        .kernel_stamps = true,
    };

    *bench = (struct bench){0};
    if (policy)
        bench->policy = *policy;
    open_up(bench, answer, ctx, &options);
}

static void on_closed(void *ctx)
{
    struct bench *bench = ctx;

    bench->closed = true;
}

void bench_close(struct bench *bench)
{
    curl_transport_close(bench->transport, on_closed, bench);
    while (!bench->closed)
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
    assert(uv_run(&bench->loop, UV_RUN_DEFAULT) == 0);
    assert(uv_loop_close(&bench->loop) == 0);
    scripted_server_stop(bench->server);
}

void call_init(struct call *call, struct bench *bench, const char *path, uint64_t user)
{
    *call = (struct call){
        .bench = bench,
        .request = {.method = "GET",
                    .user = user,
                    .connect_timeout_ns = 10 * NS_PER_S,
                    .total_timeout_ns = 20 * NS_PER_S},
    };
    (void)snprintf(call->url, sizeof(call->url), "http://127.0.0.1:%u%s",
                   scripted_server_port(bench->server), path);
}

void call_start(struct call *call)
{
    int r;

    call->request.url = call->url;
    r = transport_start(curl_transport_as_transport(call->bench->transport),
                        &call->request, clock_mono_ns(), &handler, call, &call->transfer);
    assert(r == 0);
    call->bench->open_calls++;
}

void bench_wait(struct bench *bench)
{
    while (bench->open_calls > 0)
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
}

void call_run(struct call *call, struct bench *bench, const char *path, uint64_t user)
{
    call_init(call, bench, path, user);
    call_start(call);
    bench_wait(bench);
}
