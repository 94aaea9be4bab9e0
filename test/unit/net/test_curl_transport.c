#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "caller.h"

#define STREAM_HEAD                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"              \
    "Transfer-Encoding: chunked\r\n\r\n"

static void answer_chunk(int fd, const char *text)
{
    char head[32];

    (void)snprintf(head, sizeof(head), "%zx\r\n", strlen(text));
    answer_text(fd, head);
    answer_text(fd, text);
    answer_text(fd, "\r\n");
}

static void answer_plain(int fd, const char *text)
{
    char head[128];

    (void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                   strlen(text));
    answer_text(fd, head);
    answer_text(fd, text);
}

/* Answers as the path says; the ports of the test's own paths follow below. */
static bool answer(void *ctx, const struct asked *asked)
{
    const int fd = asked->fd;

    (void)ctx;
    if (strcmp(asked->path, "/stream") == 0) {
        answer_text(fd, STREAM_HEAD);
        answer_chunk(fd, "data: one\n\nda");
        answer_chunk(fd, "ta: two\n\n: ping\n\n");
        answer_chunk(fd, "data: [DONE]\n\n");
        answer_text(fd, "0\r\n\r\n");
    } else if (strcmp(asked->path, "/echo") == 0) {
        answer_plain(fd, asked->body_len ? asked->body : asked->head);
    } else {
        answer_plain(fd, "hello");
    }
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
    assert_string_equal(call.content_type, "text/event-stream; charset=utf-8");
    assert_string_equal(call.events, "one|two|[DONE]|");
    assert_int_equal(call.result.comments, 1);
    assert_int_equal(call.body_len, 0);
    assert_false(call.result.reused);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_becomes_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
