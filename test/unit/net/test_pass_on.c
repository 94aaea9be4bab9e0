/* Requests and answers that are passed on: as they are, and held up where the reader is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "caller.h"

#define LARGE_BYTES ((size_t)8 * 1024 * 1024)
#define HELD_UP_BYTES ((size_t)128 * 1024)

struct story {
    char head[4096];
    atomic_size_t sent; /* of the large body */
};

/* What the transfer's handler heard. */
struct heard {
    char interim[64]; /* status and the first header of each interim answer */
    char body[256];
    size_t body_len; /* also of what has no room */
    bool ended;
    bool pauses;
    struct transfer *transfer;
    enum transfer_end end;
};

static bool answer(void *ctx, const struct asked *asked)
{
    struct story *story = ctx;
    static const char piece[4096];

    (void)snprintf(story->head, sizeof(story->head), "%s", asked->head);
    if (strcmp(asked->path, "/events") == 0) {
        answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Content-Encoding: br\r\nContent-Length: 9\r\n\r\n"
                               ": x\n\ndata");
        return true;
    }
    if (strcmp(asked->path, "/hints") == 0) {
        answer_text(asked->fd, "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
                               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        return true;
    }
    answer_text(asked->fd, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
    for (size_t sent = 0; sent < LARGE_BYTES; sent += sizeof(piece)) {
        if (send(asked->fd, piece, sizeof(piece), MSG_NOSIGNAL) != sizeof(piece))
            return false;
        atomic_fetch_add(&story->sent, sizeof(piece));
    }
    return true;
}

static void on_interim(void *ctx, uint16_t status)
{
    struct heard *heard = ctx;
    struct transfer_header header = {0};

    assert_true(transport_header_at(heard->transfer, 0, &header));
    (void)snprintf(heard->interim, sizeof(heard->interim), "%u %s", status, header.value);
}

static void on_headers(void *ctx, uint16_t status, const struct arrival *arrival)
{
    (void)ctx;
    (void)arrival;
    assert_int_equal(status, 200);
}

static void on_event(void *ctx, const char *data, size_t len,
                     const struct arrival *arrival)
{
    (void)ctx;
    (void)data;
    (void)len;
    (void)arrival;
    fail_msg("an event was framed");
}

static void on_body(void *ctx, const char *bytes, size_t len,
                    const struct arrival *arrival)
{
    struct heard *heard = ctx;

    (void)arrival;
    if (heard->body_len + len < sizeof(heard->body))
        memcpy(heard->body + heard->body_len, bytes, len);
    heard->body_len += len;
    if (heard->pauses)
        transport_pause(heard->transfer);
}

static void on_end(void *ctx, const struct transfer_result *result)
{
    struct heard *heard = ctx;

    heard->end = result->end;
    heard->ended = true;
}

static void ask(struct bench *bench, struct story *story, struct heard *heard,
                const char *path)
{
    static const struct transfer_handler handler = {.on_interim = on_interim,
                                                    .on_headers = on_headers,
                                                    .on_event = on_event,
                                                    .on_body = on_body,
                                                    .on_end = on_end};
    static const struct transfer_header headers[] = {{"X-Tag", "1"}};
    struct call call;

    bench_open(bench, answer, story, NULL, 1);
    call_init(&call, bench, path, 0);
    call.request.url = call.url;
    call.request.method = "POST";
    call.request.body = "{}";
    call.request.body_len = 2;
    call.request.headers = headers;
    call.request.header_count = 1;
    call.request.passes_on = true;
    assert_int_equal(transport_start(curl_transport_as_transport(bench->transport),
                                     &call.request, clock_mono_ns(), &handler, heard,
                                     &heard->transfer),
                     0);
}

static void wait_for_end(struct bench *bench, const struct heard *heard)
{
    while (!heard->ended)
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
    bench_close(bench);
}

static void the_body_comes_as_it_is_and_no_header_is_added(void **state)
{
    struct story story = {0};
    struct heard heard = {0};
    struct bench bench;

    (void)state;
    ask(&bench, &story, &heard, "/events");
    wait_for_end(&bench, &heard);
    assert_int_equal(heard.end, TRANSFER_COMPLETE);
    assert_string_equal(heard.body, ": x\n\ndata");
    assert_non_null(strstr(story.head, "X-Tag: 1\r\n"));
    assert_null(strcasestr(story.head, "accept"));
    assert_null(strcasestr(story.head, "content-type"));
    assert_null(strcasestr(story.head, "user-agent"));
}

static void interim_answers_are_heard_with_their_headers(void **state)
{
    struct story story = {0};
    struct heard heard = {0};
    struct bench bench;

    (void)state;
    ask(&bench, &story, &heard, "/hints");
    wait_for_end(&bench, &heard);
    assert_string_equal(heard.interim, "103 <a>");
    assert_string_equal(heard.body, "ok");
}

/* What the server got rid of beyond what was read lies in the kernel's buffers. */
static void a_paused_reader_holds_the_server_up_until_it_reads_on(void **state)
{
    struct story story = {0};
    struct heard heard = {.pauses = true};
    struct bench bench;

    (void)state;
    ask(&bench, &story, &heard, "/large");
    while (heard.body_len == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    while (atomic_load(&story.sent) < HELD_UP_BYTES)
        (void)uv_run(&bench.loop, UV_RUN_NOWAIT);
    assert_true(heard.body_len < HELD_UP_BYTES / 2);
    assert_false(heard.ended);
    heard.pauses = false;
    transport_resume(heard.transfer);
    wait_for_end(&bench, &heard);
    assert_int_equal(heard.end, TRANSFER_COMPLETE);
    assert_int_equal(heard.body_len, LARGE_BYTES);
}

static void who_is_paused_can_be_cancelled(void **state)
{
    struct story story = {0};
    struct heard heard = {.pauses = true};
    struct bench bench;

    (void)state;
    ask(&bench, &story, &heard, "/large");
    while (heard.body_len == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    transport_cancel(heard.transfer, TRANSFER_CANCELLED);
    wait_for_end(&bench, &heard);
    assert_int_equal(heard.end, TRANSFER_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_comes_as_it_is_and_no_header_is_added),
        cmocka_unit_test(interim_answers_are_heard_with_their_headers),
        cmocka_unit_test(a_paused_reader_holds_the_server_up_until_it_reads_on),
        cmocka_unit_test(who_is_paused_can_be_cancelled),
    };

    return cmocka_run_group_tests_name("pass_on", tests, NULL, NULL);
}
