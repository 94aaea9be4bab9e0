#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/cpu_supply.h"

#define FILES_MAX 8

/* A folder that stands for the root of a machine. */
struct machine {
    char root[64];
    char *paths[FILES_MAX]; /* owned */
    size_t path_count;
};

static void machine_init(struct machine *machine)
{
    *machine = (struct machine){.root = "/tmp/throng-supply-XXXXXX"};
    assert_non_null(mkdtemp(machine->root));
}

/* Makes the folders above a file. */
static void make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
}

static void put(struct machine *machine, const char *path, const char *text)
{
    char *whole = NULL;
    FILE *file = NULL;

    assert_true(machine->path_count < FILES_MAX);
    assert_true(asprintf(&whole, "%s%s", machine->root, path) > 0);
    machine->paths[machine->path_count++] = whole;
    make_folders(whole, strlen(machine->root));
    file = fopen(whole, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void machine_deinit(struct machine *machine)
{
    for (size_t i = 0; i < machine->path_count; i++) {
        char *path = machine->paths[i];

        (void)unlink(path);
        do
            *strrchr(path, '/') = '\0';
        while (strlen(path) >= strlen(machine->root) && rmdir(path) == 0);
        free(path);
    }
}

static struct cpu_loss look(const struct machine *machine)
{
    struct cpu_supply supply;
    struct cpu_loss loss;

    cpu_supply_find(&supply, machine->root);
    cpu_supply_read(&supply, &loss);
    return loss;
}

/* As Docker shows it on a machine with cgroup v1: the path is the host's, the mount is its own. */
static void the_throttled_time_of_a_v1_container_is_found(void **state)
{
    struct machine machine;
    struct cpu_loss loss;

    (void)state;
    machine_init(&machine);
    put(&machine, "/proc/self/cgroup",
        "12:memory:/docker/3f1b\n4:cpu,cpuacct:/docker/3f1b\n1:name=systemd:/docker/"
        "3f1b\n");
    put(&machine, "/proc/self/mountinfo",
        "1037 1036 0:33 /docker/3f1b /sys/fs/cgroup/memory ro,nosuid master:15 - cgroup "
        "cgroup rw,memory\n"
        "1040 1036 0:30 /docker/3f1b /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:11 - "
        "cgroup cgroup rw,cpu,cpuacct\n");
    put(&machine, "/sys/fs/cgroup/cpu,cpuacct/cpu.stat",
        "nr_periods 5713\nnr_throttled 1283\nthrottled_time 96301294711\n");
    put(&machine, "/proc/self/schedstat", "89137 1064280 2\n");
    loss = look(&machine);
    assert_true(loss.throttled_known);
    assert_int_equal(loss.throttled_ns, 96301294711);
    assert_true(loss.wait_known);
    assert_int_equal(loss.wait_ns, 1064280);
    machine_deinit(&machine);
}

/* As systemd lays it out with v2: the quota may lie at any level. */
static void the_throttled_time_of_all_levels_of_v2_adds_up(void **state)
{
    static const char stat[] =
        "usage_usec 5135132\nuser_usec 3135132\nsystem_usec 2000000\nnr_periods 51\n"
        "nr_throttled 4\nthrottled_usec 250000\nnr_bursts 0\nburst_usec 0\n";
    struct machine machine;
    struct cpu_loss loss;

    (void)state;
    machine_init(&machine);
    put(&machine, "/proc/self/cgroup", "0::/kubepods/pod7/1f\n");
    put(&machine, "/proc/self/mountinfo",
        "24 22 0:21 / /proc rw,nosuid - proc proc rw\n"
        "31 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 "
        "rw,nsdelegate\n");
    put(&machine, "/sys/fs/cgroup/kubepods/pod7/1f/cpu.stat", stat);
    put(&machine, "/sys/fs/cgroup/kubepods/pod7/cpu.stat",
        "usage_usec 5135132\nthrottled_usec 1000\n");
    put(&machine, "/sys/fs/cgroup/kubepods/cpu.stat", "usage_usec 5135132\n");
    put(&machine, "/sys/fs/cgroup/cpu.stat", "usage_usec 99135132\n");
    loss = look(&machine);
    assert_true(loss.throttled_known);
    assert_int_equal(loss.throttled_ns, 251000 * NS_PER_US);
    assert_false(loss.wait_known);
    machine_deinit(&machine);
}

/* A cgroup namespace shows the process's own group as the root of all. */
static void a_container_with_a_namespace_of_its_own_reads_the_mount(void **state)
{
    struct machine machine;

    (void)state;
    machine_init(&machine);
    put(&machine, "/proc/self/cgroup", "0::/\n");
    put(&machine, "/proc/self/mountinfo",
        "31 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n");
    put(&machine, "/sys/fs/cgroup/cpu.stat", "usage_usec 1\nthrottled_usec 42\n");
    assert_int_equal(look(&machine).throttled_ns, 42 * NS_PER_US);
    machine_deinit(&machine);
}

/* Systems that are under way from v1 to v2 mount both, and the CPU belongs to one. */
static void of_a_hybrid_the_hierarchy_that_has_the_cpu_is_read(void **state)
{
    struct machine machine;

    (void)state;
    machine_init(&machine);
    put(&machine, "/proc/self/cgroup", "2:cpuacct:/a\n1:cpu:/a\n0::/b\n");
    put(&machine, "/proc/self/mountinfo",
        "32 31 0:29 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
        "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    put(&machine, "/sys/fs/cgroup/cpu/a/cpu.stat", "throttled_time 7\n");
    put(&machine, "/sys/fs/cgroup/cpu/cpu.stat", "throttled_time 0\n");
    put(&machine, "/sys/fs/cgroup/unified/b/cpu.stat", "usage_usec 3\n");
    assert_int_equal(look(&machine).throttled_ns, 7);
    machine_deinit(&machine);
}

static void what_cannot_be_found_is_not_known(void **state)
{
    static const char *const cgroups[] = {"", "0::/\n", "rubbish\n1:\n:::\n",
                                          "1:cpu:/a\n"};
    static const char *const mounts[] = {
        "", "rubbish\n - cgroup2\n", "1 2 3 - cgroup2 a b\n",
        "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cgroups); i++) {
        struct machine machine;
        struct cpu_loss loss;

        machine_init(&machine);
        put(&machine, "/proc/self/cgroup", cgroups[i]);
        put(&machine, "/proc/self/mountinfo", mounts[i]);
        put(&machine, "/proc/self/schedstat", i % 2 ? "1" : "1 x 3\n");
        loss = look(&machine);
        assert_false(loss.throttled_known);
        assert_false(loss.wait_known);
        assert_int_equal(loss.throttled_ns, 0);
        machine_deinit(&machine);
    }
}

static void the_files_of_this_machine_can_be_read_again_and_again(void **state)
{
    struct cpu_supply supply;
    struct cpu_loss before;
    struct cpu_loss after;

    (void)state;
    const int fd = cpu_wait_open();

    cpu_supply_find(&supply, "");
    cpu_supply_read(&supply, &before);
    cpu_supply_read(&supply, &after);
    assert_int_equal(before.throttled_known, after.throttled_known);
    assert_int_equal(before.wait_known, after.wait_known);
    assert_true(after.throttled_ns >= before.throttled_ns);
    assert_true(after.wait_ns >= before.wait_ns);
    assert_int_equal(fd >= 0, after.wait_known);
    assert_true(cpu_wait_read(fd) >= after.wait_ns);
    assert_int_equal(cpu_wait_read(-1), 0);
    assert_true(fd < 0 || close(fd) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_throttled_time_of_a_v1_container_is_found),
        cmocka_unit_test(the_throttled_time_of_all_levels_of_v2_adds_up),
        cmocka_unit_test(a_container_with_a_namespace_of_its_own_reads_the_mount),
        cmocka_unit_test(of_a_hybrid_the_hierarchy_that_has_the_cpu_is_read),
        cmocka_unit_test(what_cannot_be_found_is_not_known),
        cmocka_unit_test(the_files_of_this_machine_can_be_read_again_and_again),
    };

    return cmocka_run_group_tests_name("cpu_supply", tests, NULL, NULL);
}
