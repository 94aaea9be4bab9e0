#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cli/machine_supply.h"

static void ports_are_those_of_the_range_that_are_not_reserved(void **state)
{
    (void)state;
    assert_int_equal(machine_supply_ports("32768\t60999\n", ""), 28232);
    assert_int_equal(machine_supply_ports("32768 60999", "\n"), 28232);
    assert_int_equal(machine_supply_ports("1000 1009", "1000"), 9);
    assert_int_equal(machine_supply_ports("1000 1009", "990-1001,1005,1008-2000"), 5);
    assert_int_equal(machine_supply_ports("1000 1009", "1-65535"), 0);
    assert_int_equal(machine_supply_ports("1000 1009", "2000-3000,5"), 10);
}

static void what_is_no_range_has_no_ports(void **state)
{
    static const char *const bad[] = {"", "5", "x y", "10 5", "1 70000", "-5 10"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(machine_supply_ports(bad[i], ""), 0);
}

static void write_file(const char *root, const char *path, const char *text)
{
    char whole[512];
    FILE *file;

    (void)snprintf(whole, sizeof(whole), "%s%s", root, path);
    for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(whole, 0700);
        *slash = '/';
    }
    file = fopen(whole, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_machine_that_tells_nothing_is_unknown(void **state)
{
    char root[] = "/tmp/throng-supply-XXXXXX";
    struct machine_supply supply;

    (void)state;
    assert_non_null(mkdtemp(root));
    machine_supply_read(root, &supply);
    assert_true(supply.ports == SUPPLY_UNKNOWN);
    assert_true(supply.memory_bytes == SUPPLY_UNKNOWN);
    assert_true(supply.processors == 0);
    assert_true(supply.tracked_left == SUPPLY_UNKNOWN);
}

static void a_cgroup_holds_a_machine_down(void **state)
{
    char root[] = "/tmp/throng-supply-XXXXXX";
    struct machine_supply supply;

    (void)state;
    assert_non_null(mkdtemp(root));
    write_file(root, "/proc/meminfo", "MemTotal: 100 kB\nMemAvailable:    2000 kB\n");
    machine_supply_read(root, &supply);
    assert_int_equal(supply.memory_bytes, 2000 * 1024);

    write_file(root, "/sys/fs/cgroup/memory.max", "1000000\n");
    write_file(root, "/sys/fs/cgroup/memory.current", "400000\n");
    write_file(root, "/sys/fs/cgroup/cpu.max", "50000 100000\n");
    write_file(root, "/proc/sys/net/ipv4/ip_local_port_range", "32768 60999\n");
    write_file(root, "/proc/sys/net/netfilter/nf_conntrack_max", "1000\n");
    write_file(root, "/proc/sys/net/netfilter/nf_conntrack_count", "300\n");
    machine_supply_read(root, &supply);
    assert_int_equal(supply.memory_bytes, 600000);
    assert_true(supply.processors == 0.5);
    assert_int_equal(supply.ports, 28232);
    assert_int_equal(supply.tracked_left, 700);

    /* Pages of files that nobody reads are given back when they must be. */
    write_file(root, "/sys/fs/cgroup/memory.stat",
               "anon 1\nworkingset 7\ninactive_file 100000\nactive_file 9\n");
    machine_supply_read(root, &supply);
    assert_int_equal(supply.memory_bytes, 700000);

    write_file(root, "/sys/fs/cgroup/memory.max", "max\n");
    write_file(root, "/sys/fs/cgroup/cpu.max", "max 100000\n");
    machine_supply_read(root, &supply);
    assert_int_equal(supply.memory_bytes, 2000 * 1024);
    assert_true(supply.processors == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_are_those_of_the_range_that_are_not_reserved),
        cmocka_unit_test(what_is_no_range_has_no_ports),
        cmocka_unit_test(a_machine_that_tells_nothing_is_unknown),
        cmocka_unit_test(a_cgroup_holds_a_machine_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
