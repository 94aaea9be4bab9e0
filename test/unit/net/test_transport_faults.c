#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "caller.h"

#define STREAM_HEAD                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"                             \
    "Transfer-Encoding: chunked\r\n\r\n"

/* Ends a connection with a reset instead of a farewell. */
static void reset(int fd)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

    (void)connect(fd, &nobody, sizeof(nobody));
}

static void answer_header_flood(int fd)
{
    answer_text(fd, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < 10000; i++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "X-Header-%u: %040u\r\n", i, i);
        answer_text(fd, line);
    }
    answer_text(fd, "Content-Length: 0\r\n\r\n");
}

static void answer_long_header(int fd)
{
    static char value[1024 * 1024];

    memset(value, 'x', sizeof(value) - 1);
    answer_text(fd, "HTTP/1.1 200 OK\r\nX-Long: ");
    answer_text(fd, value);
    answer_text(fd, "\r\n\r\n");
}

static bool answer_event_flood(int fd)
{
    answer_text(fd, STREAM_HEAD "1b\r\ndata: small\n\ndata: 67890123\r\n");
    for (unsigned i = 0; i < 100; i++)
        answer_text(fd, "a\r\n0123456789\r\n");
    return false;
}

/* What the test tells the server to do wrong. */
struct fault {
    const char *path;
    const char *bytes; /* NULL: done by a function of its own */
    enum transfer_end end;
    const char *events; /* that came before it */
};

static const struct fault faults[] = {
    /* fault_21: FIN inside a chunk and between two, FIN instead of an answer or inside its head */
    {"/fin-mid-chunk", STREAM_HEAD "40\r\ndata: one\n\nda", TRANSFER_TRUNCATED, "one|"},
    {"/fin-between", STREAM_HEAD "b\r\ndata: one\n\n\r\n", TRANSFER_TRUNCATED, "one|"},
    {"/fin-silent", "", TRANSFER_TRUNCATED, ""},
    {"/fin-in-head", "HTTP/1.1 200 OK\r\nContent-Ty", TRANSFER_TRUNCATED, ""},
    /* fault_22: lengths that lie, in both ways; bytes that are no chunk and no HTTP */
    {"/length-too-big", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello",
     TRANSFER_TRUNCATED, ""},
    {"/length-too-small", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
     TRANSFER_COMPLETE, ""},
    {"/length-no-number", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello",
     TRANSFER_PROTOCOL, ""},
    {"/chunk-no-number", STREAM_HEAD "b\r\ndata: one\n\n\r\nzz\r\n", TRANSFER_PROTOCOL,
     "one|"},
    {"/chunk-too-small", STREAM_HEAD "b\r\ndata: one\n\nda\r\n", TRANSFER_PROTOCOL,
     "one|"},
    {"/no-http", "220 mail.example ESMTP\r\n\r\n", TRANSFER_PROTOCOL, ""},
    /* fault_31 */
    {"/gzip",
     "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
     "Content-Length: 4\r\n\r\n\x1f\x8b\x08\x01",
     TRANSFER_ENCODING, ""},
    /* fault_21, fault_16, fault_32 */
    {"/reset-at-once", NULL, TRANSFER_RESET, ""},
    {"/event-flood", NULL, TRANSFER_EVENT_TOO_LARGE, "small|"},
    {"/header-flood", NULL, TRANSFER_PROTOCOL, ""},
    {"/long-header", NULL, TRANSFER_PROTOCOL, ""},
};

static bool answer_wrongly(void *ctx, const struct asked *asked)
{
    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if (strcmp(faults[i].path, asked->path) == 0 && faults[i].bytes)
            answer_text(asked->fd, faults[i].bytes);
    if (strcmp(asked->path, "/header-flood") == 0)
        answer_header_flood(asked->fd);
    else if (strcmp(asked->path, "/long-header") == 0)
        answer_long_header(asked->fd);
    else if (strcmp(asked->path, "/event-flood") == 0)
        return answer_event_flood(asked->fd);
    else if (strcmp(asked->path, "/reset-at-once") == 0)
        reset(asked->fd);
    return false;
}

static void each_broken_answer_is_counted_under_its_reason(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, answer_wrongly, NULL, NULL, 1);
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct call call;

        call_init(&call, &bench, faults[i].path, 0);
        call.request.max_event_bytes = 512;
        call_start(&call);
        bench_wait(&bench);
        if (call.result.end != faults[i].end)
            print_error("%s: %s: %s\n", faults[i].path,
                        transfer_end_name(call.result.end), call.detail);
        assert_int_equal(call.result.end, faults[i].end);
        assert_string_equal(call.events, faults[i].events);
        assert_int_equal(call.result.end == TRANSFER_COMPLETE, call.detail[0] == '\0');
    }
    bench_close(&bench);
}

