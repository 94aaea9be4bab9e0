#include "cli/dry_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "cli/paper.h"
#include "engine/engine.h"
#include "engine/variables.h"
#include "engine/virtual_world.h"
#include "measure/recorder.h"
#include "net/transport.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "plan/roster.h"
#include "platform/tenants.h"

/* How the server on paper answers: soon, so that users get to say much. */
#define FIRST_TOKEN_NS (200 * NS_PER_MS)
#define NEXT_EVENT_NS (100 * NS_PER_MS)
#define MAX_LINE_BYTES ((size_t)16 << 20)

/* Virtual time begins here: 0 stands for "did not happen". */
#define START_NS NS_PER_S

struct dry {
    const struct dry_watch *watch;
    struct engine *engine;
    const struct labels *labels;
    const struct plan *plan;
    struct paper paper;
    int64_t reserved_pusd;   /* before the request at hand */
    enum engine_stage stage; /* that goes on: only of the load is anything told */
    bool done;
};

static void tell_request(struct dry *dry, const struct virtual_request *asked)
{
    const int64_t reserved_pusd = engine_view(dry->engine)->reserved_pusd;
    const struct dry_request request = {.request = asked->request,
                                        .dialect =
                                            paper_dialect(dry->plan, asked->request),
                                        .at_ns = asked->sent_ns - START_NS,
                                        .worst_pusd = reserved_pusd - dry->reserved_pusd};

    dry->reserved_pusd = reserved_pusd;
    if (dry->watch->on_request)
        dry->watch->on_request(dry->watch->ctx, &request);
}

static void answer(void *ctx, const struct virtual_request *asked,
                   struct virtual_answer *ret_answer)
{
    struct dry *dry = ctx;
    struct dry_answer wanted = {.first_token_ns = FIRST_TOKEN_NS,
                                .rest_ns = NEXT_EVENT_NS};

    if (dry->stage == ENGINE_LOAD)
        tell_request(dry, asked);
    if (dry->stage == ENGINE_LOAD && dry->watch->on_answer)
        dry->watch->on_answer(dry->watch->ctx, asked->request, &wanted);
    paper_answer(&dry->paper, dry->plan, asked->request, &wanted, ret_answer);
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct dry *dry = ctx;

    if (dry->stage == ENGINE_LOAD && dry->watch->on_end)
        dry->watch->on_end(dry->watch->ctx, view);
    dry->done = true;
}

