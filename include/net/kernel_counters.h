/*
 * What the kernel counted of TCP: the texts of /proc/net → numbers. They are those of the whole
 * network namespace: other programs in it count too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_counters {
    /* Since the machine started. */
    uint64_t retransmitted_segments; /* Tcp RetransSegs */
    uint64_t failed_connects;        /* Tcp AttemptFails */
    uint64_t resets;                 /* Tcp EstabResets: of connections that stood */
    uint64_t bad_segments;           /* Tcp InErrs */
    uint64_t listen_overflows;       /* TcpExt ListenOverflows: accept queues were full */
    uint64_t timeouts;               /* TcpExt TCPTimeouts: of retransmission timers */
    uint64_t memory_aborts;          /* TcpExt TCPAbortOnMemory */
    uint64_t backlog_drops;          /* TcpExt TCPBacklogDrop */
    /* At the moment. */
    uint64_t time_wait; /* sockets that wait out their ports (sockstat tw) */
};

/* One of them. */
struct kernel_counter {
    const char *name; /* as in struct kernel_counters */
    size_t offset;    /* into it */
    bool is_level;    /* of the moment, not since the start */
};

/* In the order above; NULL from the end on. */
const struct kernel_counter *kernel_counter_at(size_t index);
uint64_t kernel_counter_load(const struct kernel_counter *counter,
                             const struct kernel_counters *counters);

/* Reads the texts of /proc/net/snmp, netstat and sockstat. What they lack is 0. Pure. */
void kernel_counters_parse(const char *snmp, const char *netstat, const char *sockstat,
                           struct kernel_counters *ret_counters);

/* Reads them as they are now; some tens of microseconds. Returns 0 or -errno. */
int kernel_counters_read(struct kernel_counters *ret_counters);

/* What was counted between two readings; levels are those of the later one. */
void kernel_counters_since(const struct kernel_counters *before,
                           const struct kernel_counters *after,
                           struct kernel_counters *ret_counters);
