/* Answers that are passed on from elsewhere, as a client sees them: raw bytes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/serve.h"
#include "wire.h"

struct fixture {
    uv_loop_t loop;
    struct serve *serve;
    struct serve_request *open; /* the last request */
    bool is_asked;
    bool is_stopped;
    struct wire wire;
};

static const struct serve_header headers[] = {{"Date", "Thu, 01 Jan 1970 00:00:00 GMT"},
                                              {"X-A", "1"}};

static void handle(void *ctx, struct serve_request *request)
{
    struct fixture *fixture = ctx;

    fixture->open = request;
    fixture->is_asked = true;
}

static void note_stopped(void *ctx)
{
    ((struct fixture *)ctx)->is_stopped = true;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct serve_options options = SERVE_OPTIONS_DEFAULT;

    (void)signal(SIGPIPE, SIG_IGN);
    assert_non_null(fixture);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    assert_int_equal(serve_address_parse("127.0.0.1:0", &options.address), 0);
    assert_int_equal(
        serve_new(&fixture->loop, &options, handle, fixture, &fixture->serve), 0);
    wire_open(&fixture->wire, &fixture->loop, serve_port(fixture->serve));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    wire_close(&fixture->wire, false);
    serve_stop(fixture->serve, 0, note_stopped, fixture);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_true(fixture->is_stopped);
    serve_free(fixture->serve);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    free(fixture);
    return 0;
}

static struct serve_request *ask(struct fixture *fixture, const char *text)
{
    fixture->is_asked = false;
    wire_forget(&fixture->wire);
    wire_send_text(&fixture->wire, text);
    wire_await_flag(&fixture->wire, &fixture->is_asked);
    return fixture->open;
}

static void headers_are_read_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    struct serve_request *request =
        ask(fixture, "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\na: 2\r\n\r\n");
    struct serve_header header;

    assert_true(serve_request_header_at(request, 2, &header));
    assert_string_equal(header.name, "a");
    assert_string_equal(header.value, "2");
    assert_false(serve_request_header_at(request, 3, &header));
    assert_int_equal(serve_request_connection(request), 1);
    serve_answer(request, 200, NULL, 0, "", 0);
}

static void a_known_length_is_told_and_pieces_are_no_chunks(void **state)
{
    struct fixture *fixture = *state;
    struct serve_request *request = ask(fixture, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_int_equal(serve_relay_open(request, 200, headers, 2, 6), 0);
    assert_int_equal(serve_stream_write(request, "abc", 3), 0);
    assert_int_equal(serve_stream_write(request, "def", 3), 0);
    assert_int_equal(serve_stream_end(request, NULL, 0), 0);
    wire_await(&fixture->wire, "abcdef", 1);
    assert_string_equal(wire_body(&fixture->wire), "abcdef");
    assert_int_equal(wire_count(&fixture->wire, "content-length: 6\r\n"), 1);
    assert_int_equal(wire_count(&fixture->wire, "transfer-encoding"), 0);
    assert_int_equal(wire_count(&fixture->wire, "1970"), 1);
    assert_int_equal(wire_count(&fixture->wire, "date: "), 0); /* none of its own */
    /* The connection is whole, and chunks are chunks again. */
    request = ask(fixture, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(serve_relay_open(request, 200, headers + 1, 1, SERVE_LENGTH_UNKNOWN),
                     0);
    assert_int_equal(serve_stream_end(request, "xyz", 3), 0);
    wire_await(&fixture->wire, "3\r\nxyz\r\n0\r\n\r\n", 1);
    assert_int_equal(wire_count(&fixture->wire, "date: "), 1);
}

static void answers_without_a_body_tell_a_length_at_most(void **state)
{
    struct fixture *fixture = *state;
    struct serve_request *request = ask(fixture, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_int_equal(serve_relay_open(request, 200, headers, 2, 1234), 0);
    assert_int_equal(serve_stream_end(request, NULL, 0), 0);
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    assert_int_equal(wire_count(&fixture->wire, "content-length: 1234\r\n"), 1);
    request = ask(fixture, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(serve_relay_open(request, 204, headers, 2, SERVE_LENGTH_UNKNOWN), 0);
    assert_int_equal(serve_stream_end(request, NULL, 0), 0);
    wire_await(&fixture->wire, "\r\n\r\n", 1);
    assert_int_equal(wire_count(&fixture->wire, "content-length"), 0);
    assert_int_equal(wire_count(&fixture->wire, "transfer-encoding"), 0);
    assert_string_equal(wire_body(&fixture->wire), "");
}

static void an_interim_answer_goes_ahead(void **state)
{
    struct fixture *fixture = *state;
    struct serve_request *request = ask(fixture, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    assert_int_equal(serve_interim(request, 103, headers + 1, 1), 0);
    wire_await(&fixture->wire, "HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n", 1);
    serve_answer(request, 200, NULL, 0, "end", 3);
    wire_await(&fixture->wire, "end", 1);
    assert_int_equal(wire_count(&fixture->wire, "HTTP/1.1 200 OK"), 1);
    request = ask(fixture, "GET / HTTP/1.0\r\n\r\n");
    assert_int_equal(serve_interim(request, 103, headers + 1, 1), 0);
    serve_answer(request, 200, NULL, 0, "end", 3);
    wire_await(&fixture->wire, "end", 1);
    assert_int_equal(wire_count(&fixture->wire, " 103 "), 0);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(headers_are_read_in_their_order),
        WITH_SERVER(a_known_length_is_told_and_pieces_are_no_chunks),
        WITH_SERVER(answers_without_a_body_tell_a_length_at_most),
        WITH_SERVER(an_interim_answer_goes_ahead),
    };

    return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
