/*
 * How many chunks per second the simulator gives with one core, to a reader that does nothing but
 * throw bytes away (epoll, recv with MSG_TRUNC): what a client can be measured against.
 *
 *   bench_simulator STREAMS GAP SECONDS [KEY=VALUE …]
 *
 * GAP 0 writes as fast as it can; a gap paces each stream, and the processor time that this takes
 * is what counts. KEY=VALUE sets an option of the simulator, such as ground_truth=/tmp/truth.
 * The simulator runs in a child, pinned to the first processor; the reader on the second.
 */
#include "simulator/simulator.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"

#define REQUEST                                                                          \
    "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],"    \
    "\"stream\":true,\"ignore_eos\":true,\"max_tokens\":1000000}"

struct server {
    struct simulator *simulator;
    uv_signal_t stop;
    int counts_pipe;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench_simulator: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void pin(size_t processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
}

static void set(struct simulator_options *options, const char *key, const char *value)
{
    struct buf error = BUF_INIT(1024);

    if (simulator_options_set(options, key, value, &error) < 0) {
        (void)fprintf(stderr, "%s\n", buf_str(&error));
        exit(2);
    }
}

static void on_stopped(void *ctx)
{
    struct server *server = ctx;
    const struct simulator_counts counts = simulator_counts(server->simulator);

    if (write(server->counts_pipe, &counts, sizeof(counts)) != sizeof(counts))
        fail("write");
    simulator_free(server->simulator);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct server *server = signal->data;

    (void)number;
    uv_close((uv_handle_t *)signal, NULL);
    simulator_stop(server->simulator, 0, on_stopped, server);
}

/* The child: serves until SIGTERM, then tells its counts. */
static int serve(const struct simulator_options *options, int port_pipe, int counts_pipe)
{
    struct buf error = BUF_INIT(1024);
    struct server server = {.counts_pipe = counts_pipe};
    char url[64];
    uv_loop_t loop;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(0);
    uv_loop_init(&loop);
    if (simulator_new(&loop, options, &error, &server.simulator) < 0) {
        (void)fprintf(stderr, "%s\n", buf_str(&error));
        return 1;
    }
    simulator_url(server.simulator, url);
    if (write(port_pipe, url, sizeof(url)) != sizeof(url))
        return 1;
    uv_signal_init(&loop, &server.stop);
    server.stop.data = &server;
    uv_signal_start(&server.stop, on_signal, SIGTERM);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) < 0;
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char text[1024];
    const int len = snprintf(text, sizeof(text),
                             "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
                             "Content-Length: %zu\r\n\r\n%s",
                             strlen(REQUEST), REQUEST);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0)
        fail("connect");
    if (write(fd, text, (size_t)len) != len)
        fail("write");
    return fd;
}

/* Throws away what comes for so long. Returns the bytes. */
static uint64_t drain(int epoll, uint64_t duration_ns)
{
    const uint64_t begin_ns = clock_mono_ns();
    struct epoll_event events[1024];
    uint64_t bytes = 0;

    while (clock_mono_ns() - begin_ns < duration_ns) {
        const int count = epoll_wait(epoll, events, 1024, 100);

        for (int i = 0; i < count; i++) {
            const ssize_t got =
                recv(events[i].data.fd, NULL, 1024 * 1024, MSG_TRUNC | MSG_DONTWAIT);

            if (got == 0)
                fail("the simulator closed");
            if (got > 0)
                bytes += (uint64_t)got;
        }
    }
    return bytes;
}

static double cpu_s(const struct rusage *usage)
{
    return (double)usage->ru_utime.tv_sec + (double)usage->ru_utime.tv_usec / 1e6 +
           (double)usage->ru_stime.tv_sec + (double)usage->ru_stime.tv_usec / 1e6;
}

/* The parent: opens the streams, reads for so long, stops the child, prints the figures. */
static int measure(uint64_t streams, uint64_t seconds, int url_pipe, int counts_pipe,
                   pid_t child)
{
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct rusage usage = {0};
    uint64_t port = 0;
    struct simulator_counts counts;
    uint64_t begin_ns;
    double elapsed_s;
    char text[64] = "";
    int status;

    pin(1);
    if (read(url_pipe, text, sizeof(text)) != sizeof(text) ||
        quantity_parse_count(strrchr(text, ':') + 1, &port) < 0)
        return 1;
    begin_ns = clock_mono_ns();
    for (uint64_t i = 0; i < streams; i++) {
        struct epoll_event event = {.events = EPOLLIN};

        event.data.fd = connect_to((uint16_t)port);
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
            fail("epoll_ctl");
        if (i % 64 == 63)
            drain(epoll, NS_PER_MS);
    }
    drain(epoll, seconds * NS_PER_S);
    elapsed_s = (double)(clock_mono_ns() - begin_ns) / 1e9;
    kill(child, SIGTERM);
    if (read(counts_pipe, &counts, sizeof(counts)) != sizeof(counts) ||
        wait4(child, &status, 0, &usage) < 0 || status != 0)
        fail("the simulator failed");
    (void)printf("%" PRIu64 " streams: %.0f chunks/s, simulator %.0f%% of a core, "
                 "%.2f us of its processor per chunk = %.0f chunks/s per core, %ld KiB, "
                 "%.2f%% late, at worst %.1f ms\n",
                 streams, (double)counts.chunks / elapsed_s,
                 100 * cpu_s(&usage) / elapsed_s,
                 1e6 * cpu_s(&usage) / (double)counts.chunks,
                 (double)counts.chunks / cpu_s(&usage), usage.ru_maxrss,
                 100 * (double)counts.late / (double)counts.chunks,
                 (double)counts.late_max_ns / 1e6);
    return 0;
}

int main(int argc, char **argv)
{
    struct simulator_options options;
    uint64_t streams = 0;
    uint64_t seconds = 0;
    struct rlimit descriptors;
    int url_pipe[2];
    int counts_pipe[2];
    pid_t child;
    int r;

    if (argc < 4 || quantity_parse_count(argv[1], &streams) < 0 ||
        quantity_parse_count(argv[3], &seconds) < 0) {
        (void)fprintf(stderr,
                      "usage: bench_simulator STREAMS GAP SECONDS [KEY=VALUE ...]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    if (simulator_options_init(&options) < 0)
        return 1;
    set(&options, "ttft", "0");
    set(&options, "gap", argv[2]);
    for (int i = 4; i < argc; i++) {
        char *equals = strchr(argv[i], '=');

        if (!equals)
            return 2;
        *equals = '\0';
        set(&options, argv[i], equals + 1);
    }
    if (pipe(url_pipe) < 0 || pipe(counts_pipe) < 0)
        fail("pipe");
    child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        r = serve(&options, url_pipe[1], counts_pipe[1]);
    } else {
        r = measure(streams, seconds, url_pipe[0], counts_pipe[0], child);
    }
    simulator_options_deinit(&options);
    return r;
}
