/* The server as a client sees it: raw bytes in, raw bytes out. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/serve.h"
#include "wire.h"

struct fixture {
    uv_loop_t loop;
    struct serve *serve;
    struct serve_request *open; /* an answer that the test drives, or NULL */
    unsigned request_count;
    bool is_gone;
    bool is_drained;
    bool is_stopped;
    struct wire wire;
};

static void note_gone(void *ctx)
{
    struct fixture *fixture = ctx;

    fixture->is_gone = true;
    fixture->open = NULL;
}

static void note_drained(void *ctx)
{
    ((struct fixture *)ctx)->is_drained = true;
}

static void echo(struct serve_request *request)
{
    const struct serve_header header = {"content-type", "text/plain"};
    const char *tag = serve_request_header(request, "X-TAG");
    size_t path_len;
    size_t body_len;
    const char *path = serve_request_path(request, &path_len);
    const char *body = serve_request_body(request, &body_len);
    char text[1024];
    const int len =
        snprintf(text, sizeof(text), "%s %.*s ?%s tag=%s body=%zu:%.100s;",
                 serve_request_method(request), (int)path_len, path,
                 serve_request_query(request), tag ? tag : "(none)", body_len, body);

    serve_answer(request, 200, &header, 1, text, (size_t)len);
}

/* /echo answers at once, /stream and /wait leave the answer to the test. */
static void handle(void *ctx, struct serve_request *request)
{
    struct fixture *fixture = ctx;
    size_t len;
    const char *path = serve_request_path(request, &len);

    fixture->request_count++;
    if (len == 5 && memcmp(path, "/echo", 5) == 0) {
        echo(request);
    } else if (len == 6 && memcmp(path, "/empty", 6) == 0) {
        serve_answer(request, 204, NULL, 0, "ignored", 7);
    } else {
        serve_request_on_gone(request, note_gone, fixture);
        serve_request_on_drained(request, note_drained, fixture);
        fixture->open = request;
        if (len == 7 && memcmp(path, "/stream", 7) == 0)
            assert_int_equal(serve_stream_open(request, 200, NULL, 0, NULL, 0), 0);
    }
}

static void note_stopped(void *ctx)
{
    ((struct fixture *)ctx)->is_stopped = true;
}

static void start(struct fixture *fixture, const struct serve_options *given)
{
    struct serve_options options = given ? *given : SERVE_OPTIONS_DEFAULT;

    assert_int_equal(serve_address_parse("127.0.0.1:0", &options.address), 0);
    assert_int_equal(
        serve_new(&fixture->loop, &options, handle, fixture, &fixture->serve), 0);
    wire_open(&fixture->wire, &fixture->loop, serve_port(fixture->serve));
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    signal(SIGPIPE, SIG_IGN);
    assert_non_null(fixture);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->wire.fd > 0)
        wire_close(&fixture->wire, false);
    if (fixture->serve && !fixture->is_stopped) {
        serve_stop(fixture->serve, 0, note_stopped, fixture);
        uv_run(&fixture->loop, UV_RUN_DEFAULT);
        assert_true(fixture->is_stopped);
    }
    serve_free(fixture->serve);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    free(fixture);
    return 0;
}

static void a_request_is_answered(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire,
                   "GET /echo?a=b HTTP/1.1\r\nHost: x\r\nx-tag: 7\r\n\r\n");
    wire_await(&fixture->wire, ";", 1);
    assert_string_equal(wire_body(&fixture->wire), "GET /echo ?a=b tag=7 body=0:;");
    assert_int_equal(wire_count(&fixture->wire, "HTTP/1.1 200 OK\r\ndate: "), 1);
    assert_int_equal(wire_count(&fixture->wire, "content-length: 29\r\n"), 1);
    assert_int_equal(wire_count(&fixture->wire, "connection:"), 0);
}

/* However the network cuts the request in two, it is the same request. */
static void requests_survive_any_split(void **state)
{
    static const char text[] =
        "POST /echo HTTP/1.1\r\nHost: x\r\nX-Tag: seven\r\nEmpty:\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n3\r\n wo\r\n0\r\nX-Tag: trailer\r\n\r\n";
    struct fixture *fixture = *state;

    start(fixture, NULL);
    for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
        wire_forget(&fixture->wire);
        wire_send(&fixture->wire, text, cut);
        wire_turn(&fixture->wire);
        wire_send(&fixture->wire, text + cut, sizeof(text) - 1 - cut);
        wire_await(&fixture->wire, ";", 1);
        assert_string_equal(wire_body(&fixture->wire),
                            "POST /echo ? tag=seven body=8:hello wo;");
    }
    assert_int_equal(serve_connection_count(fixture->serve), 1);
}

