#include "cli/side_engine.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/connection_policy.h"
#include "cli/session_log.h"
#include "engine/uv_world.h"
#include "measure/recorder.h"
#include "net/curl_transport.h"
#include "plan/plan.h"

static void on_transport_closed(void *ctx)
{
    struct side_engine *side = ctx;

    side->closing--;
}

static int open_transport(struct side_engine *side, const struct plan *plan)
{
    struct curl_transport_options options = {.target_count = plan->target_count,
                                             .shards = 1};

    side->policies = calloc(plan->target_count, sizeof(*side->policies));
    if (!side->policies)
        return -ENOMEM;
    for (size_t i = 0; i < plan->target_count; i++)
        side->policies[i] = connection_policy_of(&plan->targets[i]);
    options.targets = side->policies;
    return curl_transport_new(side->loop, &options, &side->transport);
}

static int open_means(struct side_engine *side, const struct plan *plan)
{
    const uint64_t now_ns = clock_mono_ns();
    const struct recorder_options recording = {.plan = plan,
                                               .started_ns = now_ns,
                                               .window_start_ns = now_ns,
                                               .window_end_ns = now_ns,
                                               .interval_ns = NS_PER_S};
    int r = open_transport(side, plan);

    if (r == 0)
        r = uv_world_new(side->loop, curl_transport_as_transport(side->transport),
                         &side->world);
    return r < 0 ? r : recorder_new(&recording, &side->recorder);
}

static void on_sample(void *ctx, const struct sample *sample)
{
    (void)ctx;
    (void)sample;
}

static void on_bodies(void *ctx, const struct sample *sample,
                      const struct engine_bodies *bodies)
{
    const struct side_engine *side = ctx;

    session_log_bodies(side->engine, sample, bodies);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct side_engine *side = ctx;

    (void)view;
    side->is_done = true;
}

int side_engine_run(struct side_engine *side, const struct engine_options *wanted,
                    bool log_bodies)
{
    struct engine_options options = *wanted;
    int r = open_means(side, options.plan);

    if (r < 0)
        return r;
    options.world = uv_world_as_world(side->world);
    options.recorder = side->recorder;
    options.observer =
        (struct engine_observer){.ctx = side,
                                 .on_sample = on_sample,
                                 .on_bodies = log_bodies ? on_bodies : NULL,
                                 .on_warning = session_log_warning,
                                 .on_phase = on_phase,
                                 .on_done = on_done};
    r = engine_new(&options, &side->engine);
    if (r < 0)
        return r;
    side->is_done = false;
    engine_start(side->engine);
    while (!side->is_done)
        uv_run(side->loop, UV_RUN_ONCE);
    return 0;
}

void side_engine_close(struct side_engine *side)
{
    side->engine = engine_free(side->engine);
    if (side->world)
        uv_world_close(side->world);
    side->world = NULL;
    if (side->transport) {
        side->closing++;
        curl_transport_close(side->transport, on_transport_closed, side);
    }
    side->transport = NULL;
    while (side->closing > 0)
        uv_run(side->loop, UV_RUN_ONCE);
    recorder_free(side->recorder);
    side->recorder = NULL;
    free(side->policies);
    side->policies = NULL;
}

bool side_engine_is_on(const struct side_engine *side)
{
    return side->engine && !side->is_done;
}

void side_engine_stop(struct side_engine *side, uint64_t graceful_ns)
{
    if (side_engine_is_on(side))
        engine_stop(side->engine, STOP_SIGNAL, graceful_ns);
}
