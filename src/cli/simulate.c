#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <uv.h>

#include "base/buf.h"
#include "cli/command.h"
#include "cli/descriptors.h"
#include "cli/likeness.h"
#include "result/verdict.h"
#include "simulator/options.h"
#include "simulator/simulator.h"

#define GRACE_MS 2000
#define MAX_ERROR_BYTES 8192
#define MAX_TOLD_BYTES ((size_t)1 << 20)

/* What the command line said: one text per key of the simulator's table, NULL where not given. */
struct simulate_options {
    bool exit_with_parent;
    const char *like;
    const char *values[OPTION_SET_MAX];
};

/* The program while it serves. */
struct service {
    uv_loop_t loop;
    uv_signal_t signals[2];
    struct simulator *simulator;
};

static const struct option options[] = {
    {.name = "exit-with-parent",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct simulate_options, exit_with_parent),
     .help = "Ends when the process that started it ends."},
    {.name = "like",
     .kind = OPTION_TEXT,
     .value = "RESULTS",
     .offset = offsetof(struct simulate_options, like),
     .help = "Answers as what was measured did: times, lengths and errors, by model, out "
             "of a "
             "results folder or its summary.json. Other options go before it."},
};

/* The simulator's keys as options. */
static size_t more_options(struct option *rows, size_t room)
{
    size_t count = 0;

    for (; count < simulator_option_count && count < room; count++) {
        const struct simulator_option *key = &simulator_option_table[count];

        rows[count] = (struct option){
            .name = key->key,
            .kind = OPTION_TEXT,
            .value = key->value,
            .fallback = key->fallback,
            .offset =
                offsetof(struct simulate_options, values) + count * sizeof(const char *),
            .help = key->help,
        };
    }
    return count;
}

/* What is given beside a likeness goes before it. told: what the likeness is made of. */
static int apply(const struct simulate_options *wanted, struct simulator_options *into,
                 struct buf *told)
{
    struct buf error = BUF_INIT(MAX_ERROR_BYTES);
    int r = simulator_options_init(into);

    if (r >= 0 && wanted->like)
        r = likeness_take(wanted->like, into, told, &error);
    for (size_t i = 0; r >= 0 && i < simulator_option_count; i++)
        if (wanted->values[i])
            r = simulator_options_set(into, simulator_option_table[i].key,
                                      wanted->values[i], &error);
    if (r < 0)
        fprintf(stderr, "throng simulate: %s\n",
                error.len ? buf_str(&error) : strerror(-r));
    buf_deinit(&error);
    return r < 0 ? EXIT_COMMAND_LINE : -1;
}

static void on_stopped(void *ctx)
{
    struct service *service = ctx;

    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&service->signals[i], NULL);
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct service *service = handle->data;

    (void)signum;
    simulator_stop(service->simulator, GRACE_MS, on_stopped, service);
}

static void announce(const struct simulator *simulator, const char *told)
{
    char url[64];

    simulator_url(simulator, url);
    printf("throng simulate listens on %s\n%s", url, told);
    (void)fflush(stdout);
}

/* told: what is printed behind the address. */
static int serve(const struct simulator_options *wanted, const char *told)
{
    static const int signums[] = {SIGINT, SIGTERM};
    struct service service = {0};
    struct buf error = BUF_INIT(MAX_ERROR_BYTES);
    int r = uv_loop_init(&service.loop);

    if (r >= 0)
        r = simulator_new(&service.loop, wanted, &error, &service.simulator);
    if (r < 0) {
        fprintf(stderr, "throng simulate: %s\n",
                error.len ? buf_str(&error) : strerror(-r));
        buf_deinit(&error);
        uv_run(&service.loop,
               UV_RUN_DEFAULT); /* what was half opened closes from the loop */
        uv_loop_close(&service.loop);
        return EXIT_LISTEN;
    }
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&service.loop, &service.signals[i]);
        service.signals[i].data = &service;
        uv_signal_start(&service.signals[i], on_signal, signums[i]);
    }
    announce(service.simulator, told);
    uv_run(&service.loop, UV_RUN_DEFAULT);
    r = simulator_truth_error(service.simulator);
    if (r < 0)
        fprintf(stderr, "throng simulate: the ground truth is incomplete: %s\n",
                strerror(-r));
    simulator_free(service.simulator);
    uv_loop_close(&service.loop);
    buf_deinit(&error);
    return r < 0 ? EXIT_NOT_SAVED : EXIT_PASSED;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct simulate_options wanted = {0};
    struct simulator_options into;
    struct option_list none = {0};
    const pid_t parent = getppid();
    struct buf told = BUF_INIT(MAX_TOLD_BYTES);
    int code = command_begin(command, argc, argv, &wanted, &none);

    option_list_deinit(&none);
    if (code >= 0)
        return code;
    if (wanted.exit_with_parent &&
        (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent))
        return EXIT_INTERNAL;
    descriptors_raise();
    code = apply(&wanted, &into, &told);
    /* The parent reads the address, and no more. */
    if (code < 0)
        code = serve(&into, wanted.exit_with_parent ? "" : buf_str(&told));
    buf_deinit(&told);
    simulator_options_deinit(&into);
    return code;
}

const struct command command_simulate = {
    .name = "simulate",
    .arguments = "",
    .summary = "serve a simulated LLM platform",
    .details = "An OpenAI-compatible server whose speed, capacity and faults are yours "
               "to set. It "
               "prints its address and serves until SIGINT or SIGTERM. A SHARE is a "
               "fraction of the requests, of all (1%) or of one service (web=5%).",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .more_options = more_options,
    .run = run,
};