static void requests_sent_ahead_are_answered_in_order(void **state)
{
    struct fixture *fixture = *state;
    char text[128];

    start(fixture, NULL);
    for (int i = 0; i < 50; i++) {
        (void)snprintf(text, sizeof(text),
                       "POST /echo HTTP/1.1\r\nX-Tag: %d\r\nContent-Length: 2\r\n\r\nab",
                       i);
        wire_send_text(&fixture->wire, text);
    }
    wire_await(&fixture->wire, ";", 50);
    for (int i = 0; i < 50; i++) {
        (void)snprintf(text, sizeof(text), "tag=%d body=2:ab;", i);
        assert_int_equal(wire_count(&fixture->wire, text), 1);
    }
}

static void requests_behind_a_stream_wait_for_its_end(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire,
                   "GET /stream HTTP/1.1\r\n\r\nGET /echo HTTP/1.1\r\nX-Tag: 1\r\n\r\n"
                   "GET /echo HTTP/1.1\r\nX-Tag: 2\r\n\r\n");
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    assert_int_equal(fixture->request_count, 1);
    assert_int_equal(serve_stream_end(fixture->open, "end", 3), 0);
    wire_await(&fixture->wire, ";", 2);
    assert_int_equal(wire_count(&fixture->wire, "3\r\nend\r\n0\r\n\r\nHTTP/1.1 200"), 1);
    assert_int_equal(fixture->request_count, 3);
}

static void each_piece_of_a_stream_is_one_chunk(void **state)
{
    struct fixture *fixture = *state;
    char piece[300];

    memset(piece, 'x', sizeof(piece));
    start(fixture, NULL);
    wire_send_text(&fixture->wire, "GET /stream HTTP/1.1\r\n\r\n");
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    assert_int_equal(wire_count(&fixture->wire, "transfer-encoding: chunked\r\n"), 1);
    assert_int_equal(serve_stream_write(fixture->open, "one", 3), 0);
    wire_await(&fixture->wire, "3\r\none\r\n", 1);
    assert_int_equal(serve_stream_write(fixture->open, piece, sizeof(piece)), 0);
    wire_await(&fixture->wire, "12c\r\nxxx", 1);
    assert_int_equal(serve_stream_end(fixture->open, NULL, 0), 0);
    wire_await(&fixture->wire, "xxx\r\n0\r\n\r\n", 1);
    wire_forget(&fixture->wire);
    wire_send_text(&fixture->wire, "GET /echo HTTP/1.1\r\n\r\n");
    wire_await(&fixture->wire, ";", 1);
}

static void an_old_client_gets_a_stream_up_to_the_close(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire, "GET /stream HTTP/1.0\r\n\r\n");
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    assert_int_equal(serve_stream_end(fixture->open, "all", 3), 0);
    wire_await_end(&fixture->wire);
    assert_string_equal(wire_body(&fixture->wire), "all");
    assert_int_equal(wire_count(&fixture->wire, "connection: close\r\n"), 1);
    assert_false(fixture->wire.is_reset);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    for (int reset = 0; reset < 2; reset++) {
        if (reset)
            wire_open(&fixture->wire, &fixture->loop, serve_port(fixture->serve));
        fixture->is_gone = false;
        wire_send_text(&fixture->wire, "GET /stream HTTP/1.1\r\n\r\n");
        wire_await(&fixture->wire, "\r\n\r\n", 1);
        wire_close(&fixture->wire, reset != 0);
        wire_await_flag(&fixture->wire, &fixture->is_gone);
    }
}

static void an_aborted_answer_ends_as_asked(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    for (int how = SERVE_ABORT_RESET; how <= SERVE_ABORT_CLOSE; how++) {
        wire_send_text(&fixture->wire, "GET /stream HTTP/1.1\r\n\r\n");
        wire_await(&fixture->wire, "\r\n\r\n", 1);
        assert_int_equal(serve_stream_write(fixture->open, "cut", 3), 0);
        wire_await(&fixture->wire, "cut", 1);
        serve_abort(fixture->open, (enum serve_abort)how);
        wire_await_end(&fixture->wire);
        assert_int_equal(fixture->wire.is_reset, how == SERVE_ABORT_RESET);
        assert_int_equal(wire_count(&fixture->wire, "0\r\n\r\n"), 0);
        wire_close(&fixture->wire, false);
        wire_open(&fixture->wire, &fixture->loop, serve_port(fixture->serve));
    }
    assert_false(fixture->is_gone);
}

