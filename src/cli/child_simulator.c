#include "cli/child_simulator.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "plan/plan.h"

#define START_TIMEOUT_MS 10000

struct child_simulator {
    pid_t pid;
    char origin[128];
};

/* The words of the command, each allocated; NULL at the end. */
struct words {
    char **items;
    size_t count;
};

static int words_add(struct words *words, const char *option, const char *value)
{
    char **grown =
        (char **)reallocarray((void *)words->items, words->count + 2, sizeof(*grown));
    char *word = NULL;

    if (!grown)
        return -ENOMEM;
    words->items = grown;
    if (asprintf(&word, value ? "--%s=%s" : "%s", option, value) < 0)
        return -ENOMEM;
    words->items[words->count++] = word;
    words->items[words->count] = NULL;
    return 0;
}

static void words_deinit(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free((void *)words->items);
}

static int compose(const struct plan_setting *settings, size_t setting_count,
                   const char *ground_truth, struct words *words)
{
    int r = words_add(words, "throng", NULL);

    if (r >= 0)
        r = words_add(words, "simulate", NULL);
    if (r >= 0)
        r = words_add(words, "--listen", NULL);
    if (r >= 0)
        r = words_add(words, "127.0.0.1:0", NULL);
    if (r >= 0)
        r = words_add(words, "--exit-with-parent", NULL);
    if (r >= 0 && ground_truth)
        r = words_add(words, "ground-truth", ground_truth);
    for (size_t i = 0; r >= 0 && i < setting_count; i++)
        r = words_add(words, settings[i].key, settings[i].value);
    return r;
}

static int spawn(char **words, int output, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t no_signals;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    /* Its own process group: Ctrl-C in the terminal must reach the run only, which then drains. */
    sigemptyset(&no_signals);
    posix_spawnattr_setsigmask(&attributes, &no_signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const int error =
        posix_spawn(ret_pid, "/proc/self/exe", &actions, &attributes, words, environ);

    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* Reads one line, without its end. */
static int read_line(int fd, char *line, size_t size)
{
    const uint64_t until_ns = clock_mono_ns() + START_TIMEOUT_MS * NS_PER_MS;
    size_t len = 0;

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        const uint64_t now_ns = clock_mono_ns();

        if (now_ns >= until_ns ||
            poll(&ready, 1, (int)((until_ns - now_ns) / NS_PER_MS)) == 0)
            return -ETIMEDOUT;
        const ssize_t got = read(fd, line + len, size - 1 - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -ECHILD;
        len += (size_t)got;
        line[len] = '\0';
        if (strchr(line, '\n')) {
            line[strcspn(line, "\n")] = '\0';
            return 0;
        }
        if (len == size - 1)
            return -EPROTO;
    }
}

/* Its first line ends with its address. */
static int read_origin(int fd, struct child_simulator *child)
{
    char line[256] = "";
    const int r = read_line(fd, line, sizeof(line));
    const char *origin = strstr(line, "http://");

    if (r < 0)
        return r;
    if (!origin || strlen(origin) >= sizeof(child->origin))
        return -EPROTO;
    memcpy(child->origin, origin, strlen(origin) + 1);
    return 0;
}

int child_simulator_start(const struct plan_setting *settings, size_t setting_count,
                          const char *ground_truth, struct child_simulator **ret_child)
{
    struct child_simulator *child = calloc(1, sizeof(*child));
    struct words words = {0};
    int ends[2] = {-1, -1};
    int r = child ? compose(settings, setting_count, ground_truth, &words) : -ENOMEM;

    if (r >= 0 && pipe2(ends, O_CLOEXEC) < 0)
        r = -errno;
    if (r >= 0)
        r = spawn(words.items, ends[1], &child->pid);
    words_deinit(&words);
    if (ends[1] >= 0)
        close(ends[1]);
    if (r >= 0) {
        r = read_origin(ends[0], child);
        if (r < 0)
            child = child_simulator_stop(child);
    }
    if (ends[0] >= 0)
        close(ends[0]);
    if (r < 0) {
        free(child);
        return r;
    }
    *ret_child = child;
    return 0;
}

const char *child_simulator_origin(const struct child_simulator *child)
{
    return child->origin;
}

bool child_simulator_died(struct child_simulator *child)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child->pid;
}

struct child_simulator *child_simulator_stop(struct child_simulator *child)
{
    if (child) {
        kill(child->pid, SIGTERM);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        free(child);
    }
    return NULL;
}