/* Sends one event, with or without chunks, and resets when told; says when that is done. */
static bool answer_and_reset(void *ctx, const struct asked *asked)
{
    const int end = *(const int *)ctx;
    char byte;

    if (strcmp(asked->path, "/chunked") == 0)
        answer_text(asked->fd, STREAM_HEAD "b\r\ndata: one\n\n\r\n");
    else
        answer_text(asked->fd,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                    "data: one\n\n");
    (void)recv(end, &byte, 1, 0);
    reset(asked->fd);
    (void)send(end, "x", 1, 0);
    return false;
}

/*
 * The socket tells its error once, and to the look. Nor is the end of a body without a length a
 * good one then.
 */
static void fault_21_a_reset_found_by_the_look_is_a_reset(void **state)
{
    static const char *const paths[] = {"/chunked", "/until-closed"};
    struct bench bench;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    bench_open(&bench, answer_and_reset, &ends[0], NULL, 1);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct call call;
        char byte;

        call_init(&call, &bench, paths[i], 0);
        call_start(&call);
        while (call.event_count == 0)
            (void)uv_run(&bench.loop, UV_RUN_ONCE);
        /* The loop stands still meanwhile. */
        assert_int_equal(send(ends[1], "g", 1, 0), 1);
        assert_int_equal(recv(ends[1], &byte, 1, 0), 1);
        bench_wait(&bench);
        assert_int_equal(call.result.end, TRANSFER_RESET);
        assert_string_equal(call.events, "one|");
        assert_int_not_equal(call.detail[0], '\0');
    }
    bench_close(&bench);
    close(ends[0]);
    close(ends[1]);
}

static bool answer_half_an_event(void *ctx, const struct asked *asked)
{
    (void)ctx;
    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                           "data: one\n\ndata: {\"last\":1}\n");
    return false;
}

static void fault_12_a_tail_is_told_at_the_end(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer_half_an_event, NULL, NULL, 1);
    call_run(&call, &bench, "/", 0);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_string_equal(call.events, "one|");
    assert_string_equal(call.tail, "{\"last\":1}");
    bench_close(&bench);
}

/* Sends nothing, or one event, and then says nothing more. */
static bool fall_silent(void *ctx, const struct asked *asked)
{
    char byte;

    (void)ctx;
    if (strcmp(asked->path, "/begin") == 0)
        answer_text(asked->fd, STREAM_HEAD "b\r\ndata: one\n\n\r\n");
    (void)recv(asked->fd, &byte, 1, 0);
    return false;
}

static void run_timed(struct bench *bench, const char *path, uint64_t idle_ns,
                      uint64_t total_ns, enum transfer_end end, const char *events)
{
    const uint64_t start_ns = clock_mono_ns();
    struct call call;

    call_init(&call, bench, path, 0);
    call.request.idle_timeout_ns = idle_ns;
    call.request.total_timeout_ns = total_ns;
    call_start(&call);
    bench_wait(bench);
    assert_int_equal(call.result.end, end);
    assert_string_equal(call.events, events);
    assert_true(clock_mono_ns() - start_ns >= 60 * NS_PER_MS);
    assert_int_not_equal(call.detail[0], '\0');
}

static void fault_29_silence_ends_by_the_time_out_that_is_due(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, fall_silent, NULL, NULL, 1);
    run_timed(&bench, "/", 60 * NS_PER_MS, 0, TRANSFER_IDLE_TIMEOUT, "");
    run_timed(&bench, "/begin", 60 * NS_PER_MS, 0, TRANSFER_IDLE_TIMEOUT, "one|");
    run_timed(&bench, "/", 0, 60 * NS_PER_MS, TRANSFER_TOTAL_TIMEOUT, "");
    run_timed(&bench, "/begin", 5 * NS_PER_S, 60 * NS_PER_MS, TRANSFER_TOTAL_TIMEOUT,
              "one|");
    bench_close(&bench);
}

/* A listening socket whose queue is full, so that a further connection is not answered. */
static void fault_30_a_connection_that_is_not_answered_times_out(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    int fillers[4];
    struct bench bench;
    struct call call;

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    for (size_t i = 0; i < COUNT_OF(fillers); i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, len);
    }
    bench_open(&bench, fall_silent, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    (void)snprintf(call.url, sizeof(call.url), "http://127.0.0.1:%u/",
                   ntohs(address.sin_port));
    call.request.connect_timeout_ns = 100 * NS_PER_MS;
    call.request.idle_timeout_ns =
        20 * NS_PER_MS; /* does not count before there is one */
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_CONNECT_TIMEOUT);
    assert_int_equal(call.result.wire_ns, 0);
    bench_close(&bench);
    for (size_t i = 0; i < COUNT_OF(fillers); i++)
        close(fillers[i]);
    close(listener);
}

