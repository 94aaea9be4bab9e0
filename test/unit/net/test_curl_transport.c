#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "caller.h"

#define STREAM_HEAD                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"              \
    "Transfer-Encoding: chunked\r\n\r\n"

#define STREAM                                                                           \
    STREAM_HEAD "10\r\ndata: one\n\ndata:\r\n18\r\n two\n\n: ping\n\ndata: [DON\r\n"     \
                "4\r\nE]\n\n\r\n0\r\n\r\n"

static bool is(const struct asked *asked, const char *path)
{
    return strncmp(asked->path, path, strlen(path)) == 0;
}

static void answer_plain(int fd, const char *text)
{
    char head[128];

    (void)snprintf(head, sizeof(head),
                   "HTTP/1.1 200 OK\r\nX-Tag: Seven\r\nContent-Length: %zu\r\n\r\n",
                   strlen(text));
    answer_text(fd, head);
    answer_text(fd, text);
}

/* The well-behaved server: a stream, an echo, a greeting. */
static bool answer(void *ctx, const struct asked *asked)
{
    (void)ctx;
    if (is(asked, "/stream"))
        answer_text(asked->fd, STREAM);
    else if (is(asked, "/head"))
        answer_plain(asked->fd, asked->head);
    else if (is(asked, "/body"))
        answer_plain(asked->fd, asked->body);
    else if (is(asked, "/nothing"))
        answer_text(asked->fd, "HTTP/1.1 204 No Content\r\n\r\n");
    else if (is(asked, "/hints"))
        answer_text(asked->fd, "HTTP/1.1 103 Early Hints\r\nX-Tag: early\r\n\r\n"
                               "HTTP/1.1 100 Continue\r\n\r\n"
                               "HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n");
    else
        answer_plain(asked->fd, "hello");
    return true;
}

static void a_stream_becomes_events(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 2);
    call_run(&call, &bench, "/stream", 0);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_int_equal(call.status, 200);
    assert_int_equal(call.result.status, 200);
    assert_string_equal(call.content_type, "text/event-stream; charset=utf-8");
    assert_string_equal(call.events, "one|two|[DONE]|");
    assert_int_equal(call.result.comments, 1);
    assert_int_equal(call.body_len, 0);
    assert_null(call.result.tail);
    bench_close(&bench);
}

/* One byte of the wire per write, so that reads cut heads, chunks and events anywhere. */
static bool answer_bytewise(void *ctx, const struct asked *asked)
{
    const char *at = STREAM;

    (void)ctx;
    for (; *at; at++)
        answer_text(asked->fd, (const char[]){*at, '\0'});
    return true;
}

static void fault_07_a_stream_in_single_bytes_gives_the_same_events(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer_bytewise, NULL, NULL, 1);
    call_run(&call, &bench, "/", 0);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_string_equal(call.events, "one|two|[DONE]|");
    bench_close(&bench);
}

static void any_other_body_comes_as_bytes(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_run(&call, &bench, "/", 0);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_string_equal(call.body, "hello");
    assert_int_equal(call.event_count, 0);
    assert_int_equal(call.result.bytes_received, 5);
    call_run(&call, &bench, "/nothing", 0);
    assert_int_equal(call.result.status, 204);
    assert_int_equal(call.headers_count, 1);
    assert_int_equal(call.result.first_byte_ns, 0);
    bench_close(&bench);
}

static void fault_24_interim_answers_are_no_answers(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_run(&call, &bench, "/hints", 0);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    assert_int_equal(call.headers_count, 1);
    assert_int_equal(call.status, 418);
    bench_close(&bench);
}

static void find_tag(struct call *call)
{
    assert_string_equal(transport_header(call->transfer, "X-TAG"), "Seven");
    assert_null(transport_header(call->transfer, "X-Other"));
}

static void headers_are_found_in_any_case_until_the_end(void **state)
{
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    call.in_end = find_tag;
    call_start(&call);
    bench_wait(&bench);
    bench_close(&bench);
}

