#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "caller.h"

#define SLACK_NS (50 * NS_PER_US)

#define STREAM_HEAD                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"                             \
    "Transfer-Encoding: chunked\r\n\r\n"
#define CHUNK "10\r\ndata: chunk %02u\n\n\r\n"

/* The truth: when each chunk was sent, and a line between server and test to keep in step. */
struct truth {
    int server_end;
    int test_end;
    unsigned burst; /* chunks sent at each word of the test */
    struct {
        uint64_t before_ns;
        uint64_t after_ns;
    } sent[MAX_ARRIVALS];
};

static void say(int end)
{
    assert_int_equal(send(end, "x", 1, 0), 1);
}

static bool hear(int end)
{
    char byte;

    return recv(end, &byte, 1, 0) == 1;
}

static void send_chunk(struct truth *truth, int fd, unsigned index)
{
    char chunk[64];

    (void)snprintf(chunk, sizeof(chunk), CHUNK, index);
    truth->sent[index].before_ns = clock_mono_ns();
    answer_text(fd, chunk);
    truth->sent[index].after_ns = clock_mono_ns();
}

/* Sends a burst of chunks, 2 ms apart, at each word, and says when it is out. */
static bool send_bursts(void *ctx, const struct asked *asked)
{
    const struct timespec apart = {.tv_nsec = 2000000};
    struct truth *truth = ctx;
    unsigned index = 0;

    answer_text(asked->fd, STREAM_HEAD);
    while (index < 12 && hear(truth->server_end)) {
        for (unsigned i = 0; i < truth->burst; i++) {
            if (i > 0)
                (void)nanosleep(&apart, NULL);
            send_chunk(truth, asked->fd, index++);
        }
        say(truth->server_end);
    }
    answer_text(asked->fd, "0\r\n\r\n");
    return true;
}

static void open_truth(struct truth *truth, unsigned burst)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    *truth = (struct truth){.server_end = ends[0], .test_end = ends[1], .burst = burst};
}

static void close_truth(struct truth *truth)
{
    close(truth->server_end);
    close(truth->test_end);
}

/* Whose server sends more between the client's next look at its socket and the reading. */
static struct truth *held_up;

ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
    const struct timespec while_held_up = {.tv_nsec = 2000000};
    const ssize_t count = __real_recvmsg(fd, message, flags);
    struct truth *truth = held_up;

    if (!truth || !(flags & MSG_PEEK) || count <= 0)
        return count;
    held_up = NULL;
    (void)nanosleep(&while_held_up, NULL);
    say(truth->test_end);
    assert_true(hear(truth->test_end));
    return count;
}

/* The client stands still while each burst is sent. Returns the number of chunks. */
static unsigned run_bursts(struct truth *truth, struct bench *bench, struct call *call)
{
    bench_open(bench, send_bursts, truth, NULL, 1);
    call_init(call, bench, "/", 0);
    call_start(call);
    while (call->headers_count == 0)
        (void)uv_run(&bench->loop, UV_RUN_ONCE);
    while (call->event_count < 12) {
        const unsigned next = call->event_count + truth->burst;

        say(truth->test_end);
        assert_true(hear(truth->test_end));
        while (call->event_count < next)
            (void)uv_run(&bench->loop, UV_RUN_ONCE);
    }
    bench_wait(bench);
    assert_int_equal(call->result.end, TRANSFER_COMPLETE);
    return call->event_count;
}

static void chunks_read_one_by_one_carry_their_own_stamps(void **state)
{
    struct truth truth;
    struct bench bench;
    struct call call;

    (void)state;
    open_truth(&truth, 1);
    assert_int_equal(run_bursts(&truth, &bench, &call), 12);
    for (unsigned i = 0; i < 12; i++) {
        const struct arrival *arrival = &call.arrivals[i];

        assert_int_equal(arrival->source, ARRIVAL_KERNEL);
        assert_in_range(arrival->arrived_ns, truth.sent[i].before_ns - SLACK_NS,
                        arrival->seen_ns);
        assert_int_equal(arrival->earliest_ns, arrival->arrived_ns);
        if (i > 0)
            assert_true(arrival->read_serial > call.arrivals[i - 1].read_serial);
    }
    assert_true(call.result.stamped);
    assert_int_equal(call.result.unstamped_reads, 0);
    assert_true(call.result.peeks >= 12);
    bench_close(&bench);
    close_truth(&truth);
}

