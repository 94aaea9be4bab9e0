#include "net/stamp.h"

#include <errno.h>
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
