#include "base/cpu_supply.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/quantity.h"

/* cpu.stat and schedstat are far smaller. */
#define FILE_BYTES 4096
#define PATH_BYTES 1536

/* A line of mountinfo has six fields, then optional ones, a dash and three more (proc(5)). */
#define MOUNT_ROOT 3
#define MOUNT_POINT 4
#define AFTER_DASH 3

/* Fields of /proc/self/schedstat: time on the CPU, time waiting for it, slices. */
#define SCHEDSTAT_WAIT 1
#define SCHEDSTAT_BYTES 80

static FILE *open_file(const struct cpu_supply *supply, const char *path)
{
    char whole[PATH_BYTES];

    if (snprintf(whole, sizeof(whole), "%s%s", supply->root, path) >= (int)sizeof(whole))
        return NULL;
    return fopen(whole, "re");
}

/* The whole of a small file, NUL-terminated. Returns whether there is one. */
static bool read_file(const struct cpu_supply *supply, const char *path,
                      char ret_text[static FILE_BYTES])
{
    FILE *file = open_file(supply, path);

    if (!file)
        return false;
    ret_text[fread(ret_text, 1, FILE_BYTES - 1, file)] = '\0';
    (void)fclose(file);
    return true;
}

/* Whether a list such as "cpu,cpuacct" has the name. */
static bool has_name(const char *list, const char *name)
{
    const size_t len = strlen(name);

    for (; *list; list += strcspn(list, ","), list += *list == ',')
        if (strcspn(list, ",\n") == len && memcmp(list, name, len) == 0)
            return true;
    return false;
}

/* "4:cpu,cpuacct:/docker/1f" for v1, "0::/user.slice" for v2. */
static bool find_path(const struct cpu_supply *supply, bool unified, char *ret_path,
                      size_t size)
{
    FILE *file = open_file(supply, "/proc/self/cgroup");
    char *line = NULL;
    size_t cap = 0;
    bool found = false;

    while (file && !found && getline(&line, &cap, file) > 0) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!path)
            continue;
        *path++ = '\0';
        path[strcspn(path, "\n")] = '\0';
        found = unified ? controllers[1] == '\0' : has_name(controllers + 1, "cpu");
        found = found && snprintf(ret_path, size, "%s", path) < (int)size;
    }
    free(line);
    if (file)
        (void)fclose(file);
    return found;
}

/* A field of a line, counted from 0 and ended by a NUL; NULL where there are fewer. */
static char *take_field(char *line, int field)
{
    for (; field > 0; field--) {
        line = strchr(line, ' ');
        if (!line)
            return NULL;
        line++;
    }
    line[strcspn(line, " \n")] = '\0';
    return line;
}

/* The mount of the hierarchy: its own root, and where it stands. */
struct mount {
    char root[512];
    char point[512];
};

static bool read_mount(char *line, bool unified, struct mount *ret_mount)
{
    char *dash = strstr(line, " - ");
    const char *point = NULL;
    const char *root = NULL;

    if (!dash || strncmp(dash + AFTER_DASH, unified ? "cgroup2 " : "cgroup ",
                         unified ? strlen("cgroup2 ") : strlen("cgroup ")) != 0)
        return false;
    *dash = '\0';
    if (!unified) {
        const char *options = take_field(dash + AFTER_DASH, 2);

        if (!options || !has_name(options, "cpu"))
            return false;
    }
    point = take_field(line, MOUNT_POINT);
    root = take_field(line, MOUNT_ROOT);
    return point && root &&
           snprintf(ret_mount->root, sizeof(ret_mount->root), "%s", root) <
               (int)sizeof(ret_mount->root) &&
           snprintf(ret_mount->point, sizeof(ret_mount->point), "%s", point) <
               (int)sizeof(ret_mount->point);
}

static bool find_mount(const struct cpu_supply *supply, bool unified,
                       struct mount *ret_mount)
{
    FILE *file = open_file(supply, "/proc/self/mountinfo");
    char *line = NULL;
    size_t cap = 0;
    bool found = false;

