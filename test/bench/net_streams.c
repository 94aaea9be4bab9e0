/*
 * What the libcurl transport costs and how right its stamps are.
 *
 *   bench_net_streams STREAMS RATE SECONDS [WORD]...   chunks per second and stream
 *   bench_net_streams USERS 0 SECONDS [WORD]...        keep-alive requests
 *
 * Words: pool, user or none (connection reuse), seen (no kernel stamps), shards=N.
 *
 * A forked server writes chunks that carry the moment of their sending, which is the truth that
 * arrivals are compared with. Prints one line.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "net/curl_transport.h"

#define USUAL_SHARDS 64
#define FILLER                                                                           \
    "\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"          \
    "{\"content\":\" token\"},\"finish_reason\":null}],\"model\":\"bench\"}"

struct scene {
    uv_loop_t loop;
    uv_timer_t stop;
    struct transport *transport;
    struct curl_transport *curl;
    char url[64];
    unsigned long rate;
    uint64_t from_ns; /* chunks sent before this are warm-up */
    uint64_t until_ns;
    uint64_t chunks;
    uint64_t requests;
    uint64_t kernel;
    struct histogram *error; /* |arrived − sent| in ns */
    struct histogram *seen;  /* seen − sent in ns */
    struct rusage before;
};

/* ---- server */

static void answer(int fd, bool stream)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    static const char small[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char request[4096];

    if (recv(fd, request, sizeof(request), MSG_DONTWAIT) <= 0)
        return;
    if (stream)
        (void)send(fd, head, sizeof(head) - 1, MSG_NOSIGNAL);
    else
        (void)send(fd, small, sizeof(small) - 1, MSG_NOSIGNAL);
}