/* The client is late, and knows when the last of what waited came, and that it is late. */
static void chunks_that_waited_together_share_a_read_and_the_last_stamp(void **state)
{
    struct truth truth;
    struct bench bench;
    struct call call;

    (void)state;
    open_truth(&truth, 3);
    assert_int_equal(run_bursts(&truth, &bench, &call), 12);
    for (unsigned i = 0; i < 12; i++) {
        const struct arrival *arrival = &call.arrivals[i];
        const unsigned first = i - i % 3;
        const unsigned last = first + 2;

        assert_int_equal(arrival->source, ARRIVAL_KERNEL);
        assert_int_equal(arrival->read_serial, call.arrivals[first].read_serial);
        assert_int_equal(arrival->arrived_ns, call.arrivals[first].arrived_ns);
        assert_in_range(arrival->arrived_ns, truth.sent[last].before_ns - SLACK_NS,
                        arrival->seen_ns);
        assert_true(arrival->seen_ns >= truth.sent[last].after_ns);
        if (i == last)
            assert_int_equal(arrival->earliest_ns, arrival->arrived_ns);
        else
            assert_in_range(arrival->earliest_ns, 1, truth.sent[first].after_ns);
        if (i > 2)
            assert_true(arrival->read_serial > call.arrivals[first - 1].read_serial);
    }
    bench_close(&bench);
    close_truth(&truth);
}

static void without_kernel_stamps_the_moment_seen_counts(void **state)
{
    struct connection_policy policy = {0};
    const struct curl_transport_options options = {
        .targets = &policy, .target_count = 1, .shards = 1, .kernel_stamps = false};
    struct truth truth;
    struct bench bench;
    struct call call;

    (void)state;
    open_truth(&truth, 1);
    bench_open_with(&bench, send_bursts, &truth, &options);
    call_init(&call, &bench, "/", 0);
    call_start(&call);
    for (unsigned i = 0; i < 12; i++) {
        say(truth.test_end);
        while (call.event_count == i)
            (void)uv_run(&bench.loop, UV_RUN_ONCE);
        assert_true(hear(truth.test_end));
        assert_int_equal(call.arrivals[i].source, ARRIVAL_SEEN);
        assert_int_equal(call.arrivals[i].arrived_ns, call.arrivals[i].seen_ns);
        assert_in_range(call.arrivals[i].earliest_ns, 1, call.arrivals[i].arrived_ns);
    }
    bench_wait(&bench);
    assert_false(call.result.stamped);
    bench_close(&bench);
    close_truth(&truth);
}

/* The stamp is of the first chunk; the second came 2 ms later, and is read with it. */
static void what_came_between_the_look_and_the_reading_has_no_stamp(void **state)
{
    struct truth truth;
    struct bench bench;
    struct call call;

    (void)state;
    open_truth(&truth, 1);
    bench_open(&bench, send_bursts, &truth, NULL, 1);
    call_init(&call, &bench, "/", 0);
    call_start(&call);
    while (call.headers_count == 0)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    held_up = &truth;
    say(truth.test_end);
    assert_true(hear(truth.test_end));
    while (call.event_count < 2)
        (void)uv_run(&bench.loop, UV_RUN_ONCE);
    assert_null(held_up);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(call.arrivals[i].source, ARRIVAL_SEEN);
        assert_true(call.arrivals[i].arrived_ns >= truth.sent[i].before_ns);
        assert_in_range(call.arrivals[i].earliest_ns, 1, truth.sent[i].after_ns);
        assert_int_equal(call.arrivals[i].read_serial, call.arrivals[0].read_serial);
    }
    for (unsigned i = 2; i < 12; i++) {
        say(truth.test_end);
        assert_true(hear(truth.test_end));
    }
    bench_wait(&bench);
    assert_int_equal(call.arrivals[11].source, ARRIVAL_KERNEL);
    bench_close(&bench);
    close_truth(&truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_read_one_by_one_carry_their_own_stamps),
        cmocka_unit_test(chunks_that_waited_together_share_a_read_and_the_last_stamp),
        cmocka_unit_test(without_kernel_stamps_the_moment_seen_counts),
        cmocka_unit_test(what_came_between_the_look_and_the_reading_has_no_stamp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
