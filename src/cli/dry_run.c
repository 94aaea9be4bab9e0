#include "cli/dry_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "engine/engine.h"
#include "engine/virtual_world.h"
#include "measure/recorder.h"
#include "net/transport.h"
#include "plan/load.h"
#include "plan/plan.h"

/* How the server on paper answers: soon, so that users get to say much. */
#define FIRST_TOKEN_NS (200 * NS_PER_MS)
#define NEXT_EVENT_NS (100 * NS_PER_MS)
#define MAX_LINE_BYTES ((size_t)16 << 20)

/* Virtual time begins here: 0 stands for "did not happen". */
#define START_NS NS_PER_S

/* An answer on paper, kept while the run goes on: what was asked alike is answered alike. */
struct script {
    struct script *next;
    struct dry_answer answer;
    char *delta;
    char *whole;
    struct virtual_event events[3];
    struct virtual_event body[1];
};

struct dry {
    const struct dry_watch *watch;
    struct engine *engine;
    const struct labels *labels;
    struct script *scripts;
    int64_t reserved_pusd; /* before the request at hand */
    bool done;
};

static struct script *script_free(struct script *script)
{
    if (script) {
        free(script->delta);
        free(script->whole);
    }
    free(script);
    return NULL;
}

/* "{{answer}}", or as many words as make so many bytes. */
static char *text_around(const char *before, size_t answer_bytes, const char *after)
{
    static const char usual[] = "{{answer}}";
    static const char word[] = "word ";
    struct buf text = BUF_INIT(MAX_LINE_BYTES);

    buf_append_str(&text, before);
    if (answer_bytes == 0)
        buf_append_str(&text, usual);
    for (size_t i = 0; i < answer_bytes; i++)
        buf_append_char(&text, word[i % (sizeof(word) - 1)]);
    buf_append_str(&text, after);
    if (buf_error(&text) < 0)
        buf_deinit(&text);
    return buf_take(&text);
}

static struct script *script_new(const struct dry_answer *answer)
{
    struct script *script = calloc(1, sizeof(*script));

    if (!script)
        return NULL;
    script->answer = *answer;
    script->delta = text_around("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
                                answer->answer_bytes, "\"}}]}");
    script->whole = text_around(
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"",
        answer->answer_bytes, "\"},\"finish_reason\":\"stop\"}]}");
    if (!script->delta || !script->whole)
        return script_free(script);
    script->events[0] =
        (struct virtual_event){.delay_ns = answer->first_token_ns, .data = script->delta};
    script->events[1] = (struct virtual_event){
        .delay_ns = answer->rest_ns,
        .data = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"};
    script->events[2] = (struct virtual_event){.data = "[DONE]"};
    script->body[0] =
        (struct virtual_event){.delay_ns = answer->first_token_ns, .data = script->whole};
    return script;
}

/* The script of such an answer, made when it is the first; NULL when memory is out. */
static const struct script *find_script(struct dry *dry, const struct dry_answer *answer)
{
    for (struct script *script = dry->scripts; script; script = script->next)
        if (script->answer.first_token_ns == answer->first_token_ns &&
            script->answer.rest_ns == answer->rest_ns &&
            script->answer.answer_bytes == answer->answer_bytes)
            return script;
    struct script *script = script_new(answer);

    if (script) {
        script->next = dry->scripts;
        dry->scripts = script;
    }
    return script;
}

static void tell_request(struct dry *dry, const struct virtual_request *asked)
{
    const int64_t reserved_pusd = engine_view(dry->engine)->reserved_pusd;
    const struct dry_request request = {.request = asked->request,
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
    const bool streams =
        asked->request->body &&
        memmem(asked->request->body, asked->request->body_len, "\"stream\":true", 13);
    const struct script *script;

    tell_request(dry, asked);
    if (dry->watch->on_answer)
        dry->watch->on_answer(dry->watch->ctx, asked->request, &wanted);
    script = find_script(dry, &wanted);
    ret_answer->content_type = streams ? "text/event-stream" : "application/json";
    ret_answer->events = !script ? NULL : streams ? script->events : script->body;
    ret_answer->event_count = !script ? 0 : streams ? COUNT_OF(script->events) : 1;
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct dry *dry = ctx;

    (void)view;
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

static int drive(const struct plan *plan, const struct data *data, uint64_t nonce,
                 uint64_t until_ns, struct dry *dry, struct virtual_world *world,
                 struct recorder *recorder)
{
    const struct engine_options options = {
        .plan = plan,
        .data = data,
        .world = virtual_world_as_world(world),
        .recorder = recorder,
        .observer = {.ctx = dry,
                     .on_sample = on_sample,
                     .on_phase = on_phase,
                     .on_done = on_done},
        .run_id = "{{run_id}}",
        .nonce = nonce,
    };
    struct engine *engine = NULL;
    const int r = engine_new(&options, &engine);

    if (r < 0)
        return r;
    dry->engine = engine;
    engine_start(engine);
    virtual_world_run_until(world,
                            until_ns == UINT64_MAX ? UINT64_MAX : START_NS + until_ns);
    if (!dry->done)
        engine_stop(engine, STOP_ASKED, 0);
    virtual_world_run_until(world, UINT64_MAX);
    engine_free(engine);
    return 0;
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
    struct dry dry = {.watch = watch};
    struct virtual_world *world = NULL;
    struct recorder *recorder = NULL;
    const struct recorder_options options = {.plan = &addressed,
                                             .started_ns = START_NS,
                                             .window_start_ns = START_NS,
                                             .window_end_ns = UINT64_MAX,
                                             .interval_ns = NS_PER_S};
    int r = with_origins(plan, &addressed);

    if (r >= 0)
        r = virtual_world_new(START_NS, answer, &dry, &world);
    if (r >= 0)
        r = recorder_new(&options, &recorder);
    if (r >= 0) {
        dry.labels = recorder_labels(recorder);
        r = drive(&addressed, data, nonce, until_ns, &dry, world, recorder);
    }
    recorder_free(recorder);
    virtual_world_free(world);
    while (dry.scripts) {
        struct script *next = dry.scripts->next;

        script_free(dry.scripts);
        dry.scripts = next;
    }
    free(addressed.targets);
    return r;
}

/* What a printout is made of. */
struct printout {
    FILE *out;
    bool each;
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

    printout->requests++;
    if (!printout->each)
        return;
    buf_clear(line);
    buf_printf(line,
               "{\"user\":%" PRIu64 ",\"at_ns\":%" PRIu64 ",\"method\":\"%s\",\"url\":",
               request->user, dry->at_ns, request->method);
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
    struct printout printout = {
        .out = out, .each = each, .line = BUF_INIT(MAX_LINE_BYTES)};
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
