/*
 * What this machine has for a run: local ports, memory and processors, as /proc and the cgroup say.
 * What cannot be read is unknown, and nothing is concluded from it.
 */
#pragma once

#include <stdint.h>

#define SUPPLY_UNKNOWN UINT64_MAX

struct machine_supply {
    uint64_t ports; /* that connections from one local address to one server may have */
    uint64_t memory_bytes; /* available: of the machine, or what the cgroup leaves */
    double processors;     /* that the cgroup's quota allows; 0: unknown or no quota */
    uint64_t
        tracked_left; /* connections that the firewall can still follow (nf_conntrack) */
};

/* Reads the files below root: "" but in tests. */
void machine_supply_read(const char *root, struct machine_supply *ret_supply);

/* "32768 60999" less what of it is reserved, "40000,50000-50010\n": how many ports. 0: no range. */
uint64_t machine_supply_ports(const char *range, const char *reserved);
