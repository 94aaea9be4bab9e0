#include "cli/outputs.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/run_options.h"
#include "cli/version.h"
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
    listening_open(&outputs->listening, loop, options, &outputs->exposition, verdicts);
    for (size_t i = 0; i < outputs->listening.probe_count; i++)
        outputs_add(outputs, outputs->listening.probes[i]);
}

void outputs_describe(struct outputs *outputs, const char *results, bool is_search)
{
    listening_describe(&outputs->listening, results, is_search);
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
    listening_set_pushes(&outputs->listening, pushgateway_counts(outputs->pushgateway));
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
    listening_close(&outputs->listening);
}
