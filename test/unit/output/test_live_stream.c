/* Viewers that read, that come late, that read slowly and that do not read at all. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "output/live_stream.h"
#include "serve/serve.h"
#include "wire.h"

/* Should more than this wait for a viewer, the server cuts them off. */
#define UNSENT_BYTES ((size_t)160 << 10)

struct stage {
    uv_loop_t loop;
    struct serve *serve;
    struct live_stream stream;
    struct wire wire;
    struct wire other;
};

static void handle(void *ctx, struct serve_request *request)
{
    struct stage *stage = ctx;

    live_stream_join(&stage->stream, request);
}

static int set_up(void **state)
{
    struct serve_options options = SERVE_OPTIONS_DEFAULT;
    struct stage *stage = calloc(1, sizeof(*stage));

    (void)signal(SIGPIPE, SIG_IGN);
    assert_non_null(stage);
    live_stream_init(&stage->stream);
    options.max_unsent_bytes = UNSENT_BYTES;
    assert_int_equal(uv_loop_init(&stage->loop), 0);
    assert_int_equal(serve_address_parse("127.0.0.1:0", &options.address), 0);
    assert_int_equal(serve_new(&stage->loop, &options, handle, stage, &stage->serve), 0);
    wire_open(&stage->wire, &stage->loop, serve_port(stage->serve));
    *state = stage;
    return 0;
}

static void note_stopped(void *ctx)
{
    *(bool *)ctx = true;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    bool is_stopped = false;

    if (!stage->wire.is_over)
        wire_close(&stage->wire, false);
    serve_stop(stage->serve, 0, note_stopped, &is_stopped);
    while (!is_stopped)
        uv_run(&stage->loop, UV_RUN_ONCE);
    serve_free(stage->serve);
    assert_int_equal(stage->stream.viewer_count, 0);
    live_stream_deinit(&stage->stream);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    free(stage);
    return 0;
}

static void ask(struct wire *wire)
{
    wire_send_text(wire, "GET /live/events HTTP/1.1\r\nHost: x\r\n\r\n");
}

static void add(struct stage *stage, const char *event, const char *text)
{
    struct buf data = BUF_INIT(4096);

    buf_append_str(&data, text);
    live_stream_add(&stage->stream, event, &data);
    buf_deinit(&data);
}

static void tell(struct stage *stage, const char *text)
{
    struct buf data = BUF_INIT(4096);

    buf_append_str(&data, text);
    live_stream_tell(&stage->stream, "now", &data);
    buf_deinit(&data);
}

static void who_comes_late_gets_all_that_was(void **state)
{
    struct stage *stage = *state;

    add(stage, "run", "{\"id\":\"a\"}");
    add(stage, "point", "{\"n\":1}");
    ask(&stage->wire);
    wire_await(&stage->wire, "event: point\ndata: {\"n\":1}\n\n", 1);
    assert_int_equal(wire_count(&stage->wire, "content-type: text/event-stream"), 1);
    assert_int_equal(wire_count(&stage->wire, "event: run\ndata: {\"id\":\"a\"}\n\n"), 1);
    add(stage, "point", "{\"n\":2}");
    live_stream_push(&stage->stream, NS_PER_S);
    wire_await(&stage->wire, "data: {\"n\":2}", 1);
}

static void news_go_to_those_who_are_there_and_are_not_kept(void **state)
{
    struct stage *stage = *state;

    ask(&stage->wire);
    wire_await(&stage->wire, "retry: ", 1);
    tell(stage, "{\"users\":1}");
    wire_await(&stage->wire, "event: now\ndata: {\"users\":1}\n\n", 1);
    assert_int_equal(stage->stream.log.len, 0);
    /* Never between the pieces of what was before. */
    add(stage, "point", "{\"n\":1}");
    tell(stage, "{\"users\":2}");
    live_stream_push(&stage->stream, NS_PER_S);
    tell(stage, "{\"users\":3}");
    wire_await(&stage->wire, "{\"users\":3}", 1);
    assert_int_equal(wire_count(&stage->wire, "{\"users\":2}"), 0);
}

static void the_end_is_sent_and_ends_the_answer(void **state)
{
    struct stage *stage = *state;

    ask(&stage->wire);
    wire_await(&stage->wire, "retry: ", 1);
    add(stage, "end", "{}");
    live_stream_end(&stage->stream);
    assert_int_equal(stage->stream.viewer_count, 0);
    wire_await(&stage->wire, "event: end\ndata: {}\n\n\r\n0\r\n\r\n", 1);
}