/* A port that is taken and refuses: bound, and nobody listens. Closed by the caller. */
static int refuse_connections(unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const int bound = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(bound, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(bound, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(address.sin_port);
    return bound;
}

static void a_refused_connection_is_no_time_out(void **state)
{
    unsigned port = 0;
    const int bound = refuse_connections(&port);
    struct curl_transport_stats stats;
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, fall_silent, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    (void)snprintf(call.url, sizeof(call.url), "http://127.0.0.1:%u/", port);
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_CONNECT);
    assert_int_equal(call.headers_count, 0);
    curl_transport_stats(bench.transport, &stats);
    assert_int_equal(stats.connections_open, 0);
    bench_close(&bench);
    close(bound);
}

/* No descriptor is free for the connection. */
static void fault_38_running_out_of_descriptors_is_this_machines_failure(void **state)
{
    struct rlimit before;
    struct rlimit none_free;
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, fall_silent, NULL, NULL, 1);
    /* What libcurl and the loop open for themselves is there before. */
    run_timed(&bench, "/", 60 * NS_PER_MS, 0, TRANSFER_IDLE_TIMEOUT, "");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none_free = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none_free), 0);
    call_run(&call, &bench, "/", 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(call.result.end, TRANSFER_LOCAL_RESOURCE);
    bench_close(&bench);
}

static void fault_35_a_name_that_does_not_resolve_is_dns(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, fall_silent, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    /* A label may hold 63 characters: this never leaves the machine. */
    (void)snprintf(
        call.url, sizeof(call.url),
        "http://a123456789012345678901234567890123456789012345678901234567890123456789/");
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_DNS);
    bench_close(&bench);
}

static void fault_37_a_proxy_that_is_not_there_is_the_proxys_failure(void **state)
{
    unsigned port = 0;
    const int bound = refuse_connections(&port);
    char proxy[64];
    const struct connection_policy policy = {.proxy = proxy};
    struct bench bench;
    struct call call;

    (void)state;
    (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", port);
    bench_open(&bench, fall_silent, NULL, &policy, 1);
    call_run(&call, &bench, "/", 0);
    assert_int_equal(call.result.end, TRANSFER_PROXY);
    bench_close(&bench);
    close(bound);
}

static bool refuse_tunnel(void *ctx, const struct asked *asked)
{
    (void)ctx;
    answer_text(asked->fd, "HTTP/1.1 407 Proxy Authentication Required\r\n"
                           "Content-Length: 0\r\n\r\n");
    return false;
}

static void fault_37_a_tunnel_that_is_refused_is_the_proxys_failure(void **state)
{
    struct connection_policy policy = {0};
    char proxy[64];
    struct bench bench;
    struct call call;

    (void)state;
    policy.proxy = proxy;
    bench_open(&bench, refuse_tunnel, NULL, &policy, 1);
    (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u",
                   scripted_server_port(bench.server));
    call_init(&call, &bench, "/", 0);
    (void)snprintf(call.url, sizeof(call.url), "https://127.0.0.1:1/");
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_PROXY);
    assert_int_equal(call.headers_count, 0);
    bench_close(&bench);
}

static void fault_36_a_server_without_tls_fails_as_tls(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer_wrongly, NULL, NULL, 1);
    call_init(&call, &bench, "/no-http", 0);
    memmove(call.url + 5, call.url + 4, strlen(call.url + 4) + 1);
    call.url[4] = 's';
    /* The handshake's bytes hold no line that ends a request: the server waits for more. */
    call.request.connect_timeout_ns = 100 * NS_PER_MS;
    call_start(&call);
    bench_wait(&bench);
    assert_true(call.result.end == TRANSFER_TLS ||
                call.result.end == TRANSFER_CONNECT_TIMEOUT);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_broken_answer_is_counted_under_its_reason),
        cmocka_unit_test(fault_21_a_reset_found_by_the_look_is_a_reset),
        cmocka_unit_test(fault_12_a_tail_is_told_at_the_end),
        cmocka_unit_test(fault_29_silence_ends_by_the_time_out_that_is_due),
        cmocka_unit_test(fault_30_a_connection_that_is_not_answered_times_out),
        cmocka_unit_test(a_refused_connection_is_no_time_out),
        cmocka_unit_test(fault_35_a_name_that_does_not_resolve_is_dns),
        cmocka_unit_test(fault_38_running_out_of_descriptors_is_this_machines_failure),
        cmocka_unit_test(fault_37_a_proxy_that_is_not_there_is_the_proxys_failure),
        cmocka_unit_test(fault_37_a_tunnel_that_is_refused_is_the_proxys_failure),
        cmocka_unit_test(fault_36_a_server_without_tls_fails_as_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
