#include "cli/preflight_machine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "cli/descriptors.h"
#include "cli/machine_supply.h"
#include "cli/preflight_report.h"
#include "measure/footprint.h"
#include "plan/load.h"
#include "plan/plan.h"

#define MAX_TEXT_BYTES 512
#define PATH_BYTES 4096

/* What a streaming user takes, in the clear and over TLS, and what throng takes itself (doc/performance.md). */
#define USER_BYTES (UINT64_C(18) * 1024)
#define SECURE_USER_BYTES (UINT64_C(80) * 1024)
#define OWN_BYTES (UINT64_C(24) * 1024 * 1024)

/* What values fall into of the histograms' range, mostly. */
#define FOOTPRINT_SHARE 10

/* samples.bin at most, and with less than that left a warning. */
#define RESULTS_BYTES (UINT64_C(1) << 30)

/* HTTP/2: streams that servers mostly allow on one connection (RFC 9113, section 6.5.2). */
#define USUAL_STREAMS 100

static void check_descriptors(uint64_t users, struct preflight_report *report)
{
    const uint64_t needed = descriptors_needed(users);
    const int64_t allowed = descriptors_raise();

    if (allowed >= 0 && (uint64_t)allowed < needed)
        preflight_find(report, FINDING_FAILED, "descriptors",
                       "%" PRIu64 " users need %" PRIu64 " file descriptors, and this "
                       "process may have %" PRId64 ": raise the hard limit (ulimit -Hn) "
                       "or ask for fewer users.",
                       users, needed, allowed);
    else
        preflight_find(report, FINDING_PASSED, "descriptors",
                       "%" PRIu64 " needed, %" PRId64 " allowed", needed, allowed);
}

/* Connections to a target at the same time, at most. */
static uint64_t connections_to(const struct plan_target *target, uint64_t users)
{
    const uint64_t streams =
        target->connections.streams ? target->connections.streams : USUAL_STREAMS;
    uint64_t needed = users;

    if (target->http == PLAN_HTTP_2)
        needed = (users + streams - 1) / streams;
    if (target->connections.max && needed > target->connections.max)
        needed = target->connections.max;
    return needed;
}

static void check_ports(const struct plan_target *target, uint64_t users,
                        const struct machine_supply *supply,
                        struct preflight_report *report)
{
    const uint64_t sources =
        target->connections.source_count ? target->connections.source_count : 1;
    const uint64_t needed = connections_to(target, users);
    char what[FINDING_WHAT_BYTES];

    (void)snprintf(what, sizeof(what), "ports to %.60s", target->name);
    if (supply->ports == SUPPLY_UNKNOWN)
        preflight_find(report, FINDING_SKIPPED, what, "the range of ports is not told");
    else if (needed > supply->ports * sources)
        preflight_find(
            report, FINDING_FAILED, what,
            "%" PRIu64 " connections to %s need as many local ports, and %" PRIu64
            " address%s of this machine %s %" PRIu64 ": give it more addresses "
            "(connections: {sources: [10.0.0.5, 10.0.0.6]}), or widen "
            "net.ipv4.ip_local_port_range.",
            needed, target->name, sources, sources > 1 ? "es" : "",
            sources > 1 ? "have" : "has", supply->ports * sources);
    else
        preflight_find(report, FINDING_PASSED, what,
                       "%" PRIu64 " needed, %" PRIu64 " there are", needed,
                       supply->ports * sources);
}

/* Whether a socket can be bound to it. Returns 0 or a negative errno. */
static int try_source(const char *source)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const bool is_v4 = inet_pton(AF_INET, source, &v4.sin_addr) == 1;
    const struct sockaddr *address = is_v4 ? (const struct sockaddr *)(const void *)&v4
                                           : (const struct sockaddr *)(const void *)&v6;
    int r = 0;
    int fd;

    if (!is_v4 && inet_pton(AF_INET6, source, &v6.sin6_addr) != 1)
        return -EINVAL;
    fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, address, is_v4 ? sizeof(v4) : sizeof(v6)) < 0)
        r = -errno;
    (void)close(fd);
    return r;
}

static void check_sources(const struct plan_target *target,
                          struct preflight_report *report)
{
    const struct plan_connections *connections = &target->connections;
    size_t good = 0;

    for (size_t i = 0; i < connections->source_count; i++) {
        const int r = try_source(connections->sources[i]);

        good += r == 0;
        if (r < 0)
            preflight_find(report, FINDING_FAILED, "source addresses",
                           "No connection can come from %s (%s): connections.sources of "
                           "%s must be addresses of this machine; `ip addr add %s/32 dev "
                           "lo` gives it one.",
                           connections->sources[i], strerror(-r), target->name,
                           connections->sources[i]);
    }
    if (connections->source_count > 0 && good == connections->source_count)
        preflight_find(report, FINDING_PASSED, "source addresses",
                       "all %zu are this machine's", good);
}

