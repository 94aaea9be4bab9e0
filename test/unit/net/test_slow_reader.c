#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "caller.h"
#include "net/curl_transfer.h"

#define LARGE_BYTES ((size_t)4 * 1024 * 1024)
#define SMALL_BYTES ((size_t)6 * 1024)
#define EVENTS 20

struct story {
    atomic_size_t sent; /* of the large body */
};

static bool send_all(int fd, const char *bytes, size_t len, atomic_size_t *sent)
{
    while (len > 0) {
        const ssize_t some = send(fd, bytes, len < 4096 ? len : 4096, MSG_NOSIGNAL);

        if (some <= 0)
            return false;
        if (sent)
            atomic_fetch_add(sent, (size_t)some);
        bytes += some;
        len -= (size_t)some;
    }
    return true;
}

/* /large and /small are bodies, /stream has a few events, /silent sends one event and stays. */
static bool answer(void *ctx, const struct asked *asked)
{
    struct story *story = ctx;
    const bool large = strcmp(asked->path, "/large") == 0;
    char *body = calloc(1, LARGE_BYTES);
    bool whole = true;
    char byte;

    assert_non_null(body);
    if (large || strcmp(asked->path, "/small") == 0) {
        answer_text(asked->fd, large
                                   ? "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n"
                                   : "HTTP/1.1 200 OK\r\nContent-Length: 6144\r\n\r\n");
        memset(body, 'x', LARGE_BYTES);
        whole = send_all(asked->fd, body, large ? LARGE_BYTES : SMALL_BYTES,
                         large ? &story->sent : NULL);
    } else {
        answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Connection: close\r\n\r\ndata: 1\n\n");
        for (unsigned i = 1; i < EVENTS && strcmp(asked->path, "/stream") == 0; i++)
            answer_text(asked->fd, "data: 1\n\n");
        whole = false;
        if (strcmp(asked->path, "/silent") == 0)
            (void)recv(asked->fd, &byte, 1, 0);
    }
    free(body);
    return whole;
}

static void begin(struct bench *bench, struct story *story, struct call *call,
                  const char *path, uint64_t bytes_per_s)
{
    *story = (struct story){0};
    bench_open(bench, answer, story, NULL, 1);
    call_init(call, bench, path, 0);
    call->request.read_bytes_per_s = bytes_per_s;
}

/* What the server got rid of beyond what was read lies in two kernels' buffers. */
static void a_server_is_held_up_by_a_slow_reader(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;
    size_t ahead = 0;

    (void)state;
    begin(&bench, &story, &call, "/large", 16 * 1024);
    call_start(&call);
    while (call.body_len < 12 * (size_t)1024)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    ahead = atomic_load(&story.sent) - call.body_len;
    assert_true(ahead < LARGE_BYTES - 64 * (size_t)1024);
    assert_true(atomic_load(&story.sent) < LARGE_BYTES);
    assert_true(call.body_len < 64 * (size_t)1024);
    transport_cancel(call.transfer, TRANSFER_CANCELLED);
    bench_wait(&bench);
    bench_close(&bench);
}

static void nothing_is_read_faster_than_asked_for_and_all_of_it_is_read(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;
    uint64_t began_ns;
    uint64_t took_ns;

    (void)state;
    begin(&bench, &story, &call, "/small", 8 * 1024);
    began_ns = clock_mono_ns();
    call_start(&call);
    bench_wait(&bench);
    took_ns = clock_mono_ns() - began_ns;
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_int_equal(call.body_len, SMALL_BYTES);
    /* Three quarters of a second, less what it may make up for. No upper bound: others work too. */
    assert_true(took_ns >= 600 * NS_PER_MS);
    bench_close(&bench);
}

static void the_events_of_a_stream_come_one_by_one_and_are_the_same(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;

    (void)state;
    begin(&bench, &story, &call, "/stream", 1000);
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_int_equal(call.event_count, EVENTS);
    bench_close(&bench);
}

