#include "net/tcp.h"

#include <linux/tcp.h>
#include <netinet/in.h> // IWYU pragma: keep: IPPROTO_TCP, a macro of its own name
#include <sys/socket.h>

#include "base/clock.h"

void tcp_ask(int fd, struct tcp_facts *ret_facts)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);

    *ret_facts = (struct tcp_facts){0};
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
        return;
    /* The kernel's "no sample yet" is all ones. */
    if (info.tcpi_min_rtt != UINT32_MAX)
        ret_facts->rtt_min_ns = (uint64_t)info.tcpi_min_rtt * NS_PER_US;
    ret_facts->rtt_ns = (uint64_t)info.tcpi_rtt * NS_PER_US;
    ret_facts->rttvar_ns = (uint64_t)info.tcpi_rttvar * NS_PER_US;
    ret_facts->delivery_rate_bytes_per_s = info.tcpi_delivery_rate;
    ret_facts->retransmits = info.tcpi_total_retrans;
}
