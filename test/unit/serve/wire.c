#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

#define PATIENCE_NS (10 * NS_PER_S)

void wire_open(struct wire *wire, uv_loop_t *loop, uint16_t port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    const int on = 1;

    wire->loop = loop;
    wire->is_over = false;
    wire->is_reset = false;
    wire->total = 0;
    wire->checksum = 0;
    wire_forget(wire);
    wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(wire->fd >= 0);
    assert_int_equal(connect(wire->fd, (const struct sockaddr *)(const void *)&address,
                             sizeof(address)),
                     0);
    assert_int_equal(setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
}

void wire_close(struct wire *wire, bool reset)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};

    if (reset)
        assert_int_equal(
            setsockopt(wire->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    close(wire->fd);
    wire->fd = -1;
}

static void receive(struct wire *wire)
{
    while (!wire->is_over) {
        const size_t room = sizeof(wire->bytes) - 1 - wire->len;
        const ssize_t got =
            room > 0 ? recv(wire->fd, wire->bytes + wire->len, room, MSG_DONTWAIT) : 0;

        if (room == 0)
            return;
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            wire->is_over = true;
            wire->is_reset = got < 0 && errno == ECONNRESET;
            return;
        }
        wire->len += (size_t)got;
        wire->total += (size_t)got;
        wire->checksum = wire_checksum(
            wire->checksum, wire->bytes + wire->len - (size_t)got, (size_t)got);
        wire->bytes[wire->len] = '\0';
    }
}

void wire_turn(struct wire *wire)
{
    for (int i = 0; i < 5; i++) {
        uv_run(wire->loop, UV_RUN_NOWAIT);
        receive(wire);
    }
}

void wire_send(struct wire *wire, const char *bytes, size_t len)
{
    const uint64_t begin_ns = clock_mono_ns();

    while (len > 0) {
        const ssize_t sent = send(wire->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EAGAIN) {
            assert_true(clock_mono_ns() - begin_ns < PATIENCE_NS);
            wire_turn(wire);
            continue;
        }
        if (sent < 0) /* the server closed: what it said is what the test looks at */
            return;
        bytes += sent;
        len -= (size_t)sent;
    }
}

void wire_send_text(struct wire *wire, const char *text)
{
    wire_send(wire, text, strlen(text));
}

unsigned wire_count(const struct wire *wire, const char *text)
{
    unsigned count = 0;

    for (const char *at = strstr(wire->bytes, text); at; at = strstr(at + 1, text))
        count++;
    return count;
}

void wire_await(struct wire *wire, const char *text, unsigned times)
{
    const uint64_t begin_ns = clock_mono_ns();

    while (wire_count(wire, text) < times && !wire->is_over) {
        wire_turn(wire);
        if (clock_mono_ns() - begin_ns > PATIENCE_NS)
            fail_msg("'%s' did not come %u times; got: %.2000s", text, times,
                     wire->bytes);
    }
}

void wire_await_end(struct wire *wire)
{
    const uint64_t begin_ns = clock_mono_ns();

    while (!wire->is_over) {
        wire_turn(wire);
        if (clock_mono_ns() - begin_ns > PATIENCE_NS)
            fail_msg("the server did not close; got: %.2000s", wire->bytes);
    }
}

void wire_await_flag(struct wire *wire, const bool *flag)
{
    const uint64_t begin_ns = clock_mono_ns();

    while (!*flag) {
        uv_run(wire->loop, UV_RUN_NOWAIT);
        if (wire->fd >= 0)
            receive(wire);
        assert_true(clock_mono_ns() - begin_ns < PATIENCE_NS);
    }
}

uint64_t wire_checksum(uint64_t sum, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum = sum * 31 + (unsigned char)bytes[i];
    return sum;
}

void wire_forget(struct wire *wire)
{
    wire->len = 0;
    wire->bytes[0] = '\0';
}

const char *wire_body(const struct wire *wire)
{
    const char *blank = strstr(wire->bytes, "\r\n\r\n");

    return blank ? blank + 4 : "";
}
