#include "cli/preflight_canary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "cli/canary_plan.h"
#include "cli/connection_policy.h"
#include "cli/preflight_report.h"
#include "engine/engine.h"
#include "engine/uv_world.h"
#include "measure/recorder.h"
#include "net/curl_transport.h"
#include "plan/plan.h"

#define MAX_TEXT_BYTES 512
#define DETAIL_BYTES 200
#define REQUEST_ID_BYTES 128

/* Fewer may well come together. */
#define STREAMED_CHUNKS 4

/* What is known while they fly. */
struct flight {
    const struct canary_plan *canaries;
    struct preflight_report *report;
    struct engine *engine;
    char request_id[REQUEST_ID_BYTES]; /* of the last that came back */
    size_t over;                       /* so many have */
    uint64_t unset_before;             /* uses of what had no value, before the last */
    uint64_t unset_uses;               /* of the last */
    bool is_done;
};

/* "": a chat, as most are. */
static const char *kind_of(const struct plan_step *step)
{
    static const char *const kinds[] = {[PLAN_STEP_COMPLETION] = " (completion)",
                                        [PLAN_STEP_RESPONSES] = " (responses)",
                                        [PLAN_STEP_EMBEDDINGS] = " (embeddings)"};

    return step->kind < COUNT_OF(kinds) && kinds[step->kind] ? kinds[step->kind] : "";
}

static void name(const struct flight *flight, size_t index, char what[FINDING_WHAT_BYTES])
{
    const struct plan *plan = &flight->canaries->plan;
    const struct plan_step *step = canary_plan_step(flight->canaries, index);

    (void)snprintf(what, FINDING_WHAT_BYTES, "model %.60s%s",
                   plan->models[step->chat.model].name, kind_of(step));
}

static const struct plan_target *target_of(const struct flight *flight, size_t index)
{
    return &flight->canaries->plan
                .targets[canary_plan_step(flight->canaries, index)->target];
}

/* "first token in 312 ms, 16 tokens, $0.00002" */
static void tell_answer(struct flight *flight, size_t index, const struct sample *sample)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    char what[FINDING_WHAT_BYTES];

    name(flight, index, what);
    if (sample->first_output_ns > 0) {
        buf_append_str(&text, "first token in ");
        quantity_format_latency(&text, sample->first_output_ns - sample->sent_ns);
    } else {
        buf_append_str(&text, "answered in ");
        quantity_format_latency(&text, sample->end_ns - sample->sent_ns);
    }
    if (sample->completion_tokens > 0)
        buf_printf(&text, ", %" PRIu64 " tokens", sample->completion_tokens);
    if (sample->cost_pusd > 0) {
        buf_append_str(&text, ", ");
        quantity_format_money(&text, sample->cost_pusd);
    }
    if (sample->outcome != OUTCOME_OK) {
        preflight_find(flight->report, FINDING_WARNING, what,
                       "it answered %u, which the step takes for degraded",
                       sample->status);
        return;
    }
    preflight_find(flight->report, FINDING_PASSED, what, "%s", buf_str(&text));
    if (sample->token_source != TOKENS_USAGE)
        preflight_find(
            flight->report, FINDING_WARNING, what,
            "%s tells no usage: tokens and cost will be estimates, and marked so",
            target_of(flight, index)->origin);
    if (sample->chunks >= STREAMED_CHUNKS && sample->reads == 1)
        preflight_find(
            flight->report, FINDING_WARNING, what,
            "all %u chunks came in one piece: something on the way buffers the "
            "stream, and what TTFT will show is the whole answer",
            sample->chunks);
}

/* What a status of the server's says about the run to come. */
static const char *advice(const struct sample *sample, const char *detail)
{
    if (sample->outcome == OUTCOME_UNAUTHORIZED)
        return "look at the target's api_key, or the step's auth.";
    if (sample->outcome == OUTCOME_REDIRECT)
        return "it sends elsewhere, and nothing is followed: write that address as url.";
    if (sample->outcome == OUTCOME_BAD_CONTENT_TYPE)
        return "that is not the API: look at the target's url.";
    if (sample->outcome != OUTCOME_HTTP_4XX)
        return NULL;
    if (strstr(detail, "stream_options") || strstr(detail, "include_usage"))
        return "it refuses stream_options: write `include_usage: false` into the step.";
    return sample->status == 404
               ? "look at the model's name and at the path in the target's url."
               : "no request like this one can succeed.";
}

/* Only the first of what has no value is known by its name. */
static void tell_unset(struct flight *flight, const char *what)
{
    const bool is_first = flight->unset_before == 0;

    preflight_find(flight->report, FINDING_SKIPPED, what,
                   "it needs %s, which only the run finds",
                   is_first ? engine_view(flight->engine)->unset_name : "a variable");
}

static void tell_failure(struct flight *flight, size_t index, const struct sample *sample,
                         const char *detail)
{
    const char *hint = advice(sample, detail);
    const char *origin = target_of(flight, index)->origin;
    char what[FINDING_WHAT_BYTES];

    name(flight, index, what);
    if (flight->unset_uses > 0)
        tell_unset(flight, what);
    else if (sample->outcome == OUTCOME_UNAUTHORIZED &&
             canary_plan_class(flight->canaries, index)->keeps_cookies)
        preflight_find(flight->report, FINDING_WARNING, what,
                       "%s lets nobody in without cookies (status %u), which people may "
                       "have by then",
                       origin, sample->status);
    else if (hint)
        preflight_find(flight->report, FINDING_FAILED, what,
                       "%s refuses a request for %s (%s, status %u%s%.*s): %s", origin,
                       what, outcome_name(sample->outcome), sample->status,
                       *detail ? ": " : "", DETAIL_BYTES, detail, hint);
    else
        preflight_find(flight->report, FINDING_WARNING, what,
                       "%s failed a request (%s, status %u%s%.*s); the run will measure "
                       "how often",
                       origin, outcome_name(sample->outcome), sample->status,
                       *detail ? ": " : "", DETAIL_BYTES, detail);
}