static void method_headers_and_body_are_sent_as_given(void **state)
{
    const struct transfer_header headers[] = {{"Authorization", "Bearer k"},
                                              {"X-Empty", ""},
                                              {"Content-Type", "application/json"}};
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&call, &bench, "/head", 0);
    call.request.headers = headers;
    call.request.header_count = COUNT_OF(headers);
    call.request.method = "POST";
    call.request.body = "{\"a\":1}";
    call.request.body_len = 7;
    call_start(&call);
    bench_wait(&bench);
    assert_non_null(strstr(call.body, "POST /head HTTP/1.1\r\n"));
    assert_non_null(strstr(call.body, "\r\nAuthorization: Bearer k\r\n"));
    assert_non_null(strstr(call.body, "\r\nX-Empty:\r\n"));
    assert_non_null(strstr(call.body, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(call.body, "\r\nContent-Length: 7\r\n"));
    assert_null(strstr(call.body, "Expect"));
    assert_null(strstr(call.body, "Accept-Encoding"));
    assert_int_equal(call.result.bytes_sent,
                     strstr(call.body, "\r\n\r\n") + 4 - call.body + 7);

    /* The same handle, and nothing of the last request is left on it. */
    call_run(&call, &bench, "/head", 0);
    assert_non_null(strstr(call.body, "GET /head HTTP/1.1\r\n"));
    assert_null(strstr(call.body, "Bearer"));
    assert_null(strstr(call.body, "Content-Length"));

    call_init(&call, &bench, "/body", 0);
    call.request.method = "PUT";
    call.request.body = "abc";
    call.request.body_len = 3;
    call_start(&call);
    bench_wait(&bench);
    assert_string_equal(call.body, "abc");

    call_init(&call, &bench, "/head", 0);
    call.request.method = "DELETE";
    call_start(&call);
    bench_wait(&bench);
    assert_non_null(strstr(call.body, "DELETE /head HTTP/1.1\r\n"));

    call_init(&call, &bench, "/nothing", 0);
    call.request.method = "HEAD";
    call_start(&call);
    bench_wait(&bench);
    assert_int_equal(call.result.end, TRANSFER_COMPLETE);
    call_run(&call, &bench, "/", 0);
    assert_string_equal(call.body, "hello");
    bench_close(&bench);
}

static int start_with(struct call *call, const char *url, const char *method,
                      const struct transfer_header *header)
{
    static const struct transfer_handler none;
    struct transfer *transfer = NULL;

    call->request.url = url;
    call->request.method = method;
    call->request.headers = header;
    call->request.header_count = header ? 1 : 0;
    return transport_start(curl_transport_as_transport(call->bench->transport),
                           &call->request, clock_mono_ns(), &none, call, &transfer);
}

static void fault_05_what_cannot_be_sent_is_refused_at_once(void **state)
{
    static const char *const urls[] = {
        "",           "no url",        "ftp://127.0.0.1/",
        "http://",    "file:///etc/x", "http://127.0.0.1/ a",
        "http://a\n", "http://a:x/"};
    static const struct transfer_header headers[] = {{"X", "a\r\nY: b"}, {"X", "a\nb"},
                                                     {"X\r\nY", "a"},    {"", "a"},
                                                     {"X:", "a"},        {"X Y", "a"}};
    static const char *const methods[] = {"", "GET ", "G\r\nX: y"};
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 1);
    call_init(&call, &bench, "/", 0);
    for (size_t i = 0; i < COUNT_OF(urls); i++)
        assert_int_equal(start_with(&call, urls[i], "GET", NULL), -EINVAL);
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        assert_int_equal(start_with(&call, call.url, "GET", &headers[i]), -EINVAL);
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        assert_int_equal(start_with(&call, call.url, methods[i], NULL), -EINVAL);
    assert_int_equal(scripted_server_connections(bench.server), 0);
    /* And the handle still serves. */
    call_run(&call, &bench, "/", 0);
    assert_string_equal(call.body, "hello");
    bench_close(&bench);
}

static void a_reused_connection_has_no_set_up_of_its_own(void **state)
{
    struct curl_transport_stats stats;
    struct bench bench;
    struct call call;

    (void)state;
    bench_open(&bench, answer, NULL, NULL, 4);
    call_run(&call, &bench, "/", 1);
    assert_false(call.result.reused);
    assert_int_not_equal(call.result.connect_ns, 0);
    assert_in_range(call.result.wire_ns, 1, call.result.first_byte_ns);
    assert_in_range(call.result.first_byte_ns, 1, call.result.closed_ns);
    call_run(&call, &bench, "/", 5); /* the same shard */
    assert_true(call.result.reused);
    assert_false(call.result.resent);
    assert_int_equal(call.result.connect_ns + call.result.dns_ns, 0);
    assert_in_range(call.result.wire_ns, 1, call.result.first_byte_ns);
    assert_int_not_equal(call.result.rtt_min_ns, 0);
    assert_int_not_equal(call.result.local_port, 0);
    assert_int_equal(strncmp(call.result.peer, "127.0.0.1:", 10), 0);
    assert_string_equal(call.peer, call.result.peer);
    curl_transport_stats(bench.transport, &stats);
    assert_int_equal(stats.connections_opened, 1);
    assert_int_equal(stats.connections_open, 1);
    call_run(&call, &bench, "/", 2); /* another one */
    assert_false(call.result.reused);
    assert_int_equal(scripted_server_connections(bench.server), 2);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_becomes_events),
        cmocka_unit_test(fault_07_a_stream_in_single_bytes_gives_the_same_events),
        cmocka_unit_test(any_other_body_comes_as_bytes),
        cmocka_unit_test(fault_24_interim_answers_are_no_answers),
        cmocka_unit_test(headers_are_found_in_any_case_until_the_end),
        cmocka_unit_test(method_headers_and_body_are_sent_as_given),
        cmocka_unit_test(fault_05_what_cannot_be_sent_is_refused_at_once),
        cmocka_unit_test(a_reused_connection_has_no_set_up_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
