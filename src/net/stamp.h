/*
 * Kernel receive stamps: when the bytes that wait in a socket arrived, on the monotonic clock.
 * The kernel stamps with CLOCK_REALTIME; the offset between the clocks is measured here, again
 * every so often, and a jump of the wall clock is noticed. It reads the clocks and peeks at
 * sockets; it consumes no byte and knows nothing of HTTP.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stamp_clock {
    int64_t offset_ns; /* CLOCK_REALTIME − CLOCK_MONOTONIC */
    uint64_t
        width_ns; /* the bracket it was measured in: it is right within half of that */
    uint64_t measured_ns; /* when it was looked at last, monotonic */
    uint64_t steps;       /* jumps of the wall clock seen so far */
    int keeper; /* a socket that keeps the kernel's stamping switched on, or -1 */
};

/*
 * Measures the offset and opens the keeper: the kernel switches stamping on with the first socket
 * that asks and a little late, so that the first bytes of fresh connections would go without.
 * enabled: false leaves the keeper out, for runs that want no stamps.
 */
void stamp_clock_init(struct stamp_clock *clock, bool enabled);
void stamp_clock_deinit(struct stamp_clock *clock);

/* Asks the kernel to stamp what this socket receives. Returns 0 or -errno. */
int stamp_enable(int fd);

/* What waits in a socket. */
struct stamp_peek {
    uint64_t bytes;   /* 0: nothing, the end of the stream, or an error */
    uint64_t wall_ns; /* CLOCK_REALTIME when the last of them arrived; 0: not stamped */
    int error; /* errno of a broken connection, 0: none. The socket tells it only once: here. */
};

/* Looks at what waits in a stream socket without taking or copying it. */
void stamp_peek(int fd, struct stamp_peek *ret_peek);

/*
 * A stamp on the monotonic clock. after_ns and seen_ns enclose the truth: bytes seen at seen_ns
 * came after the socket was last known to be empty. Returns 0 when the stamp contradicts them
 * even after the offset was measured anew, that is when the wall clock jumped meanwhile.
 */
uint64_t stamp_to_mono(struct stamp_clock *clock, uint64_t wall_ns, uint64_t after_ns,
                       uint64_t seen_ns);