static void on_sample(void *ctx, const struct sample *sample)
{
    const struct dry *dry = ctx;

    if (dry->watch->on_sample)
        dry->watch->on_sample(dry->watch->ctx, dry->labels, sample);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

/* Lets an engine of one stage run in its own time. */
static int drive(struct dry *dry, const struct engine_options *asked, uint64_t until_ns)
{
    struct engine_options options = *asked;
    struct virtual_world *world = NULL;
    struct recorder *recorder = NULL;
    struct engine *engine = NULL;
    const struct recorder_options recording = {.plan = dry->plan,
                                               .started_ns = START_NS,
                                               .window_start_ns = START_NS,
                                               .window_end_ns = UINT64_MAX,
                                               .interval_ns = NS_PER_S};
    int r = virtual_world_new(START_NS, answer, dry, &world);

    if (r >= 0)
        r = recorder_new(&recording, &recorder);
    if (r >= 0) {
        options.world = virtual_world_as_world(world);
        options.recorder = recorder;
        r = engine_new(&options, &engine);
    }
    if (r >= 0) {
        dry->labels = recorder_labels(recorder);
        dry->engine = engine;
        dry->stage = options.stage;
        dry->done = false;
        engine_start(engine);
        virtual_world_run_until(world, until_ns == UINT64_MAX ? UINT64_MAX
                                                              : START_NS + until_ns);
        if (!dry->done)
            engine_stop(engine, STOP_ASKED, 0);
        virtual_world_run_until(world, UINT64_MAX);
    }
    engine_free(engine);
    recorder_free(recorder);
    virtual_world_free(world);
    return r;
}

/* The setup, for the names of what it would find; then the load. */
static int drive_stages(struct dry *dry, struct engine_options *options,
                        uint64_t until_ns)
{
    struct variables *found = NULL;
    int r = 0;

    if (dry->plan->stages.run_setup != PLAN_NONE) {
        r = variables_new(dry->plan->variable_count, NULL, &found);
        const struct roster *roster = options->roster;

        options->stage = ENGINE_SETUP;
        options->roster = NULL; /* it is nobody's */
        options->finding = found;
        if (r >= 0)
            r = drive(dry, options, UINT64_MAX);
        options->stage = ENGINE_LOAD;
        options->roster = roster;
        options->finding = NULL;
        options->found = found;
    }
    if (r >= 0)
        r = drive(dry, options, until_ns);
    variables_free(found);
    return r;
}

/* The plan with an address for the targets that get theirs only when a run begins. */
static int with_origins(const struct plan *plan, struct plan *ret_plan)
{
    struct plan_target *targets = calloc(plan->target_count, sizeof(*targets));

    if (!targets)
        return -ENOMEM;
    for (size_t i = 0; i < plan->target_count; i++) {
        targets[i] = plan->targets[i];
        if (!targets[i].origin)
            targets[i].origin = "http://{{target}}";
    }
    *ret_plan = *plan;
    ret_plan->targets = targets;
    return 0;
}

int dry_run(const struct plan *plan, const struct data *data, uint64_t nonce,
            uint64_t until_ns, const struct dry_watch *watch)
{
    struct plan addressed = {0};
    struct dry dry = {.watch = watch, .plan = &addressed};
    struct engine_options options = {
        .plan = &addressed,
        .data = data,
        .observer = {.ctx = &dry,
                     .on_sample = on_sample,
                     .on_phase = on_phase,
                     .on_done = on_done},
        .run_id = "{{run_id}}",
        .is_on_paper = true,
        .nonce = nonce,
    };
    struct tenants tenants = {0};
    struct roster roster = {0};
    int r = with_origins(plan, &addressed);

    if (r >= 0 && plan->platform.is_used) {
        r = tenants_on_paper(plan, &tenants);
        roster = tenants_roster(&tenants);
        options.roster = &roster;
    }
    if (r >= 0)
        r = drive_stages(&dry, &options, until_ns);
    tenants_deinit(&tenants);
    paper_deinit(&dry.paper);
    free(addressed.targets);
    return r;
}

/* What a printout is made of. */
struct printout {
    const struct plan *plan;
    FILE *out;
    bool each;
    bool is_open; /* requests belong to arrivals: who would take them is not known */
    uint64_t requests;
    struct buf line;
};

static void append_text(struct buf *line, const char *text)
{
    buf_append_char(line, '"');
    buf_append_json(line, text, strlen(text));
    buf_append_char(line, '"');
}

/* The header's value; what is or may be a secret, or is an id of this very run, is not shown. */
static const char *printable(const struct transfer_header *header)
{
    if (strcasecmp(header->name, "authorization") == 0)
        return "Bearer {{key}}";
    if (strcasecmp(header->name, "x-request-id") == 0)
        return "{{request_id}}";
    if (strcasecmp(header->name, "traceparent") == 0)
        return "{{traceparent}}";
    return plan_header_is_public(header->name) ? header->value : "***";
}

static void print_request(void *ctx, const struct dry_request *dry)
{
    struct printout *printout = ctx;
    const struct transfer_request *request = dry->request;
    struct buf *line = &printout->line;
    uint32_t arm;

    printout->requests++;
    if (!printout->each)
        return;
    buf_clear(line);
    buf_printf(line, "{\"%s\":%" PRIu64 ",\"at_ns\":%" PRIu64,
               printout->is_open ? "arrival" : "user",
               printout->is_open ? request->arrival : request->user, dry->at_ns);
    if (plan_class_arm(printout->plan, request->sender_class, &arm)) {
        buf_append_str(line, ",\"arm\":");
        append_text(line, printout->plan->ab.arms[arm].name);
    }
    buf_printf(line, ",\"method\":\"%s\",\"url\":", request->method);
    append_text(line, request->url);
    buf_append_str(line, ",\"headers\":{");
    for (size_t i = 0; i < request->header_count; i++) {
        if (i > 0)
            buf_append_char(line, ',');
        append_text(line, request->headers[i].name);
        buf_append_char(line, ':');
        append_text(line, printable(&request->headers[i]));
    }
    buf_append_str(line, "},\"body\":");
    if (request->body) {
        buf_append_char(line, '"');
        buf_append_json(line, request->body, request->body_len);
        buf_append_char(line, '"');
    } else {
        buf_append_str(line, "null");
    }
    buf_append_str(line, "}\n");
    (void)fwrite(buf_str(line), 1, line->len, printout->out);
}

int dry_run_print(const struct plan *plan, const struct data *data, uint64_t nonce,
                  bool each, FILE *out)
{
    struct printout printout = {.plan = plan,
                                .out = out,
                                .each = each,
                                .is_open = plan_is_open(plan),
                                .line = BUF_INIT(MAX_LINE_BYTES)};
    struct buf duration = BUF_INIT(64);
    const struct dry_watch watch = {.ctx = &printout, .on_request = print_request};
    const int r = dry_run(plan, data, nonce, UINT64_MAX, &watch);

    if (r >= 0 && !each) {
        quantity_format_duration(&duration, plan_duration_ns(plan));
        fprintf(out,
                "%" PRIu64 " requests in %s of load, if each were answered in 0.3 s; "
                "--print-requests shows them.\n",
                printout.requests, buf_str(&duration));
    }
    buf_deinit(&duration);
    buf_deinit(&printout.line);
    return r;
}