static void check_targets(const struct plan *plan, uint64_t users,
                          const struct machine_supply *supply,
                          struct preflight_report *report)
{
    uint64_t connections = 0;

    for (size_t i = 0; i < plan->target_count; i++) {
        check_ports(&plan->targets[i], users, supply, report);
        check_sources(&plan->targets[i], report);
        connections += connections_to(&plan->targets[i], users);
    }
    if (supply->tracked_left != SUPPLY_UNKNOWN && connections > supply->tracked_left)
        preflight_find(report, FINDING_WARNING, "firewall",
                       "this machine follows %" PRIu64 " connections more, and the run "
                       "may make %" PRIu64 ": what is beyond is dropped without a word; "
                       "raise net.netfilter.nf_conntrack_max",
                       supply->tracked_left, connections);
}

static uint64_t memory_needed(const struct plan *plan, uint64_t users)
{
    uint64_t user_bytes = USER_BYTES;

    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].origin &&
            strncmp(plan->targets[i].origin, "https:", sizeof("https:") - 1) == 0)
            user_bytes = SECURE_USER_BYTES;
    return OWN_BYTES + users * user_bytes + footprint_of(plan).bytes / FOOTPRINT_SHARE;
}

static void check_memory(const struct plan *plan, uint64_t users,
                         const struct machine_supply *supply,
                         struct preflight_report *report)
{
    const uint64_t needed = memory_needed(plan, users);
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    if (supply->memory_bytes == SUPPLY_UNKNOWN) {
        preflight_find(report, FINDING_SKIPPED, "memory",
                       "how much there is is not told");
        return;
    }
    buf_append_str(&text, "about ");
    quantity_format_size(&text, needed);
    buf_append_str(&text, " needed, beside conversations; ");
    quantity_format_size(&text, supply->memory_bytes);
    buf_append_str(&text, " available");
    if (needed > supply->memory_bytes)
        preflight_find(report, FINDING_WARNING, "memory",
                       "%s: ask for fewer users, or share them over workers",
                       buf_str(&text));
    else
        preflight_find(report, FINDING_PASSED, "memory", "%s", buf_str(&text));
}

static void check_processors(const struct machine_supply *supply,
                             struct preflight_report *report)
{
    if (supply->processors > 0 && supply->processors < 1)
        preflight_find(report, FINDING_WARNING, "processors",
                       "the cgroup allows %.2g of one processor: when it is used up all "
                       "stands still, and what is measured then is wrong by that; the "
                       "trust grade will say so",
                       supply->processors);
    else if (supply->processors > 0)
        preflight_find(report, FINDING_PASSED, "processors", "%.3g by the cgroup's quota",
                       supply->processors);
    else
        preflight_find(report, FINDING_PASSED, "processors", "no quota");
}

/* The folder, or the nearest one above it that there is. */
static void find_folder(const char *out, char path[static PATH_BYTES])
{
    char *slash;

    (void)snprintf(path, PATH_BYTES, "%s", out);
    while (access(path, F_OK) < 0) {
        slash = strrchr(path, '/');
        if (!slash) {
            (void)snprintf(path, PATH_BYTES, ".");
            return;
        }
        if (slash == path) {
            path[1] = '\0';
            return;
        }
        *slash = '\0';
    }
}

static void check_results(const char *out, struct preflight_report *report)
{
    char path[PATH_BYTES];
    struct statvfs facts;
    uint64_t left_bytes;
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    find_folder(out, path);
    if (access(path, W_OK | X_OK) < 0 || statvfs(path, &facts) < 0) {
        preflight_find(report, FINDING_FAILED, "results folder",
                       "Results cannot be written to %.200s: %s; choose another folder "
                       "with --out.",
                       out, strerror(errno));
        return;
    }
    left_bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
    quantity_format_size(&text, left_bytes);
    if (left_bytes == 0)
        preflight_find(report, FINDING_FAILED, "results folder",
                       "%.200s has no room left for results: make some, or choose "
                       "another folder with --out.",
                       out);
    else if (left_bytes < RESULTS_BYTES)
        preflight_find(report, FINDING_WARNING, "results folder",
                       "%.200s has %s left: a long run may fill it with samples.bin, "
                       "which takes up to 1 GiB",
                       out, buf_str(&text));
    else
        preflight_find(report, FINDING_PASSED, "results folder", "%.200s, %s left", out,
                       buf_str(&text));
}

void preflight_machine(const struct plan *plan, const char *out,
                       struct preflight_report *report)
{
    const uint64_t peak = plan_peak_users(plan);
    /* Of the whole; a worker has its share. */
    const uint64_t users = (peak + plan->worker_count - 1) / plan->worker_count;
    struct machine_supply supply;

    machine_supply_read("", &supply);
    check_descriptors(users, report);
    check_targets(plan, users, &supply, report);
    check_memory(plan, users, &supply, report);
    check_processors(&supply, report);
    check_results(out ? out : "results", report);
}