static void resting_is_neither_silence_nor_slowness_of_the_server(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;

    (void)state;
    begin(&bench, &story, &call, "/small", 4 * 1024);
    /* Each piece of 1 KiB is rested upon for 250 ms, all together 1.5 s. */
    call.request.idle_timeout_ns = 150 * NS_PER_MS;
    call.request.total_timeout_ns = 700 * NS_PER_MS;
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_int_equal(call.body_len, SMALL_BYTES);
    bench_close(&bench);
}

/* A server that was not listened to meanwhile gets the whole idle time-out from then on. */
static void silence_counts_from_the_end_of_the_rest(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;
    const struct curl_transfer *transfer;

    (void)state;
    begin(&bench, &story, &call, "/silent", 20);
    call.request.idle_timeout_ns =
        200 * NS_PER_MS; /* an event is rested upon for longer */
    call_start(&call);
    transfer = (const struct curl_transfer *)(const void *)call.transfer;
    while (slow_reader_rests_until_ns(transfer) == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    while (slow_reader_rests_until_ns(transfer) > 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    assert_false(transfer->over);
    transport_cancel(call.transfer, TRANSFER_CANCELLED);
    bench_wait(&bench);
    bench_close(&bench);
}

static void a_server_that_falls_silent_is_still_found_out(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;

    (void)state;
    begin(&bench, &story, &call, "/silent", 100);
    call.request.idle_timeout_ns = 100 * NS_PER_MS;
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_IDLE_TIMEOUT);
    assert_int_equal(call.event_count, 1);
    bench_close(&bench);
}

static void who_rests_can_be_cancelled_and_the_handle_serves_another(void **state)
{
    struct story story;
    struct bench bench;
    struct call call;
    struct call next;

    (void)state;
    begin(&bench, &story, &call, "/large", 1024);
    call_start(&call);
    while (call.body_len == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    transport_cancel(call.transfer, TRANSFER_ABANDONED);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_ABANDONED);
    call_run(&next, &bench, "/small", 0);
    assert_int_equal(next.result.end, TRANSFER_COMPLETE);
    assert_int_equal(next.body_len, SMALL_BYTES);
    bench_close(&bench);
}

/* Its small buffer would slow others down. */
static void check_connections(enum connection_reuse reuse)
{
    const struct connection_policy policy = {.reuse = reuse};
    struct story story = {0};
    struct bench bench;
    struct call slow;
    struct call fast;

    bench_open(&bench, answer, &story, &policy, 1);
    call_init(&slow, &bench, "/small", 0);
    slow.request.read_bytes_per_s = 1024 * 1024;
    call_start(&slow);
    bench_wait(&bench);
    call_run(&fast, &bench, "/small", 0);
    assert_false(fast.result.reused);
    call_init(&slow, &bench, "/small", 0);
    slow.request.read_bytes_per_s = 1024 * 1024;
    call_start(&slow);
    bench_wait(&bench);
    assert_true(slow.result.reused);
    call_run(&fast, &bench, "/small", 0);
    assert_true(fast.result.reused);
    assert_int_equal(scripted_server_connections(bench.server), 2);
    bench_close(&bench);
}

static void a_slow_readers_connection_is_used_by_slow_readers_alone(void **state)
{
    (void)state;
    check_connections(CONNECTION_REUSE_POOL);
    check_connections(CONNECTION_REUSE_USER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_held_up_by_a_slow_reader),
        cmocka_unit_test(nothing_is_read_faster_than_asked_for_and_all_of_it_is_read),
        cmocka_unit_test(the_events_of_a_stream_come_one_by_one_and_are_the_same),
        cmocka_unit_test(resting_is_neither_silence_nor_slowness_of_the_server),
        cmocka_unit_test(silence_counts_from_the_end_of_the_rest),
        cmocka_unit_test(a_server_that_falls_silent_is_still_found_out),
        cmocka_unit_test(who_rests_can_be_cancelled_and_the_handle_serves_another),
        cmocka_unit_test(a_slow_readers_connection_is_used_by_slow_readers_alone),
    };

    return cmocka_run_group_tests_name("slow_reader", tests, NULL, NULL);
}