static void who_leaves_is_forgotten(void **state)
{
    struct stage *stage = *state;

    ask(&stage->wire);
    wire_await(&stage->wire, "retry: ", 1);
    assert_int_equal(stage->stream.viewer_count, 1);
    wire_close(&stage->wire, true);
    stage->wire.is_over = true;
    for (int i = 0; i < 1000 && stage->stream.viewer_count > 0; i++)
        uv_run(&stage->loop, UV_RUN_ONCE);
    assert_int_equal(stage->stream.viewer_count, 0);
}

/* 14 MB of events, more than the sockets (tcp_wmem, tcp_rmem) and the server hold together. */
static void fill(struct stage *stage)
{
    char text[1001];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    while (stage->stream.log.len < (size_t)14 << 20)
        add(stage, "point", text);
}

static void make_small(const struct wire *wire)
{
    const int bytes = 4096;

    assert_int_equal(setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)),
                     0);
}

/* Their bytes never pile up, and once they read they get all. */
static void who_reads_slowly_holds_nobody_up_and_misses_nothing(void **state)
{
    struct stage *stage = *state;
    const uint64_t now_ns = clock_mono_ns();
    size_t last;

    ask(&stage->wire);
    while (stage->stream.viewer_count == 0)
        uv_run(&stage->loop, UV_RUN_ONCE);
    fill(stage);
    for (unsigned i = 0; i < 200; i++) {
        live_stream_push(&stage->stream, now_ns + i * NS_PER_MS);
        tell(stage, "{}");
        uv_run(&stage->loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(stage->stream.viewer_count, 1);
    last = stage->wire.total;
    for (unsigned i = 0; stage->wire.total < stage->stream.log.len; i++) {
        wire_forget(&stage->wire);
        wire_turn(&stage->wire);
        live_stream_push(&stage->stream, now_ns + NS_PER_S);
        assert_true(i < 1000000 && !stage->wire.is_over);
    }
    assert_true(stage->wire.total > last);
    assert_false(stage->wire.is_over);
}

static void who_does_not_read_for_half_a_minute_is_cut_off(void **state)
{
    struct stage *stage = *state;
    const uint64_t now_ns = clock_mono_ns();

    make_small(&stage->wire);
    ask(&stage->wire);
    while (stage->stream.viewer_count == 0)
        uv_run(&stage->loop, UV_RUN_ONCE);
    fill(stage);
    for (unsigned i = 0; i < 100; i++) /* until nothing fits any more */
        live_stream_push(&stage->stream, now_ns);
    live_stream_push(&stage->stream, now_ns + 29 * NS_PER_S);
    assert_int_equal(stage->stream.viewer_count, 1);
    live_stream_push(&stage->stream, now_ns + 31 * NS_PER_S);
    assert_int_equal(stage->stream.viewer_count, 0);
}

static void there_is_room_for_so_many(void **state)
{
    struct stage *stage = *state;

    ask(&stage->wire);
    wire_await(&stage->wire, "retry: ", 1);
    stage->stream.viewer_count = LIVE_VIEWERS_MAX;
    wire_open(&stage->other, &stage->loop, serve_port(stage->serve));
    ask(&stage->other);
    wire_await(&stage->other, "HTTP/1.1 503 ", 1);
    wire_close(&stage->other, false);
    stage->stream.viewer_count = 1;
}

static void a_full_log_keeps_whole_events(void **state)
{
    struct stage *stage = *state;

    stage->stream.log.max_bytes = 100;
    add(stage, "point", "{\"n\":1}");
    add(stage, "point",
        "{\"n\":\""
        "0123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789"
        "\"}");
    add(stage, "point", "{\"n\":3}");
    assert_string_equal(buf_str(&stage->stream.log), "event: point\ndata: {\"n\":1}\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_comes_late_gets_all_that_was, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(news_go_to_those_who_are_there_and_are_not_kept,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_is_sent_and_ends_the_answer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_leaves_is_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            who_reads_slowly_holds_nobody_up_and_misses_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_read_for_half_a_minute_is_cut_off,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_is_room_for_so_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_log_keeps_whole_events, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("live_stream", tests, NULL, NULL);
}
