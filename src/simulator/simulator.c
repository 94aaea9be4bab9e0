#include "simulator/simulator.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/mcp_session.h"
#include "simulator/tenants.h"
#include "simulator/web.h"

#define TOKENS_PER_CHUNK_MAX 1000
/* Prompts with images in them; a request's body is held whole. */
#define BODY_BYTES_MAX (64 * 1024 * 1024)

static void on_request(void *ctx, struct serve_request *request)
{
    struct exchange exchange;

    exchange_init(&exchange, ctx, request);
    endpoint_dispatch(&exchange);
}

/* What each value allows but all together do not. */
static int check_options(const struct simulator_options *options, struct buf *reterr)
{
    double faults = 0;
    int r = -EINVAL;

    for (unsigned i = 0; i < SIMULATOR_SERVICE_COUNT && faults <= 1 + 1e-9; i++)
        faults = fault_rate_sum(options, i);
    if (faults > 1 + 1e-9)
        buf_printf(reterr,
                   "the rates of errors and faults add up to %.3g; at most one "
                   "fault strikes each request, so that 1 is the most",
                   faults);
    else if (options->capacity == 0)
        buf_printf(reterr,
                   "capacity: 0 would never answer; write 1 or more, or unlimited");
    else if (options->requests_per_minute == 0 || options->tokens_per_minute == 0)
        buf_printf(reterr, "%s: 0 would refuse all; write 1 or more, or unlimited",
                   options->requests_per_minute == 0 ? "requests_per_minute"
                                                     : "tokens_per_minute");
    else if (!(options->tokens_per_chunk >= 1 &&
               options->tokens_per_chunk <= TOKENS_PER_CHUNK_MAX))
        buf_printf(reterr, "tokens_per_chunk: write 1 to %d", TOKENS_PER_CHUNK_MAX);
    else
        r = 0;
    return r;
}

static int check_all_options(const struct simulator_options *options, struct buf *reterr)
{
    int r = check_options(options, reterr);

    for (size_t i = 0; r == 0 && i < options->variant_count; i++)
        r = check_options(options->variants[i].options, reterr);
    return r;
}

static void free_parts(struct simulator *simulator)
{
    buf_deinit(&simulator->text);
    buf_deinit(&simulator->piece);
    quota_free(simulator->quota);
    mcp_sessions_free(simulator->mcp_sessions);
    web_free(simulator->web);
    tenants_free(simulator->tenants);
    json_decref(simulator->rag_collections);
    serve_free(simulator->serve);
    free(simulator);
}

/* --- Stopping, from the outside inwards: clients, timers, log. --- */

static void on_truth_closed(void *ctx, int error)
{
    struct simulator *simulator = ctx;
    simulator_stopped_fn *stopped = simulator->stopped;

    simulator->truth_error = error;
    simulator->stopped = NULL;
    if (stopped)
        stopped(simulator->stopped_ctx);
    else
        free_parts(simulator); /* simulator_new() had failed */
}

static void on_pacer_closed(void *ctx)
{
    struct simulator *simulator = ctx;

    truth_log_close(TAKE(simulator->truth), on_truth_closed, simulator);
}

static void on_serve_stopped(void *ctx)
{
    struct simulator *simulator = ctx;

    assert(simulator->capacity.active == 0 && simulator->capacity.waiting == 0);
    simulator_pacer_close(&simulator->pacer, on_pacer_closed, simulator);
}

void simulator_stop(struct simulator *simulator, uint64_t grace_ms,
                    simulator_stopped_fn *stopped, void *ctx)
{
    if (!simulator->is_stopping) {
        simulator->is_stopping = true;
        simulator->stopped = stopped;
        simulator->stopped_ctx = ctx;
    }
    serve_stop(simulator->serve, grace_ms, on_serve_stopped, simulator);
}

struct simulator *simulator_free(struct simulator *simulator)
{
    if (!simulator)
        return NULL;
    assert(simulator->is_stopping && !simulator->stopped);
    free_parts(simulator);
    return NULL;
}

int simulator_reserve_timer(struct simulator *simulator)
{
    /* Each generation and each reply that waits has one. */
    return simulator_pacer_reserve(&simulator->pacer, simulator->capacity.active +
                                                          simulator->capacity.waiting +
                                                          simulator->replies + 1);
}

static int listen_on(struct simulator *simulator)
{
    struct serve_options options = SERVE_OPTIONS_DEFAULT;

    options.address = simulator->options->listen;
    options.max_body_bytes = BODY_BYTES_MAX;
    options.max_unsent_bytes = ANSWER_BYTES_MOST;
    options.idle_timeout_ms = 0;
    return serve_new(simulator->loop, &options, on_request, simulator, &simulator->serve);
}

int simulator_new(uv_loop_t *loop, const struct simulator_options *options,
                  struct buf *reterr, struct simulator **ret_simulator)
{
    struct simulator *simulator;
    int r = check_all_options(options, reterr);

    if (r < 0)
        return r;
    simulator = calloc(1, sizeof(*simulator));
    if (!simulator)
        return -ENOMEM;
    simulator->loop = loop;
    simulator->options = options;
    simulator->started_ns = clock_mono_ns();
    simulator->text = BUF_INIT(PIECE_BYTES_MAX);
    simulator->piece = BUF_INIT(PIECE_BYTES_MAX);
    capacity_init(&simulator->capacity, options->capacity, options->queue);
    (void)snprintf(simulator->fingerprint, sizeof(simulator->fingerprint),
                   "fp_%010" PRIx64, rng_mix(options->seed) & UINT64_C(0xffffffffff));
    r = quota_new(options, &simulator->quota);
    if (r < 0) {
        free_parts(simulator);
        return r;
    }
    r = simulator_pacer_init(&simulator->pacer, loop);
    if (r < 0) {
        buf_printf(reterr, "cannot make a timer: %s", uv_strerror(r));
        free_parts(simulator);
        return r;
    }
    if (options->ground_truth) {
        r = truth_log_new(loop, options->ground_truth, &simulator->truth);
        if (r < 0)
            buf_printf(reterr, "ground_truth: cannot write '%s': %s",
                       options->ground_truth, uv_strerror(r));
    }
    if (r == 0) {
        r = listen_on(simulator);
        if (r < 0)
            buf_printf(reterr, "cannot listen: %s", uv_strerror(r));
    }
    if (r < 0) {
        simulator_pacer_close(&simulator->pacer, on_pacer_closed, simulator);
        return r;
    }
    *ret_simulator = simulator;
    return 0;
}

void simulator_url(const struct simulator *simulator, char url[static 64])
{
    serve_url(simulator->serve, url);
}

struct simulator_counts simulator_counts(const struct simulator *simulator)
{
    struct simulator_counts counts = simulator->counts;

    counts.active = simulator->capacity.active;
    counts.waiting = simulator->capacity.waiting;
    counts.active_peak = simulator->capacity.active_peak;
    counts.late = simulator->pacer.late_count;
    counts.late_max_ns = simulator->pacer.worst_late_ns;
    counts.waiting_peak = simulator->capacity.waiting_peak;
    return counts;
}

int simulator_truth_error(const struct simulator *simulator)
{
    return simulator->truth ? truth_log_error(simulator->truth) : simulator->truth_error;
}
