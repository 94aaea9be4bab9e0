#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

static uint64_t read_ns(clockid_t id)
{
    struct timespec now;

    /* Fails only for a clock that the kernel lacks. */
    const int r = clock_gettime(id, &now);

    assert(r == 0);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
    return read_ns(CLOCK_REALTIME);
}

uint64_t clock_thread_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_wall_offset_ns(int tries, uint64_t *ret_width_ns)
{
    uint64_t best_width_ns = UINT64_MAX;
    int64_t offset_ns = 0;

    for (int i = 0; i < tries; i++) {
        const uint64_t before_ns = clock_mono_ns();
        const uint64_t wall_ns = clock_wall_ns();
        const uint64_t width_ns = clock_mono_ns() - before_ns;

        if (width_ns >= best_width_ns)
            continue;
        best_width_ns = width_ns;
        offset_ns = (int64_t)(wall_ns - (before_ns + width_ns / 2));
    }
    if (ret_width_ns)
        *ret_width_ns = best_width_ns;
    return offset_ns;
}

void clock_format_wall(uint64_t wall_ns, char text[static 32])
{
    const time_t seconds = (time_t)(wall_ns / NS_PER_S);
    const unsigned millis = (unsigned)(wall_ns % NS_PER_S / NS_PER_MS);
    struct tm utc;

    (void)gmtime_r(&seconds, &utc); /* 64 bits of ns end in 2554 */
    const size_t len = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);

    (void)snprintf(text + len, 32 - len, ".%03uZ", millis);
}
