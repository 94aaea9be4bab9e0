#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rng.h"
#include "caller.h"

#define CROWD 120

/* /forever sends one event and stays; any other path is a stream of three. */
static bool answer(void *ctx, const struct asked *asked)
{
    char byte;

    (void)ctx;
    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
    if (strcmp(asked->path, "/forever") == 0) {
        (void)recv(asked->fd, &byte, 1, 0);
        return false;
    }
    answer_text(asked->fd, "12\r\ndata: 2\n\ndata: 3\n\n\r\n0\r\n\r\n");
    return true;
}

static void cancel_self(struct call *call)
{
    transport_cancel(call->transfer, TRANSFER_FIRST_TOKEN_TIMEOUT);
    transport_cancel(call->transfer, TRANSFER_CANCELLED); /* the first word counts */
    assert_int_equal(call->end_count, 0);
}

static void a_transfer_may_be_cancelled_under_its_own_event(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    call.in_event = cancel_self;
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_FIRST_TOKEN_TIMEOUT);
    assert_string_equal(call.events, "1|");
    call_run(&call, &bench, "/", 0);
    assert_string_equal(call.events, "1|2|3|");
    bench_close(&bench);
}

static void a_transfer_cancelled_before_it_began_ends_from_the_loop(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    call_start(&call);
    transport_cancel(call.transfer, TRANSFER_CANCELLED);
    assert_int_equal(call.end_count, 0);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_CANCELLED);
    assert_int_equal(call.result.wire_ns, 0);
    assert_int_equal(scripted_server_connections(bench.server), 0);
    bench_close(&bench);
}

static void cancel_other(struct call *call)
{
    struct call *other = call->ctx;

    if (other->end_count > 0)
        return;
    transport_cancel(other->transfer, TRANSFER_CANCELLED);
    assert_int_equal(other->end_count, 0);
}

static void one_may_be_cancelled_under_anothers_event(void **state)
{
    struct bench bench;
    struct call stays;
    struct call goes;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&stays, &bench, "/forever", 0);
    call_start(&stays);
    while (stays.event_count == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    call_init(&goes, &bench, "/", 1);
    goes.in_event = cancel_other;
    goes.ctx = &stays;
    call_start(&goes);
    bench_wait(&bench);
    assert_int_equal(stays.result.end, TRANSFER_CANCELLED);
    assert_int_equal(goes.result.end, TRANSFER_COMPLETE);
    assert_string_equal(goes.events, "1|2|3|");
    bench_close(&bench);
}

static void start_next(struct call *call)
{
    struct call *next = call->ctx;

    if (next && next->bench == NULL) {
        const struct call following = *next;

        call_init(next, call->bench, "/", 0);
        next->in_end = following.in_end;
        next->in_event = following.in_event;
        next->ctx = following.ctx;
        call_start(next);
    }
}

static void the_next_may_be_started_under_an_event_or_an_end(void **state)
{
    static struct call calls[40];
    struct bench bench;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    for (size_t i = 0; i < 40; i++)
        calls[i] = (struct call){
            .ctx = i + 1 < 40 ? &calls[i + 1] : NULL,
            .in_end = i % 2 ? start_next : NULL,
            .in_event = i % 2 ? NULL : start_next,
        };
    call_init(&calls[0], &bench, "/", 0);
    calls[0].ctx = &calls[1];
    calls[0].in_event = start_next;
    call_start(&calls[0]);
    bench_wait(&bench);
    for (size_t i = 0; i < 40; i++)
        assert_string_equal(calls[i].events, "1|2|3|");
    bench_close(&bench);
}

/* Each end comes once, whatever happens when; what is left is ended by closing the transport. */
static void a_crowd_that_is_cancelled_at_random_ends_once_each(void **state)
{
    static struct call calls[CROWD];
    struct curl_transport_stats stats;
    struct bench bench;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, 0, RNG_TEST);
    bench_open(&bench, answer, NULL, NULL, 8);
    for (size_t i = 0; i < CROWD; i++) {
        call_init(&calls[i], &bench, rng_below(&rng, 2) ? "/forever" : "/", i);
        if (rng_below(&rng, 4) == 0)
            calls[i].in_event = cancel_self;
        call_start(&calls[i]);
        if (rng_below(&rng, 3) == 0)
            (void)uv_run(&bench.loop, UV_RUN_NOWAIT);
        for (size_t j = 0; j <= i; j++)
            if (calls[j].end_count == 0 && rng_below(&rng, 40) == 0)
                transport_cancel(calls[j].transfer, TRANSFER_CANCELLED);
    }
    for (unsigned i = 0; i < 50; i++)
        (void)uv_run(&bench.loop, UV_RUN_NOWAIT);
    curl_transport_stats(bench.transport, &stats);
    assert_in_range(stats.connections_peak, 1, CROWD);
    bench_close(&bench);
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(calls[i].end_count, 1);
    assert_int_equal(bench.open_calls, 0);
}

static void try_again(struct call *call)
{
    static const struct transfer_handler none;
    struct transfer *transfer = NULL;

    assert_int_equal(transport_start(curl_transport_as_transport(call->bench->transport),
                                     &call->request, clock_mono_ns(), &none, NULL,
                                     &transfer),
                     -ECANCELED);
}

static void a_transport_that_is_closed_takes_nothing_new(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&call, &bench, "/forever", 0);
    call.in_end = try_again;
    call_start(&call);
    while (call.event_count == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    bench_close(&bench);
    assert_int_equal(call.result.end, TRANSFER_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_may_be_cancelled_under_its_own_event),
        cmocka_unit_test(a_transfer_cancelled_before_it_began_ends_from_the_loop),
        cmocka_unit_test(one_may_be_cancelled_under_anothers_event),
        cmocka_unit_test(the_next_may_be_started_under_an_event_or_an_end),
        cmocka_unit_test(a_transport_that_is_closed_takes_nothing_new),
        cmocka_unit_test(a_crowd_that_is_cancelled_at_random_ends_once_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
