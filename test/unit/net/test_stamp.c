#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/stamp.h"

/* Two ends of a TCP connection over the loopback, the first one stamped. */
static void connect_pair(int ends[2])
{
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(stamp_enable(ends[0]), 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&address, len), 0);
    ends[1] = accept(listener, NULL, NULL);
    assert_true(ends[1] >= 0);
    assert_int_equal(setsockopt(ends[1], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
    close(listener);
}

static void close_pair(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static void wait_for_bytes(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&ready, 1, 5000), 1);
}

/*
 * The kernel switches stamping on from a work queue, some time after the first socket asked: holds
 * one such socket open for all tests, and waits until bytes do come with a stamp.
 */
static int switch_stamping_on(void **state)
{
    static struct stamp_clock keeper;
    struct stamp_peek peek = {0};

    stamp_clock_init(&keeper, true);
    *state = &keeper;
    for (unsigned i = 0; i < 10000 && peek.wall_ns == 0; i++) {
        int ends[2];

        connect_pair(ends);
        assert_int_equal(send(ends[1], "hello", 5, 0), 5);
        wait_for_bytes(ends[0]);
        stamp_peek(ends[0], &peek);
        close_pair(ends);
    }
    return peek.wall_ns == 0 ? -1 : 0;
}

static int switch_stamping_off(void **state)
{
    stamp_clock_deinit(*state);
    return 0;
}

/* Every first byte has one: the keeper had the kernel's stamping on before. */
static void a_fresh_connection_is_stamped_within_its_bounds(void **state)
{
    struct stamp_clock clock;

    (void)state;
    stamp_clock_init(&clock, true);
    for (unsigned i = 0; i < 20; i++) {
        struct stamp_peek peek;
        uint64_t before_ns;
        uint64_t seen_ns;
        uint64_t arrived_ns;
        int ends[2];

        connect_pair(ends);
        before_ns = clock_mono_ns();
        assert_int_equal(send(ends[1], "hello", 5, 0), 5);
        wait_for_bytes(ends[0]);
        stamp_peek(ends[0], &peek);
        seen_ns = clock_mono_ns();
        assert_int_equal(peek.bytes, 5);
        assert_int_not_equal(peek.wall_ns, 0);
        arrived_ns = stamp_to_mono(&clock, peek.wall_ns, 0, seen_ns);
        assert_in_range(arrived_ns, before_ns - 50 * NS_PER_US, seen_ns);
        close_pair(ends);
    }
    assert_int_equal(clock.steps, 0);
    stamp_clock_deinit(&clock);
}

static void a_peek_takes_nothing(void **state)
{
    char bytes[8] = "";
    struct stamp_peek peek;
    int ends[2];

    (void)state;
    connect_pair(ends);
    assert_int_equal(send(ends[1], "hello", 5, 0), 5);
    wait_for_bytes(ends[0]);
    stamp_peek(ends[0], &peek);
    stamp_peek(ends[0], &peek);
    assert_int_equal(peek.bytes, 5);
    assert_int_equal(recv(ends[0], bytes, sizeof(bytes), 0), 5);
    assert_string_equal(bytes, "hello");
    close_pair(ends);
}

static void nothing_and_the_end_of_a_stream_have_no_stamp(void **state)
{
    struct stamp_peek peek;
    int ends[2];

    (void)state;
    connect_pair(ends);
    stamp_peek(ends[0], &peek);
    assert_int_equal(peek.bytes, 0);
    assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
    wait_for_bytes(ends[0]);
    stamp_peek(ends[0], &peek);
    assert_int_equal(peek.bytes, 0);
    assert_int_equal(peek.wall_ns, 0);
    close_pair(ends);
}

