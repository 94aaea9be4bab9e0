#include "engine/replaying.h"

#include <string.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_scan.h"
#include "engine/attempt.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "measure/cost.h"
#include "measure/sample.h"
#include "plan/plan.h"
#include "workload/data.h"
#include "workload/trace.h"

#define MAX_MODEL_BYTES 200

/* What the body of a request to a model says. */
struct wish {
    struct json_piece model; /* bytes NULL: none */
    bool streams;
    uint64_t max_tokens; /* 0: it sets no limit */
};

static struct wish wish_of(const struct trace_request *request)
{
    static const char *const keys[] = {"model", "stream", "max_tokens",
                                       "max_completion_tokens", "max_output_tokens"};
    struct json_scan values[COUNT_OF(keys)] = {{0}};
    struct json_scan scan = json_scan_begin(request->body, request->body_len);
    struct wish wish = {0};

    if (json_scan_peek(&scan) != '{')
        return wish;
    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    if (values[0].at && json_scan_peek(&values[0]) == '"')
        wish.model = json_scan_string(&values[0]);
    wish.streams = values[1].at && json_scan_peek(&values[1]) == 't';
    for (size_t i = 2; i < COUNT_OF(keys); i++)
        if (wish.max_tokens == 0)
            wish.max_tokens = json_scan_amount(&values[i]);
    return wish;
}

/* The trace, where the user took an arrival, which is an entry of it; nobody else has any. */
static const struct trace *trace_of(const struct user *user)
{
    const struct trace *trace = data_trace(user->engine->data);

    return trace && user->takes_arrivals && user->key < trace_facts(trace).entries ? trace
                                                                                   : NULL;
}

bool replaying_has_request(const struct attempt *attempt)
{
    const struct user *user = attempt->user;
    const struct trace *trace = trace_of(user);

    return trace && trace_entry_at(trace, user->key).has_request;
}

static bool has_replay(const struct plan *plan, const struct plan_class *class)
{
    const struct plan_program *program = &plan->programs[class->program];

    for (size_t i = 0; i < program->instruction_count; i++)
        if (program->instructions[i].op == PLAN_OP_REQUEST &&
            plan->steps[program->instructions[i].a].kind == PLAN_STEP_REPLAY)
            return true;
    return false;
}

void replaying_note_sent(struct attempt *attempt)
{
    struct user *user = attempt->user;

    if (user->entry_is_sent || attempt->step->unmeasured || !trace_of(user))
        return;
    if (attempt->step->kind != PLAN_STEP_REPLAY &&
        has_replay(user->engine->plan, user->class))
        return;
    user->entry_is_sent = true;
    attempt->sample.flags |= (uint32_t)SAMPLE_REPLAYED;
    attempt->sample.recorded_ns = user->begun_ns;
}

static const struct plan_model *
model_of(const struct plan *plan, const struct plan_step *step, struct json_piece name)
{
    for (size_t i = 0; name.bytes && i < plan->model_count; i++)
        if (json_piece_is(name, plan->models[i].name))
            return &plan->models[i];
    return &plan->models[step->chat.model];
}

static int write_url(struct attempt *attempt, const char *path)
{
    const struct plan *plan = attempt->engine->plan;
    const struct user *user = attempt->user;
    const uint32_t target = request_target(plan, user->class_index, user->operation.step);

    attempt->replayed.url_at = (uint32_t)attempt->wording.len;
    buf_append_str(&attempt->wording, plan->targets[target].origin);
    buf_append_str(&attempt->wording, path);
    return buf_append_char(&attempt->wording, '\0');
}

int replaying_prepare(struct attempt *attempt)
{
    const struct plan *plan = attempt->engine->plan;
    const struct user *user = attempt->user;
    const struct trace *trace = trace_of(user);
    const struct trace_entry entry = trace_entry_at(trace, user->key);
    const struct trace_request request = trace_request_at(trace, user->key);
    const struct wish wish = wish_of(&request);
    const struct api_dialect *dialect = api_dialect_at(request.path);
    const bool streams = dialect && wish.streams && dialect->read_event;

    attempt->replayed.is_request = true;
    attempt->dialect = dialect;
    attempt->turn = (struct turn){.prompt_tokens = entry.input_tokens,
                                  .output_tokens = entry.output_tokens};
    attempt->prompt_bytes = request.body_len;
    attempt->reader.texts_asked = 1;
    if (!dialect)
        return write_url(attempt, request.path);
    attempt->ending.form = streams ? ANSWER_STREAM : ANSWER_JSON;
    attempt->sample.flags |= SAMPLE_CHAT;
    attempt->sample.flags |= streams ? (uint32_t)SAMPLE_STREAMED : 0;
    attempt->model = model_of(plan, attempt->step, wish.model);
    /* No tokenizer makes more tokens than there are bytes. */
    attempt->worst_pusd =
        cost_worst(attempt->model, request.body_len, 1,
                   limits_answer_tokens(&attempt->engine->limits, wish.max_tokens));
    return write_url(attempt, request.path);
}

struct request_recorded replaying_request(const struct attempt *attempt)
{
    const struct trace *trace = trace_of(attempt->user);

    if (!attempt->replayed.is_request)
        return (struct request_recorded){0};
    const struct trace_request request = trace_request_at(trace, attempt->user->key);

    return (struct request_recorded){
        .trace = trace,
        .entry = attempt->user->key,
        .url = buf_str(&attempt->wording) + attempt->replayed.url_at,
        .method = request.method,
        .header_count = request.header_count,
        .dialect = attempt->dialect,
    };
}

const char *replaying_body(const struct attempt *attempt, size_t *ret_len)
{
    const struct trace_request request =
        trace_request_at(trace_of(attempt->user), attempt->user->key);

    *ret_len = request.body_len;
    return request.body_len > 0 ? request.body : NULL;
}

int replaying_write_model(const struct user *user, uint32_t step, struct buf *out)
{
    const struct plan *plan = user->engine->plan;
    const struct plan_step *what = &plan->steps[step];
    const struct trace *trace = trace_of(user);
    struct json_piece name;

    if (!trace || !trace_entry_at(trace, user->key).has_request)
        return buf_append_str(out, plan->models[what->chat.model].name);
    const struct trace_request request = trace_request_at(trace, user->key);

    name = wish_of(&request).model;
    if (!api_dialect_at(request.path))
        return 0;
    if (name.len == 0 || name.len > MAX_MODEL_BYTES)
        return buf_append_str(out, plan->models[what->chat.model].name);
    return json_piece_append(name, out);
}