static void a_request_can_be_reset_before_its_answer(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire, "GET /wait HTTP/1.1\r\n\r\n");
    while (!fixture->open)
        wire_turn(&fixture->wire);
    serve_abort(fixture->open, SERVE_ABORT_RESET);
    wire_await_end(&fixture->wire);
    assert_true(fixture->wire.is_reset);
    assert_int_equal(fixture->wire.len, 0);
}

/* Sends a chunk that no other equals. Adds what should arrive to the total and the checksum. */
static int send_numbered(struct fixture *fixture, unsigned number, size_t *total,
                         uint64_t *checksum)
{
    char piece[1024];
    char framed[sizeof(piece) + 8];

    memset(piece, 'y', sizeof(piece));
    (void)snprintf(piece, sizeof(piece), "%u", number);
    (void)snprintf(framed, sizeof(framed), "400\r\n");
    memcpy(framed + 5, piece, sizeof(piece));
    memcpy(framed + 5 + sizeof(piece), "\r\n", 2);
    *total += sizeof(piece) + 7;
    *checksum = wire_checksum(*checksum, framed, sizeof(piece) + 7);
    return serve_stream_write(fixture->open, piece, sizeof(piece));
}

/* Bytes wait when the socket is full, all arrive in order, and a client that never reads is reset. */
static void a_slow_client_gets_everything_up_to_the_limit(void **state)
{
    struct fixture *fixture = *state;
    struct serve_options options = SERVE_OPTIONS_DEFAULT;
    unsigned number = 0;
    uint64_t checksum;
    size_t total;
    int r = 0;

    options.max_unsent_bytes = 128 * 1024;
    start(fixture, &options);
    wire_send_text(&fixture->wire, "GET /stream HTTP/1.1\r\n\r\n");
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    total = fixture->wire.total;
    checksum = fixture->wire.checksum;
    while (r != SERVE_QUEUED) {
        r = send_numbered(fixture, number++, &total, &checksum);
        assert_true(r >= 0);
        assert_true(total < 64 * 1024 * 1024);
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(send_numbered(fixture, number++, &total, &checksum),
                         SERVE_QUEUED);
    assert_false(fixture->is_drained);
    while (fixture->wire.total < total) {
        if (fixture->wire.len > sizeof(fixture->wire.bytes) / 2)
            wire_forget(&fixture->wire);
        wire_turn(&fixture->wire);
        assert_false(fixture->wire.is_over);
    }
    assert_int_equal(fixture->wire.total, total);
    assert_true(fixture->wire.checksum == checksum);
    assert_true(fixture->is_drained);
    do
        r = send_numbered(fixture, number++, &total, &checksum);
    while (r >= 0);
    assert_int_equal(r, -ENOBUFS);
}

static void a_client_may_ask_before_it_sends_its_body(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire, "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\n"
                                   "Content-Length: 4\r\n\r\n");
    wire_await(&fixture->wire, "HTTP/1.1 100 Continue\r\n\r\n", 1);
    assert_int_equal(fixture->request_count, 0);
    wire_send_text(&fixture->wire, "body");
    wire_await(&fixture->wire, "body=4:body;", 1);
}

static void what_is_too_large_is_refused(void **state)
{
    static const struct {
        const char *begin;
        size_t fill;
        const char *status;
    } cases[] = {
        {"POST /echo HTTP/1.1\r\nContent-Length: 1025\r\n\r\n", 0,
         " 413 Content Too Large"},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n", 1500,
         " 413 "},
        {"GET /", 3000, " 431 Request Header Fields Too Large"},
        {"GET /echo HTTP/1.1\r\nLong: ", 3000, " 431 "},
        {"nonsense\r\n\r\n", 0, " 400 Bad Request"},
    };
    struct fixture *fixture = *state;
    struct serve_options options = SERVE_OPTIONS_DEFAULT;
    char fill[4096];

    memset(fill, 'z', sizeof(fill));
    options.max_head_bytes = 2048;
    options.max_body_bytes = 1024;
    start(fixture, &options);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wire_send_text(&fixture->wire, cases[i].begin);
        wire_send(&fixture->wire, fill, cases[i].fill);
        wire_await_end(&fixture->wire);
        assert_int_equal(wire_count(&fixture->wire, cases[i].status), 1);
        assert_int_equal(wire_count(&fixture->wire, "connection: close\r\n"), 1);
        assert_false(fixture->wire.is_reset);
        wire_close(&fixture->wire, false);
        wire_open(&fixture->wire, &fixture->loop, serve_port(fixture->serve));
    }
    assert_int_equal(fixture->request_count, 0);
}

