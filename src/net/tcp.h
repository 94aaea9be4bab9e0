/*
 * What the kernel's TCP knows of a connection. Apart from the rest because <linux/tcp.h>, which
 * has the smallest round trip, and the C library's header refuse each other.
 */
#pragma once

#include <stdint.h>

/* All 0 where the kernel does not say. */
struct tcp_facts {
    uint64_t rtt_min_ns;                /* the smallest round trip so far */
    uint64_t rtt_ns;                    /* smoothed, RFC 6298 */
    uint64_t rttvar_ns;                 /* its variation, likewise */
    uint64_t delivery_rate_bytes_per_s; /* of what we sent, at its latest */
    uint32_t retransmits; /* segments sent again since the connection was made */
};

/* Asks. */
void tcp_ask(int fd, struct tcp_facts *ret_facts);
