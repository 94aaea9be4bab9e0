/*
 * The two clocks of the machine in nanoseconds. Monotonic time measures; wall time names moments
 * for people and is never subtracted from monotonic time but through an offset measured here.
 */
#pragma once

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* CLOCK_MONOTONIC in ns. Read once at the entry of a callback and pass the value down. */
uint64_t clock_mono_ns(void);

/* CLOCK_REALTIME in ns since 1970-01-01T00:00:00Z. */
uint64_t clock_wall_ns(void);

/* CPU time of the calling thread in ns, since it began. */
uint64_t clock_thread_cpu_ns(void);

/*
 * CLOCK_REALTIME − CLOCK_MONOTONIC in ns, from the tightest of `tries` (≥ 1) readings of wall
 * between two readings of mono. ret_width_ns (may be NULL) gets the width of that bracket: the
 * offset is right to within half of it.
 */
int64_t clock_wall_offset_ns(int tries, uint64_t *ret_width_ns);

/* Writes wall time as RFC 3339 in UTC with milliseconds: 2026-11-21T10:09:00.123Z. */
void clock_format_wall(uint64_t wall_ns, char text[static 32]);
