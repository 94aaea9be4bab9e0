/*
 * Sources: Documentation/networking/ip-sysctl.rst (ip_local_port_range, ip_local_reserved_ports),
 * Documentation/admin-guide/cgroup-v2.rst (memory.max, memory.current, cpu.max), proc(5).
 */
#include "cli/machine_supply.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES 8192
#define PATH_BYTES 512
#define LAST_PORT 65535

/* A file's text, cut; "" where it cannot be read. */
static bool read_text(const char *root, const char *path, char text[static FILE_BYTES])
{
    char whole[PATH_BYTES];
    FILE *file;
    size_t len;

    text[0] = '\0';
    (void)snprintf(whole, sizeof(whole), "%s%s", root, path);
    file = fopen(whole, "re");
    if (!file)
        return false;
    len = fread(text, 1, FILE_BYTES - 1, file);
    text[len] = '\0';
    (void)fclose(file);
    return len > 0;
}

/* A number behind blanks at *text, which moves past it. false: there is none. */
static bool take_number(const char **text, uint64_t *ret_number)
{
    char *end;

    *text += strspn(*text, " \t");
    if (**text < '0' || **text > '9')
        return false;
    *ret_number = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

static uint64_t read_number(const char *root, const char *path)
{
    char text[FILE_BYTES];
    const char *at = text;
    uint64_t number;

    if (!read_text(root, path, text) || !take_number(&at, &number))
        return SUPPLY_UNKNOWN;
    return number;
}

/* How many of [low, high] are in a list such as "40000,50000-50010". */
static uint64_t reserved_in(const char *list, uint64_t low, uint64_t high)
{
    uint64_t count = 0;
    uint64_t first;
    uint64_t last;

    while (take_number(&list, &first)) {
        last = first;
        if (*list == '-') {
            list++;
            (void)take_number(&list, &last);
        }
        first = first < low ? low : first;
        last = last > high ? high : last;
        count += last >= first ? last - first + 1 : 0;
        if (*list != ',')
            break;
        list++;
    }
    return count;
}

uint64_t machine_supply_ports(const char *range, const char *reserved)
{
    uint64_t low;
    uint64_t high;
    uint64_t ports;
    uint64_t taken;

    if (!take_number(&range, &low) || !take_number(&range, &high) || low > high ||
        high > LAST_PORT)
        return 0;
    ports = high - low + 1;
    taken = reserved_in(reserved, low, high);
    return ports > taken ? ports - taken : 0;
}

static uint64_t read_ports(const char *root)
{
    char range[FILE_BYTES];
    char reserved[FILE_BYTES];
    uint64_t ports;

    (void)read_text(root, "/proc/sys/net/ipv4/ip_local_reserved_ports", reserved);
    if (!read_text(root, "/proc/sys/net/ipv4/ip_local_port_range", range))
        return SUPPLY_UNKNOWN;
    ports = machine_supply_ports(range, reserved);
    return ports > 0 ? ports : SUPPLY_UNKNOWN;
}

/* The number behind a word such as "MemAvailable:" in a file of such lines. */
static uint64_t read_named(const char *root, const char *path, const char *word)
{
    char text[FILE_BYTES];
    const char *line;
    uint64_t number;

    if (!read_text(root, path, text))
        return SUPPLY_UNKNOWN;
    line = strstr(text, word);
    line = line ? line + strlen(word) : "";
    return take_number(&line, &number) ? number : SUPPLY_UNKNOWN;
}

/* What the cgroup uses and cannot give back: pages of files that nobody reads go when they must. */
static uint64_t read_used(const char *root)
{
    const uint64_t used = read_number(root, "/sys/fs/cgroup/memory.current");
    const uint64_t idle =
        read_named(root, "/sys/fs/cgroup/memory.stat", "\ninactive_file ");

    if (used == SUPPLY_UNKNOWN || idle == SUPPLY_UNKNOWN)
        return used;
    return used > idle ? used - idle : 0;
}

static uint64_t read_memory(const char *root)
{
    const uint64_t limit = read_number(root, "/sys/fs/cgroup/memory.max");
    const uint64_t used = read_used(root);
    const uint64_t kib = read_named(root, "/proc/meminfo", "MemAvailable:");
    uint64_t available = kib == SUPPLY_UNKNOWN ? SUPPLY_UNKNOWN : kib * 1024;

    if (limit != SUPPLY_UNKNOWN && used != SUPPLY_UNKNOWN) {
        const uint64_t left = limit > used ? limit - used : 0;

        available = left < available ? left : available;
    }
    return available;
}

/* "200000 100000", or "max 100000". */
static double read_processors(const char *root)
{
    char text[FILE_BYTES];
    const char *at = text;
    uint64_t quota;
    uint64_t period;

    if (!read_text(root, "/sys/fs/cgroup/cpu.max", text) || !take_number(&at, &quota) ||
        !take_number(&at, &period))
        return 0;
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): it is looked at, as the number that it is */
    return period > 0 ? (double)quota / (double)period : 0;
}

static uint64_t read_tracked_left(const char *root)
{
    const uint64_t most = read_number(root, "/proc/sys/net/netfilter/nf_conntrack_max");
    const uint64_t now = read_number(root, "/proc/sys/net/netfilter/nf_conntrack_count");

    if (most == SUPPLY_UNKNOWN || now == SUPPLY_UNKNOWN)
        return SUPPLY_UNKNOWN;
    return most > now ? most - now : 0;
}

void machine_supply_read(const char *root, struct machine_supply *ret_supply)
{
    *ret_supply = (struct machine_supply){
        .ports = read_ports(root),
        .memory_bytes = read_memory(root),
        .processors = read_processors(root),
        .tracked_left = read_tracked_left(root),
    };
}