static void on_sample(void *ctx, const struct sample *sample)
{
    struct flight *flight = ctx;
    const size_t index = flight->over++;
    const uint64_t unset_uses = engine_view(flight->engine)->unset_uses;

    flight->unset_before += flight->unset_uses;
    flight->unset_uses = unset_uses - flight->unset_before;
    engine_request_id(flight->engine, sample, flight->request_id,
                      sizeof(flight->request_id));
    flight->report->request_id = flight->request_id;
    if (index >= canary_plan_count(flight->canaries))
        return;
    if (!outcome_is_failure(sample->outcome))
        tell_answer(flight, index, sample);
}

static void on_failure(void *ctx, const struct sample *sample, const char *detail)
{
    struct flight *flight = ctx;

    if (flight->over <= canary_plan_count(flight->canaries))
        tell_failure(flight, flight->over - 1, sample, detail);
}

/* Nothing is sent that could pass the limit. */
static void tell_unasked(struct flight *flight)
{
    char what[FINDING_WHAT_BYTES];

    for (size_t i = flight->over; i < canary_plan_count(flight->canaries); i++) {
        name(flight, i, what);
        preflight_find(flight->report, FINDING_SKIPPED, what,
                       "a request could cost more than limits.cost");
    }
}

static void on_phase(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct flight *flight = ctx;

    (void)view;
    flight->is_done = true;
}

static void on_closed(void *ctx)
{
    (void)ctx;
}

static int fly(struct flight *flight, const struct data *data, const char *request_id,
               struct uv_world *world, struct recorder *recorder, uv_loop_t *loop)
{
    const struct engine_options options = {
        .stage = ENGINE_TEARDOWN, /* goes on past those that fail */
        .plan = &flight->canaries->plan,
        .data = data,
        .world = uv_world_as_world(world),
        .recorder = recorder,
        .run_id = request_id,
        .observer = {.ctx = flight,
                     .on_sample = on_sample,
                     .on_failure = on_failure,
                     .on_phase = on_phase,
                     .on_done = on_done},
    };
    const int r = engine_new(&options, &flight->engine);

    if (r < 0)
        return r;
    engine_start(flight->engine);
    while (!flight->is_done)
        uv_run(loop, UV_RUN_ONCE);
    flight->engine = engine_free(flight->engine);
    return 0;
}

static int open_transport(const struct plan *plan, uv_loop_t *loop,
                          struct connection_policy *policies,
                          struct curl_transport **ret_transport)
{
    const struct curl_transport_options options = {
        .targets = policies, .target_count = plan->target_count, .shards = 1};

    for (size_t i = 0; i < plan->target_count; i++)
        policies[i] = connection_policy_of(&plan->targets[i]);
    return curl_transport_new(loop, &options, ret_transport);
}

static int fly_on(uv_loop_t *loop, struct flight *flight, const struct data *data,
                  const char *request_id)
{
    const struct plan *plan = &flight->canaries->plan;
    const uint64_t now_ns = clock_mono_ns();
    const struct recorder_options recording = {.plan = plan,
                                               .started_ns = now_ns,
                                               .window_start_ns = now_ns,
                                               .window_end_ns = now_ns,
                                               .interval_ns = NS_PER_S};
    struct connection_policy *policies = calloc(plan->target_count, sizeof(*policies));
    struct curl_transport *transport = NULL;
    struct uv_world *world = NULL;
    struct recorder *recorder = NULL;
    int r = policies ? open_transport(plan, loop, policies, &transport) : -ENOMEM;

    if (r == 0)
        r = uv_world_new(loop, curl_transport_as_transport(transport), &world);
    if (r == 0)
        r = recorder_new(&recording, &recorder);
    if (r == 0)
        r = fly(flight, data, request_id, world, recorder, loop);
    if (world)
        uv_world_close(world);
    if (transport)
        curl_transport_close(transport, on_closed, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    recorder_free(recorder);
    free(policies);
    return r;
}

void preflight_canaries(const struct plan *plan, const struct data *data,
                        const char *request_id, struct preflight_report *report)
{
    struct canary_plan canaries;
    struct flight flight = {.canaries = &canaries, .report = report};
    uv_loop_t loop;
    int r = canary_plan_init(&canaries, plan, data);

    if (r == 0 && canary_plan_count(&canaries) > 0) {
        r = uv_loop_init(&loop);
        if (r == 0) {
            r = fly_on(&loop, &flight, data, request_id);
            uv_loop_close(&loop);
        }
    }
    report->request_id = NULL;
    if (r == 0)
        tell_unasked(&flight);
    if (r == 0 && canary_plan_count(&canaries) == 0 && plan->replay.path)
        preflight_find(report, FINDING_SKIPPED, "models",
                       "what the trace asks is only sent when it is due");
    if (r < 0)
        preflight_find(report, FINDING_WARNING, "models", "they could not be asked: %s",
                       strerror(-r));
    canary_plan_deinit(&canaries);
}
