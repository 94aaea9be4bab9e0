/* What a server sees when throng leaves. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "caller.h"

enum seen { NOTHING, CLOSED, RESET, BYTES };

/* Sends one event and waits for what comes. */
static bool answer(void *ctx, const struct asked *asked)
{
    atomic_int *seen = ctx;
    char byte;
    ssize_t got;

    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
    got = recv(asked->fd, &byte, 1, 0);
    if (got < 0)
        atomic_store(seen, errno == ECONNRESET ? RESET : NOTHING);
    else
        atomic_store(seen, got == 0 ? CLOSED : BYTES);
    return false;
}

static enum seen leave_as(enum transfer_end end)
{
    atomic_int seen = NOTHING;
    struct bench bench;
    struct call call;

    bench_open(&bench, answer, &seen, NULL, 1);
    call_init(&call, &bench, "/", 0);
    call_start(&call);
    while (call.event_count == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    transport_cancel(call.transfer, end);
    bench_wait(&bench);
    assert_int_equal(call.result.end, end);
    while (atomic_load(&seen) == NOTHING)
        (void)poll(NULL, 0, 1); /* its thread has yet to be told by the kernel */
    bench_close(&bench);
    return (enum seen)atomic_load(&seen);
}

static void who_loses_patience_closes_the_connection(void **state)
{
    (void)state;
    assert_int_equal(leave_as(TRANSFER_ABANDONED), CLOSED);
}

static void a_dropped_connection_is_closed(void **state)
{
    (void)state;
    assert_int_equal(leave_as(TRANSFER_DROPPED), CLOSED);
}

static void a_torn_connection_is_reset(void **state)
{
    (void)state;
    assert_int_equal(leave_as(TRANSFER_TORN), RESET);
}

/* Before there is a connection there is nothing to break. */
static void what_has_not_begun_ends_without_a_connection(void **state)
{
    atomic_int seen = NOTHING;
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, &seen, NULL, 1);
    call_init(&call, &bench, "/", 0);
    call_start(&call);
    transport_cancel(call.transfer, TRANSFER_TORN);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_TORN);
    assert_int_equal(scripted_server_connections(bench.server), 0);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_loses_patience_closes_the_connection),
        cmocka_unit_test(a_dropped_connection_is_closed),
        cmocka_unit_test(a_torn_connection_is_reset),
        cmocka_unit_test(what_has_not_begun_ends_without_a_connection),
    };

    return cmocka_run_group_tests_name("break", tests, NULL, NULL);
}
