#include "cli/outputs.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/run_options.h"
#include "cli/version.h"
#include "output/listener.h"
#include "output/pushgateway.h"
#include "plan/plan.h"
#include "result/verdict.h"

#define LOG_MODULE "outputs"
#define HOST_NAME_BYTES 128

void outputs_add(struct outputs *outputs, struct probe probe)
{
    assert(outputs->probe_count < OUTPUTS_MAX);
    outputs->probes[outputs->probe_count++] = probe;
}

/*
 * Who this worker is among others: the pod as Kubernetes names it, else the machine, and there may
 * be several workers on one.
 */
static void name_worker(const struct plan *plan, char name[static WORKER_POD_BYTES])
{
    const char *pod = getenv("POD_NAME");
    char host[HOST_NAME_BYTES] = "";

    if (pod && *pod) {
        (void)snprintf(name, WORKER_POD_BYTES, "%s", pod);
        return;
    }
    (void)gethostname(host, sizeof(host) - 1);
    if (plan->worker_count > 1)
        (void)snprintf(name, WORKER_POD_BYTES, "%s-%" PRIu32, host, plan->worker_index);
    else
        (void)snprintf(name, WORKER_POD_BYTES, "%s", *host ? host : "localhost");
}

static void refuse_to_listen(const char *address, int r, struct verdicts *verdicts)
{
    if (r == -EINVAL)
        verdicts_add(verdicts, EXIT_LISTEN,
                     "--listen: '%.100s' is no address to listen on: write one such as "
                     "127.0.0.1:9464, or :0 for a free port.",
                     address);
    else
        verdicts_add(verdicts, EXIT_LISTEN,
                     "--listen: cannot listen on %.100s: %s: choose another port, or :0 "
                     "for a free one.",
                     address, uv_strerror(r));
}

static void listen_at(struct outputs *outputs, struct verdicts *verdicts)
{
    const struct listener_options options = {
        .address = outputs->options->listen,
        .exposition = outputs->exposition,
        .debug_memory = outputs->options->debug_memory,
    };
    const int r = listener_new(outputs->loop, &options, &outputs->listener);
    char url[64];

    if (r < 0) {
        refuse_to_listen(options.address, r, verdicts);
        return;
    }
    outputs_add(outputs, listener_probe(outputs->listener));
    listener_url(outputs->listener, url);
    log_info("/metrics, /healthz and /readyz are at %s", url);
    if (!outputs->options->quiet) {
        printf("Serving /metrics, /healthz and /readyz at %s\n", url);
        (void)fflush(stdout);
    }
}

void outputs_init(struct outputs *outputs, uv_loop_t *loop,
                  const struct run_options *options, const struct plan *plan,
                  const char *run_id, const char *fingerprint, struct verdicts *verdicts)
{
    *outputs = (struct outputs){
        .loop = loop,
        .options = options,
        .exposition = {.plan = plan,
                       .test_run = run_id,
                       .worker_pod = outputs->worker_pod,
                       .version = throng_version(),
                       .fingerprint = fingerprint},
    };
    name_worker(plan, outputs->worker_pod);
    if (options->listen)
        listen_at(outputs, verdicts);
}

void outputs_check(const struct plan *plan, struct verdicts *verdicts)
{
    if (plan->outputs.pushgateway.url)
        pushgateway_check(&plan->outputs.pushgateway, verdicts);
}

static void warn(void *ctx, const char *sentence)
{
    (void)ctx;
    log_warn("%s", sentence);
}

static int open_pushgateway(struct outputs *outputs)
{
    const struct pushgateway_options options = {
        .plan = &outputs->exposition.plan->outputs.pushgateway,
        .exposition = outputs->exposition,
        .strict = outputs->options->strict_export,
        .tell = warn,
    };
    const int r = pushgateway_new(outputs->loop, &options, &outputs->pushgateway);

    if (r < 0)
        return r;
    outputs_add(outputs, pushgateway_probe(outputs->pushgateway));
    if (outputs->listener)
        listener_set_pushes(outputs->listener, pushgateway_counts(outputs->pushgateway));
    return 0;
}

int outputs_open(struct outputs *outputs, FILE *progress, struct terminal_style style)
{
    const int r = backend_probe_open(&outputs->backends, outputs->exposition.plan);

    if (r < 0)
        return r;
    if (outputs->backends.book) /* before those who tell of it */
        outputs_add(outputs, backend_probe_of(&outputs->backends));
    if (progress &&
        live_progress_open(&outputs->progress, outputs->loop, progress, style) == 0)
        outputs_add(outputs, live_progress_probe(&outputs->progress));
    return outputs->exposition.plan->outputs.pushgateway.url ? open_pushgateway(outputs)
                                                             : 0;
}

void outputs_close(struct outputs *outputs)
{
    backend_probe_close(&outputs->backends);
    live_progress_close(&outputs->progress);
    outputs->pushgateway = pushgateway_close(outputs->pushgateway);
    outputs->listener = listener_close(outputs->listener);
}
