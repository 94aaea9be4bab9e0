/*
 * What the kernel's TCP knows of a connection. Apart from the rest because <linux/tcp.h>, which
 * has the smallest round trip, and the C library's header refuse each other.
 */
#pragma once

#include <stdint.h>

struct tcp_facts {
    uint64_t rtt_min_ns;  /* the smallest round trip so far, 0: unknown */
    uint32_t retransmits; /* segments sent again since the connection was made */
};

/* Asks; all is 0 where the kernel does not say. */
void tcp_ask(int fd, struct tcp_facts *ret_facts);
