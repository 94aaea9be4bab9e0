#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/kernel_counters.h"

/* As Linux 6.1 wrote them (proc_net_snmp(5)); of netstat some of its 129 columns. */
static const char snmp[] =
    "Ip: Forwarding DefaultTTL InReceives\n"
    "Ip: 2 64 15790432\n"
    "IcmpMsg: InType3\n"
    "IcmpMsg: 76\n"
    "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails "
    "EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\n"
    "Tcp: 1 200 120000 -1 53134 53020 72 43305 2624 15790432 15789984 41 3 22618 0\n"
    "Udp: InDatagrams NoPorts InErrors\n"
    "Udp: 21 0 9\n";

static const char netstat[] = "TcpExt: SyncookiesSent TW ListenOverflowsOld "
                              "ListenOverflows ListenDrops TCPTimeouts TCPBacklogDrop "
                              "TCPAbortOnMemory TCPAbortOnTimeout\n"
                              "TcpExt: 0 29765 22 23 24 1168 5 2 58\n"
                              "IpExt: InNoRoutes TCPTimeouts\n"
                              "IpExt: 0 999\n"
                              "MPTcpExt: MPCapableSYNRX ListenOverflows\n"
                              "MPTcpExt: 0 77\n";

static const char sockstat[] = "sockets: used 2767\n"
                               "TCP: inuse 2626 orphan 0 tw 6283 alloc 2626 mem 1979\n"
                               "UDP: inuse 0 mem 0\n";

static void the_counters_stand_under_their_names(void **state)
{
    struct kernel_counters counters;

    (void)state;
    kernel_counters_parse(snmp, netstat, sockstat, &counters);
    assert_int_equal(counters.retransmitted_segments, 41);
    assert_int_equal(counters.failed_connects, 72);
    assert_int_equal(counters.resets, 43305);
    assert_int_equal(counters.bad_segments, 3);
    assert_int_equal(counters.listen_overflows, 23);
    assert_int_equal(counters.timeouts, 1168);
    assert_int_equal(counters.memory_aborts, 2);
    assert_int_equal(counters.backlog_drops, 5);
    assert_int_equal(counters.time_wait, 6283);
}

static void what_a_kernel_does_not_tell_is_0(void **state)
{
    static const char *const odd[] = {"",
                                      "\n",
                                      "Tcp: ",
                                      "Tcp: RetransSegs\n",
                                      "Tcp: RetransSegs\nTcp: -1",
                                      "Tcp: InSegs RetransSegs\nTcp: 5\n",
                                      "TCP: tw"};
    const struct kernel_counters none = {0};
    struct kernel_counters counters;

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        kernel_counters_parse(odd[i], odd[i], odd[i], &counters);
        assert_memory_equal(&counters, &none, sizeof(none));
    }
}

static void counters_are_told_since_the_start_and_levels_as_they_are(void **state)
{
    const struct kernel_counters before = {
        .retransmitted_segments = 41, .resets = 9, .time_wait = 500};
    const struct kernel_counters after = {
        .retransmitted_segments = 50, .resets = 7, .time_wait = 20};
    struct kernel_counters since;

    (void)state;
    kernel_counters_since(&before, &after, &since);
    assert_int_equal(since.retransmitted_segments, 9);
    assert_int_equal(since.resets,
                     0); /* it began anew: nothing is known, and nothing wraps */
    assert_int_equal(since.time_wait, 20);
}

static void this_kernel_tells_them(void **state)
{
    struct kernel_counters counters;

    (void)state;
    assert_int_equal(kernel_counters_read(&counters), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counters_stand_under_their_names),
        cmocka_unit_test(what_a_kernel_does_not_tell_is_0),
        cmocka_unit_test(counters_are_told_since_the_start_and_levels_as_they_are),
        cmocka_unit_test(this_kernel_tells_them),
    };

    return cmocka_run_group_tests_name("kernel_counters", tests, NULL, NULL);
}