/* Several pieces wait: they are counted together, and the stamp is the last one's. */
static void waiting_pieces_are_counted_and_carry_the_last_stamp(void **state)
{
    struct stamp_clock clock;
    struct stamp_peek peek;
    uint64_t last_ns;
    uint64_t seen_ns;
    int ends[2];

    (void)state;
    stamp_clock_init(&clock, true);
    connect_pair(ends);
    assert_int_equal(send(ends[1], "hello", 5, 0), 5);
    wait_for_bytes(ends[0]);
    last_ns = clock_mono_ns() + 2 * NS_PER_MS;
    while (clock_mono_ns() < last_ns)
        continue;
    assert_int_equal(send(ends[1], "again", 5, 0), 5);
    do {
        stamp_peek(ends[0], &peek);
    } while (peek.bytes < 10);
    seen_ns = clock_mono_ns();
    assert_int_equal(peek.bytes, 10);
    assert_in_range(stamp_to_mono(&clock, peek.wall_ns, 0, seen_ns),
                    last_ns - 50 * NS_PER_US, seen_ns);
    close_pair(ends);
    stamp_clock_deinit(&clock);
}

static void a_step_of_the_wall_clock_is_counted_and_survived(void **state)
{
    static const int64_t steps_ns[] = {
        3600 * (int64_t)NS_PER_S, -3600 * (int64_t)NS_PER_S, -200 * (int64_t)NS_PER_MS,
        200 * (int64_t)NS_PER_MS};
    struct stamp_clock clock;

    (void)state;
    stamp_clock_init(&clock, false);
    for (size_t i = 0; i < 4; i++) {
        const uint64_t wall_ns = clock_wall_ns();
        const uint64_t seen_ns = clock_mono_ns();

        /* As if the clock had been elsewhere until now. */
        clock.offset_ns += steps_ns[i];
        assert_in_range(stamp_to_mono(&clock, wall_ns, seen_ns - NS_PER_MS, seen_ns),
                        seen_ns - NS_PER_MS, seen_ns);
        assert_int_equal(clock.steps, i + 1);
    }
    stamp_clock_deinit(&clock);
}

static void a_stamp_from_before_a_step_is_refused(void **state)
{
    struct stamp_clock clock;
    uint64_t seen_ns;

    (void)state;
    stamp_clock_init(&clock, false);
    seen_ns = clock_mono_ns();
    assert_int_equal(stamp_to_mono(&clock, clock_wall_ns() + 3600 * NS_PER_S,
                                   seen_ns - NS_PER_MS, seen_ns),
                     0);
    assert_int_equal(stamp_to_mono(&clock, clock_wall_ns() - 3600 * NS_PER_S,
                                   seen_ns - NS_PER_MS, seen_ns),
                     0);
    stamp_clock_deinit(&clock);
}

static void a_stamp_never_leaves_its_bounds(void **state)
{
    struct stamp_clock clock;
    const uint64_t seen_ns = clock_mono_ns();
    uint64_t wall_ns;

    (void)state;
    stamp_clock_init(&clock, false);
    wall_ns = (uint64_t)((int64_t)seen_ns + clock.offset_ns);
    assert_int_equal(stamp_to_mono(&clock, wall_ns + 10 * NS_PER_US, 0, seen_ns),
                     seen_ns);
    assert_int_equal(stamp_to_mono(&clock, wall_ns - 10 * NS_PER_US, seen_ns, seen_ns),
                     seen_ns);
    stamp_clock_deinit(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_connection_is_stamped_within_its_bounds),
        cmocka_unit_test(a_peek_takes_nothing),
        cmocka_unit_test(nothing_and_the_end_of_a_stream_have_no_stamp),
        cmocka_unit_test(waiting_pieces_are_counted_and_carry_the_last_stamp),
        cmocka_unit_test(a_step_of_the_wall_clock_is_counted_and_survived),
        cmocka_unit_test(a_stamp_from_before_a_step_is_refused),
        cmocka_unit_test(a_stamp_never_leaves_its_bounds),
    };

    return cmocka_run_group_tests(tests, switch_stamping_on, switch_stamping_off);
}