    while (file && !found && getline(&line, &cap, file) > 0)
        found = read_mount(line, unified, ret_mount);
    free(line);
    if (file)
        (void)fclose(file);
    return found;
}

/* In a container the path is the host's, and the mount shows what lies below its own root. */
static const char *below_root(const char *path, const char *root)
{
    const size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

    if (strncmp(path, root, len) != 0 || (path[len] != '/' && path[len] != '\0'))
        return "";
    return strcmp(path + len, "/") == 0 ? "" : path + len;
}

/* The number behind a key at the beginning of a line of "key number" lines. */
static bool read_number(char *text, const char *key, uint64_t *ret_number)
{
    const size_t len = strlen(key);

    for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, key, len) != 0 || line[len] != ' ')
            continue;
        line[strcspn(line, "\n")] = '\0';
        return quantity_parse_count(line + len + 1, ret_number) == 0;
    }
    return false;
}

static bool read_throttled(const struct cpu_supply *supply, const char *folder,
                           uint64_t *ret_ns)
{
    char path[PATH_BYTES];
    char text[FILE_BYTES];
    uint64_t number = 0;

    (void)snprintf(path, sizeof(path), "%s/cpu.stat", folder);
    if (!read_file(supply, path, text) || !read_number(text, supply->key, &number))
        return false;
    *ret_ns = number * supply->ns_in_its_unit;
    return true;
}

static bool find_folder(struct cpu_supply *supply, bool unified)
{
    struct mount mount;
    char path[512];
    uint64_t ns = 0;

    supply->key = unified ? "throttled_usec" : "throttled_time";
    supply->ns_in_its_unit = unified ? NS_PER_US : 1;
    if (!find_path(supply, unified, path, sizeof(path)) ||
        !find_mount(supply, unified, &mount))
        return false;
    supply->mount_len = strlen(mount.point);
    (void)snprintf(supply->folder, sizeof(supply->folder), "%s%s", mount.point,
                   strstr(path, "..") ? "" : below_root(path, mount.root));
    /* The root of v2 has no such time, for it has no quota. */
    if (read_throttled(supply, supply->folder, &ns))
        return true;
    supply->folder[0] = '\0';
    return false;
}

void cpu_supply_find(struct cpu_supply *supply, const char *root)
{
    *supply = (struct cpu_supply){0};
    if (snprintf(supply->root, sizeof(supply->root), "%s", root) >=
        (int)sizeof(supply->root))
        return;
    if (!find_folder(supply, false))
        (void)find_folder(supply, true);
}

int cpu_wait_open(void)
{
    return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

uint64_t cpu_wait_read(int fd)
{
    char text[SCHEDSTAT_BYTES];
    const ssize_t count = fd >= 0 ? pread(fd, text, sizeof(text) - 1, 0) : 0;
    const char *wait = NULL;
    uint64_t wait_ns = 0;

    text[count > 0 ? count : 0] = '\0';
    wait = take_field(text, SCHEDSTAT_WAIT);
    return wait && quantity_parse_count(wait, &wait_ns) == 0 ? wait_ns : 0;
}

void cpu_supply_read(const struct cpu_supply *supply, struct cpu_loss *ret_loss)
{
    char folder[sizeof(supply->folder)];
    char text[FILE_BYTES];
    const char *wait = NULL;

    *ret_loss = (struct cpu_loss){0};
    (void)snprintf(folder, sizeof(folder), "%s", supply->folder);
    while (*folder && strlen(folder) >= supply->mount_len) {
        uint64_t ns = 0;
        char *slash = NULL;

        if (read_throttled(supply, folder, &ns)) {
            ret_loss->throttled_known = true;
            ret_loss->throttled_ns += ns;
        }
        slash = strrchr(folder, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    if (!read_file(supply, "/proc/self/schedstat", text))
        return;
    wait = take_field(text, SCHEDSTAT_WAIT);
    ret_loss->wait_known = wait && quantity_parse_count(wait, &ret_loss->wait_ns) == 0;
}
