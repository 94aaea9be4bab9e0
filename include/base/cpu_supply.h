/*
 * The supply of CPU time: files of /proc and the cgroup → how long the kernel kept this process
 * from running although it had work. It knows cgroup v1 and v2, and adds up all levels that it can
 * see, since a quota may lie at any of them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Where the files are. Plain data; the fields are private. */
struct cpu_supply {
    char root[256];     /* stands before every path; "": the machine's own files */
    char folder[1024];  /* of this process's cgroup; "": none was found */
    uint64_t mount_len; /* its first bytes: where the hierarchy is mounted */
    const char *key;    /* of the throttled time in cpu.stat */
    uint64_t ns_in_its_unit;
};

/* Time lost so far, since the process or its cgroup began: differences of two readings count. */
struct cpu_loss {
    bool throttled_known; /* false: no cgroup with a CPU controller */
    /* Of all processes and CPUs of the cgroup together, so it may pass the time that went by. */
    uint64_t throttled_ns;
    bool wait_known; /* false: the kernel does not count it */
    /* The main thread was ready to run and others had the CPU; throttling is in it too. */
    uint64_t wait_ns;
};

/* Finds the files below root: "" but in tests. What there is not stays unknown. */
void cpu_supply_find(struct cpu_supply *supply, const char *root);

/*
 * The wait_ns of the calling thread, for those who must know it often: some 1 µs a reading. Opens
 * the file; -1 where the kernel does not count it, of which 0 is read. close() ends it.
 */
int cpu_wait_open(void);
uint64_t cpu_wait_read(int fd);

/* Reads them: some small files, well below a millisecond. */
void cpu_supply_read(const struct cpu_supply *supply, struct cpu_loss *ret_loss);
