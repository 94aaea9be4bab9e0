#include "net/stamp.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * Both clocks are slewed alike (clock_gettime(2)), so that only a step changes the offset: looking
 * this often is enough to notice one, and costs nothing.
 */
#define REMEASURE_NS (100 * NS_PER_MS)
#define MEASURE_TRIES 3
#define FIRST_TRIES 20

/* A change of the offset beyond this is a step; a smaller one is corrected and not counted. */
#define STEP_NS NS_PER_MS

/* How long the start may be held up until the kernel stamps. */
#define STAMPS_ON_NS (50 * NS_PER_MS)

/* How far a stamp may lie behind the moment seen: the offset's own error, and little more. */
#define SLACK_NS (50 * NS_PER_US)

/*
 * And before its lower bound, which is rougher: libcurl may leave bytes of a fast stream in the
 * socket. A step forward that is smaller than this shows only as the bound.
 */
#define SLACK_BEFORE_NS (100 * NS_PER_MS)

/*
 * The offset is the same until the wall clock is set, so that the tightest reading since then is
 * the best one: a reading that was interrupted is wide and says little.
 */
static void measure(struct stamp_clock *clock, uint64_t now_ns)
{
    uint64_t width_ns;
    const int64_t offset_ns = clock_wall_offset_ns(MEASURE_TRIES, &width_ns);
    const uint64_t change_ns =
        (uint64_t)(offset_ns > clock->offset_ns ? offset_ns - clock->offset_ns
                                                : clock->offset_ns - offset_ns);
    const bool changed = change_ns > width_ns + clock->width_ns;

    if (changed && change_ns > STEP_NS)
        clock->steps++;
    if (changed || width_ns < clock->width_ns) {
        clock->offset_ns = offset_ns;
        clock->width_ns = width_ns;
    }
    clock->measured_ns = now_ns;
}

/* A connection over the loopback, its first end stamped; false: there is none. */
static bool open_probe(int ends[static 2])
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ends[1] = -1;
    if (listener >= 0 && ends[0] >= 0 && stamp_enable(ends[0]) == 0 &&
        bind(listener, (struct sockaddr *)&address, len) == 0 &&
        listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&address, &len) == 0 &&
        connect(ends[0], (struct sockaddr *)&address, len) == 0)
        ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (listener >= 0)
        (void)close(listener);
    return ends[1] >= 0;
}

static void close_probe(const int ends[static 2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            (void)close(ends[i]);
}

/*
 * The kernel switches stamping on from a work queue of its own: waits until bytes are stamped,
 * which takes well under a millisecond unless the machine is busy. Without success the first
 * arrivals go unstamped, and are counted so.
 */
static void wait_for_stamps(void)
{
    const uint64_t until_ns = clock_mono_ns() + STAMPS_ON_NS;
    struct stamp_peek peek = {0};
    int ends[2];

    if (open_probe(ends))
        while (peek.wall_ns == 0 && clock_mono_ns() < until_ns &&
               send(ends[1], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1) {
            (void)sched_yield();
            stamp_peek(ends[0], &peek);
        }
    close_probe(ends);
}

void stamp_clock_init(struct stamp_clock *clock, bool enabled)
{
    *clock = (struct stamp_clock){.keeper = -1};
    clock->offset_ns = clock_wall_offset_ns(FIRST_TRIES, &clock->width_ns);
    clock->measured_ns = clock_mono_ns();
    if (!enabled)
        return;
    clock->keeper = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (clock->keeper >= 0)
        (void)stamp_enable(clock->keeper);
    wait_for_stamps();
}

void stamp_clock_deinit(struct stamp_clock *clock)
{
    if (clock->keeper >= 0)
        (void)close(clock->keeper);
    clock->keeper = -1;
}

int stamp_enable(int fd)
{
    const int on = 1;

    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ? -errno : 0;
}

void stamp_peek(int fd, struct stamp_peek *ret_peek)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    /* With MSG_TRUNC a TCP socket counts the bytes and copies none, so no memory is needed. */
    struct iovec span = {.iov_base = NULL, .iov_len = (size_t)1 << 30};
    struct msghdr message = {
        .msg_iov = &span,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    const ssize_t count = recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

    *ret_peek = (struct stamp_peek){.bytes = count > 0 ? (uint64_t)count : 0};
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        ret_peek->error = errno;
    if (count <= 0)
        return;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part;
         part = CMSG_NXTHDR(&message, part)) {
        struct timespec stamp;

        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
        ret_peek->wall_ns = (uint64_t)stamp.tv_sec * NS_PER_S + (uint64_t)stamp.tv_nsec;
    }
}

static uint64_t convert(const struct stamp_clock *clock, uint64_t wall_ns)
{
    return (uint64_t)((int64_t)wall_ns - clock->offset_ns);
}

static bool fits(uint64_t mono_ns, uint64_t after_ns, uint64_t seen_ns)
{
    return mono_ns + SLACK_BEFORE_NS >= after_ns && mono_ns <= seen_ns + SLACK_NS;
}

uint64_t stamp_to_mono(struct stamp_clock *clock, uint64_t wall_ns, uint64_t after_ns,
                       uint64_t seen_ns)
{
    uint64_t mono_ns;

    if (seen_ns - clock->measured_ns > REMEASURE_NS && seen_ns > clock->measured_ns)
        measure(clock, seen_ns);
    mono_ns = convert(clock, wall_ns);
    if (!fits(mono_ns, after_ns, seen_ns)) {
        measure(clock, seen_ns);
        mono_ns = convert(clock, wall_ns);
        if (!fits(mono_ns, after_ns, seen_ns))
            return 0;
    }
    if (mono_ns < after_ns)
        return after_ns;
    return mono_ns < seen_ns ? mono_ns : seen_ns;
}