static void send_chunk(int fd)
{
    char data[512];
    char chunk[600];
    const int len = snprintf(data, sizeof(data), "data: {\"t\":%020llu," FILLER "\n\n",
                             (unsigned long long)clock_mono_ns());
    const int all = snprintf(chunk, sizeof(chunk), "%x\r\n%s\r\n", (unsigned)len, data);

    (void)send(fd, chunk, (size_t)all, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Accepts all streams first, then writes to them in turn, evenly spread over time. */
static void serve_streams(int listener, unsigned long streams, unsigned long rate)
{
    int *fds = calloc(streams, sizeof(*fds));
    const uint64_t gap_ns = NS_PER_S / (streams * rate);
    uint64_t due_ns;

    for (unsigned long i = 0; i < streams; i++) {
        struct pollfd ready;
        const int on = 1;

        fds[i] = accept(listener, NULL, NULL);
        (void)setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        ready = (struct pollfd){.fd = fds[i], .events = POLLIN};
        (void)poll(&ready, 1, 1000);
        answer(fds[i], true);
    }
    due_ns = clock_mono_ns();
    for (unsigned long i = 0;; i = (i + 1) % streams) {
        const struct timespec due = {.tv_sec = (time_t)(due_ns / NS_PER_S),
                                     .tv_nsec = (long)(due_ns % NS_PER_S)};

        if (clock_mono_ns() < due_ns)
            (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        send_chunk(fds[i]);
        due_ns += gap_ns;
    }
}

static void on_server_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    answer((int)(intptr_t)poll->data, false);
}

static void on_server_accept(uv_poll_t *listener, int status, int events)
{
    const int on = 1;
    const int fd = accept((int)(intptr_t)listener->data, NULL, NULL);
    uv_poll_t *poll = malloc(sizeof(*poll));

    (void)status;
    (void)events;
    if (fd < 0 || !poll)
        abort();
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    poll->data = (void *)(intptr_t)fd;
    (void)uv_poll_init(listener->loop, poll, fd);
    (void)uv_poll_start(poll, UV_READABLE, on_server_poll);
}

static void serve_requests(int listener)
{
    uv_loop_t loop;
    uv_poll_t poll = {.data = (void *)(intptr_t)listener};

    (void)uv_loop_init(&loop);
    (void)uv_poll_init(&loop, &poll, listener);
    (void)uv_poll_start(&poll, UV_READABLE, on_server_accept);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
}

/* ---- client */

static void on_headers(void *ctx, uint16_t status, const struct arrival *arrival)
{
    (void)ctx;
    (void)status;
    (void)arrival;
}

static void on_event(void *ctx, const char *data, size_t len,
                     const struct arrival *arrival)
{
    struct scene *scene = ctx;
    const uint64_t sent_ns = strtoull(data + strlen("{\"t\":"), NULL, 10);

    (void)len;
    if (sent_ns < scene->from_ns)
        return;
    if (scene->chunks++ == 0)
        (void)getrusage(RUSAGE_SELF, &scene->before);
    scene->kernel += arrival->source == ARRIVAL_KERNEL;
    histogram_record(scene->error, arrival->arrived_ns > sent_ns
                                       ? arrival->arrived_ns - sent_ns
                                       : sent_ns - arrival->arrived_ns);
    histogram_record(scene->seen, arrival->seen_ns - sent_ns);
}

static void on_body(void *ctx, const char *bytes, size_t len,
                    const struct arrival *arrival)
{
    (void)ctx;
    (void)bytes;
    (void)len;
    (void)arrival;
}

struct user {
    struct scene *scene;
    uint64_t ordinal;
};

static void ask(struct user *user);

static void on_stream_end(void *ctx, const struct transfer_result *result)
{
    (void)ctx;
    if (result->end != TRANSFER_CANCELLED)
        (void)fprintf(stderr, "ended: %s %s\n", transfer_end_name(result->end),
                      result->detail);
}

static void on_answer_end(void *ctx, const struct transfer_result *result)
{
    struct user *user = ctx;
    struct scene *scene = user->scene;
    const uint64_t now_ns = clock_mono_ns();

    if (result->end != TRANSFER_COMPLETE)
        return;
    if (now_ns >= scene->from_ns) {
        if (scene->requests++ == 0)
            (void)getrusage(RUSAGE_SELF, &scene->before);
        histogram_record(scene->seen, now_ns - result->wire_ns);
    }
    if (now_ns < scene->until_ns)
        ask(user);
}

static const struct transfer_handler on_stream = {.on_headers = on_headers,
                                                  .on_event = on_event,
                                                  .on_body = on_body,
                                                  .on_end = on_stream_end};
static const struct transfer_handler on_answer = {.on_headers = on_headers,
                                                  .on_event = on_event,
                                                  .on_body = on_body,
                                                  .on_end = on_answer_end};

static const char body[] = "{\"model\":\"bench\",\"stream\":true,\"messages\":[]}";
static const struct transfer_header headers[] = {{"Authorization", "Bearer key"},
                                                 {"Content-Type", "application/json"}};

static void start(struct scene *scene, uint64_t ordinal,
                  const struct transfer_handler *handler, void *ctx)
{
    const struct transfer_request request = {
        .method = "POST",
        .url = scene->url,
        .headers = headers,
        .header_count = 2,
        .body = body,
        .body_len = sizeof(body) - 1,
        .user = ordinal,
        .connect_timeout_ns = 30 * NS_PER_S,
        .idle_timeout_ns = 60 * NS_PER_S,
    };
    struct transfer *transfer;

    if (transport_start(scene->transport, &request, clock_mono_ns(), handler, ctx,
                        &transfer) < 0)
        abort();
}

static void ask(struct user *user)
{
    start(user->scene, user->ordinal, &on_answer, user);
}

static uint64_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";

    if (file && fgets(line, sizeof(line), file))
        pages = strtoul(strchr(line, ' '), NULL, 10);
    if (file)
        (void)fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t cpu_us(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

static void on_stop(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

static double percentile_us(const struct histogram *histogram, double q)
{
    return (double)histogram_quantile(histogram, q).value_ns / 1000;
}

static void report(const struct scene *scene, unsigned long count, uint64_t base_bytes,
                   uint64_t full_bytes)
{
    struct curl_transport_stats stats;
    struct rusage after;
    const uint64_t events = scene->rate ? scene->chunks : scene->requests;

    (void)getrusage(RUSAGE_SELF, &after);
    curl_transport_stats(scene->curl, &stats);
    (void)printf(
        "%lu × %lu/s: %llu, %.2f µs CPU each, %.1f KiB each, kernel %.3f%%, "
        "error p50/p99 %.1f/%.1f µs, late p50/p99 %.0f/%.0f µs, unstamped %llu of "
        "%llu, connections %llu, strangers %llu\n",
        count, scene->rate, (unsigned long long)events,
        (double)(cpu_us(&after) - cpu_us(&scene->before)) / (double)events,
        (double)(full_bytes - base_bytes) / 1024 / (double)count,
        scene->chunks ? 100.0 * (double)scene->kernel / (double)scene->chunks : 0,
        percentile_us(scene->error, 0.5), percentile_us(scene->error, 0.99),
        percentile_us(scene->seen, 0.5), percentile_us(scene->seen, 0.99),
        (unsigned long long)stats.unstamped_reads, (unsigned long long)stats.reads,
        (unsigned long long)stats.connections_opened,
        (unsigned long long)stats.strange_reuses);
}

static void run(struct scene *scene, unsigned long count, uint64_t seconds,
                enum connection_reuse reuse, bool kernel_stamps, uint32_t shards)
{
    const struct connection_policy policy = {.reuse = reuse};
    const struct curl_transport_options options = {.targets = &policy,
                                                   .target_count = 1,
                                                   .shards = shards,
                                                   .kernel_stamps = kernel_stamps};
    struct user *users = calloc(count, sizeof(*users));
    uint64_t base_bytes;
    uint64_t full_bytes;
    bool closed = false;

    (void)uv_loop_init(&scene->loop);
    if (!users || curl_transport_new(&scene->loop, &options, &scene->curl) < 0)
        abort();
    scene->transport = curl_transport_as_transport(scene->curl);
    scene->from_ns = clock_mono_ns() + NS_PER_S;
    scene->until_ns = scene->from_ns + seconds * NS_PER_S;
    base_bytes = resident_bytes();
    for (unsigned long i = 0; i < count; i++) {
        users[i] = (struct user){.scene = scene, .ordinal = i};
        if (scene->rate > 0)
            start(scene, i, &on_stream, scene);
        else
            ask(&users[i]);
    }
    (void)uv_timer_init(&scene->loop, &scene->stop);
    (void)uv_timer_start(&scene->stop, on_stop, (seconds + 1) * 1000, 0);
    (void)uv_run(&scene->loop, UV_RUN_DEFAULT);
    full_bytes = resident_bytes();
    report(scene, count, base_bytes, full_bytes);
    uv_close((uv_handle_t *)&scene->stop, NULL);
    curl_transport_close(scene->curl, on_closed, &closed);
    while (!closed)
        (void)uv_run(&scene->loop, UV_RUN_ONCE);
    (void)uv_loop_close(&scene->loop);
    free(users);
}

static int listen_somewhere(uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(listener, (struct sockaddr *)&address, len) < 0 ||
        listen(listener, 4096) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) < 0)
        abort();
    *ret_port = ntohs(address.sin_port);
    return listener;
}

static bool has(char **words, const char *wanted)
{
    for (; *words; words++)
        if (strcmp(*words, wanted) == 0)
            return true;
    return false;
}

/* The number behind "shards=", or the usual one. */
static uint32_t shards_of(char **words)
{
    for (; *words; words++)
        if (strncmp(*words, "shards=", 7) == 0)
            return (uint32_t)strtoul(*words + 7, NULL, 10);
    return USUAL_SHARDS;
}

int main(int argc, char **argv)
{
    const unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    const unsigned long rate = argc > 2 ? strtoul(argv[2], NULL, 10) : 20;
    const unsigned long seconds = argc > 3 ? strtoul(argv[3], NULL, 10) : 2;
    const enum connection_reuse reuse = has(argv, "user")   ? CONNECTION_REUSE_USER
                                        : has(argv, "none") ? CONNECTION_REUSE_NONE
                                                            : CONNECTION_REUSE_POOL;
    struct scene scene = {.rate = rate};
    const struct rlimit files = {.rlim_cur = 20000, .rlim_max = 20000};
    uint16_t port;
    const int listener = listen_somewhere(&port);
    pid_t server;

    (void)setrlimit(RLIMIT_NOFILE, &files);
    server = fork();
    if (server == 0) {
        if (rate > 0)
            serve_streams(listener, count, rate);
        else
            serve_requests(listener);
        _exit(0);
    }
    (void)close(listener);
    (void)snprintf(scene.url, sizeof(scene.url),
                   "http://127.0.0.1:%u/v1/chat/completions", port);
    if (histogram_new(HISTOGRAM_FINE, &scene.error) < 0 ||
        histogram_new(HISTOGRAM_FINE, &scene.seen) < 0)
        abort();
    run(&scene, count, seconds, reuse, !has(argv, "seen"), shards_of(argv));
    scene.error = histogram_free(scene.error);
    scene.seen = histogram_free(scene.seen);
    (void)kill(server, SIGKILL);
    (void)waitpid(server, NULL, 0);
    return 0;
}