static void answers_without_a_body_have_none(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire,
                   "HEAD /echo HTTP/1.1\r\n\r\nGET /empty HTTP/1.1\r\n\r\n"
                   "GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
    wire_await_end(&fixture->wire);
    assert_int_equal(wire_count(&fixture->wire, "HTTP/1.1 "), 3);
    assert_int_equal(wire_count(&fixture->wire, "content-length: "), 2);
    assert_int_equal(wire_count(&fixture->wire, ";"), 1);
    assert_int_equal(wire_count(&fixture->wire, "ignored"), 0);
}

static void stopping_lets_answers_end(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire, "GET /stream HTTP/1.1\r\n\r\n");
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    serve_stop(fixture->serve, 60000, note_stopped, fixture);
    wire_turn(&fixture->wire);
    assert_false(fixture->is_stopped);
    assert_int_equal(serve_stream_end(fixture->open, "bye", 3), 0);
    wire_await_end(&fixture->wire);
    assert_int_equal(wire_count(&fixture->wire, "bye\r\n0\r\n\r\n"), 1);
    wire_close(&fixture->wire, false);
    wire_await_flag(&fixture->wire, &fixture->is_stopped);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
}

static void stopping_resets_what_outlives_the_grace(void **state)
{
    struct fixture *fixture = *state;

    start(fixture, NULL);
    wire_send_text(&fixture->wire, "GET /stream HTTP/1.1\r\n\r\n");
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    serve_stop(fixture->serve, 1, note_stopped, fixture);
    wire_await_flag(&fixture->wire, &fixture->is_stopped);
    assert_true(fixture->is_gone);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
}

static void a_port_in_use_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct serve_options options = SERVE_OPTIONS_DEFAULT;
    struct serve *second = NULL;
    char address[64];

    start(fixture, NULL);
    (void)snprintf(address, sizeof(address), "127.0.0.1:%u", serve_port(fixture->serve));
    assert_int_equal(serve_address_parse(address, &options.address), 0);
    assert_int_equal(serve_new(&fixture->loop, &options, handle, fixture, &second),
                     -EADDRINUSE);
    assert_null(second);
    serve_url(fixture->serve, address);
    assert_memory_equal(address, "http://127.0.0.1:", 17);
}

static void addresses_are_read(void **state)
{
    static const char *const good[] = {"127.0.0.1:80", "[::1]:0", "localhost:1",
                                       ":65535"};
    static const char *const bad[] = {"",       "127.0.0.1", "127.0.0.1:", "host:80",
                                      ":65536", ":-1",       "[::1:80",    "::1:80",
                                      ":1_0",   "[]:80",     ": 80",       "127.1:80"};
    struct sockaddr_storage address;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(serve_address_parse(good[i], &address), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(serve_address_parse(bad[i], &address), -EINVAL);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(a_request_is_answered),
        WITH_SERVER(requests_survive_any_split),
        WITH_SERVER(requests_sent_ahead_are_answered_in_order),
        WITH_SERVER(requests_behind_a_stream_wait_for_its_end),
        WITH_SERVER(each_piece_of_a_stream_is_one_chunk),
        WITH_SERVER(an_old_client_gets_a_stream_up_to_the_close),
        WITH_SERVER(a_client_that_leaves_is_noticed),
        WITH_SERVER(an_aborted_answer_ends_as_asked),
        WITH_SERVER(a_request_can_be_reset_before_its_answer),
        WITH_SERVER(a_slow_client_gets_everything_up_to_the_limit),
        WITH_SERVER(a_client_may_ask_before_it_sends_its_body),
        WITH_SERVER(what_is_too_large_is_refused),
        WITH_SERVER(answers_without_a_body_have_none),
        WITH_SERVER(stopping_lets_answers_end),
        WITH_SERVER(stopping_resets_what_outlives_the_grace),
        WITH_SERVER(a_port_in_use_is_an_error),
        cmocka_unit_test(addresses_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
