/*
 * The client's end of a connection for tests of servers: it sends and receives raw bytes, and
 * turns the server's loop in between, so that a test needs neither threads nor sleeps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct wire {
    uv_loop_t *loop; /* borrowed: the server's */
    int fd;
    bool is_over;      /* the server closed or reset */
    bool is_reset;     /* by RST */
    size_t total;      /* bytes received since the connection began */
    uint64_t checksum; /* of all of them, as wire_checksum() begun with 0 */
    size_t
        len; /* bytes held: when the room is full, no more is read until wire_forget() */
    char bytes[512 * 1024]; /* NUL-terminated */
};

/* Connects to the port on the loopback address. Fails the test when it cannot. */
void wire_open(struct wire *wire, uv_loop_t *loop, uint16_t port);
/* Closes, in order or with a reset. */
void wire_close(struct wire *wire, bool reset);

/* Sends all of the bytes, turning the loop while the socket is full. */
void wire_send(struct wire *wire, const char *bytes, size_t len);
void wire_send_text(struct wire *wire, const char *text);

/* Turns the loop until `text` was received `times` times, or the server closed. Fails after 10 s. */
void wire_await(struct wire *wire, const char *text, unsigned times);
/* Turns the loop until the server closed. Fails after 10 s. */
void wire_await_end(struct wire *wire);
/* Turns the loop until *flag. Fails after 10 s. */
void wire_await_flag(struct wire *wire, const bool *flag);
/* Turns the loop a few times without waiting, and takes what has come. */
void wire_turn(struct wire *wire);

/* How often `text` stands in what was received. */
unsigned wire_count(const struct wire *wire, const char *text);
/* The checksum of bytes that follow those of sum; the order counts. */
uint64_t wire_checksum(uint64_t sum, const char *bytes, size_t len);
/* Forgets what was received. */
void wire_forget(struct wire *wire);
/* The body of the first answer, after the blank line; "" where there is none yet. */
const char *wire_body(const struct wire *wire);
