#include "engine/asking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/dialect.h"
#include "engine/arm.h"
#include "engine/attempt.h"
#include "engine/http_body.h"
#include "engine/parts.h"
#include "engine/rendering.h"
#include "engine/user.h"
#include "measure/cost.h"
#include "plan/plan.h"
#include "plan/roster.h"
#include "workload/conversation.h"
#include "workload/turn.h"
#include "workload/uniqueness.h"

/* No answer in one piece is larger, but that each vector of a batch may be 4,096 numbers more. */
#define ANSWER_BYTES ((size_t)8 * 1024 * 1024)
#define VECTOR_BYTES ((size_t)4096 * 24)

/* Ids of a user's MCP calls: so many attempts have one of their own. */
#define CALL_ATTEMPTS 256

uint64_t asking_count(const struct plan_step *step)
{
    switch (step->kind) {
    case PLAN_STEP_CHAT:
    case PLAN_STEP_COMPLETION:
    case PLAN_STEP_RESPONSES:
    case PLAN_STEP_MCP:
    case PLAN_STEP_REPLAY:
        return 1;
    case PLAN_STEP_EMBEDDINGS:
        return step->chat.batch > 0 ? step->chat.batch : 1;
    case PLAN_STEP_HTTP:
    case PLAN_STEP_THINK:
        return 0;
    }
    return 0;
}

/* Where an organization's questions come from: the same for all workers. */
static uint64_t organization_of(const struct attempt *attempt)
{
    const struct roster_user *who =
        arm_speaks_for_many(attempt->user) ? NULL : engine_roster_user(attempt->user);

    const char *name = who ? who->org_name ? who->org_name : who->org_id : NULL;

    return name ? uniqueness_hash(name, strlen(name)) : 0;
}

/* The user's places in the datasets, made when one is first asked from. Returns 0 or -ENOMEM. */
static int make_places(const struct engine *engine, struct user *user)
{
    if (user->places || engine->plan->dataset_count == 0)
        return 0;
    user->places = calloc(engine->plan->dataset_count, sizeof(*user->places));
    return user->places ? 0 : -ENOMEM;
}

/* What the user says in one request: a turn, and of embeddings one for each text. */
static int say(struct attempt *attempt, const struct plan_chat *chat,
               struct conversation *conversation)
{
    struct engine *engine = attempt->engine;
    const uint64_t count = asking_count(attempt->step);
    struct turn_key key = {
        .seed = engine->plan->seed,
        .nonce = arm_nonce(attempt->user),
        .organization = organization_of(attempt),
        .user = attempt->user->key,
        .index = attempt->user->operation.question,
    };
    int r = make_places(engine, attempt->user);
    const struct turn_means means = {.plan = engine->plan,
                                     .data = engine->data,
                                     .places = attempt->user->places,
                                     .scratch = &engine->scratch};

    attempt->turn = (struct turn){0};
    for (uint64_t i = 0; r == 0 && i < count; i++) {
        struct turn turn;

        r = turn_begin(conversation, chat, &key, &means, &turn);
        turn.prompt_tokens += attempt->turn.prompt_tokens;
        attempt->turn = turn;
        key.index++;
    }
    return r;
}

/* Words that nobody drew a length for stand beside the turn: then the whole has none. */
static bool has_more_words(const struct plan_chat *chat,
                           const struct conversation *conversation, uint64_t said)
{
    return chat->system.len > 0 || conversation_count(conversation) > said;
}

static int begin_turn(struct attempt *attempt, const struct plan_chat *chat)
{
    struct conversation *conversation = user_conversation(attempt->user, chat);
    int r = say(attempt, chat, conversation);

    if (r == -EMSGSIZE) {
        /* It has grown too long: people begin a new one. */
        conversation_reset(conversation, conversation->id + 1);
        r = say(attempt, chat, conversation);
    }
    if (r < 0)
        return r;
    if (has_more_words(chat, conversation, asking_count(attempt->step)))
        attempt->turn.prompt_tokens = 0;
    attempt->conversation = conversation;
    return 0;
}

static uint64_t max_tokens_of(const struct attempt *attempt)
{
    const struct plan_chat *chat = &attempt->step->chat;

    if (!attempt->dialect->generates)
        return 0;
    if (attempt->turn.output_tokens)
        return attempt->turn.output_tokens;
    if (chat->max_tokens)
        return chat->max_tokens;
    return chat->max_completion_tokens ? chat->max_completion_tokens
                                       : attempt->dialect->max_tokens;
}

/* A length of the answer that the turn has takes the place of the step's limit. */
static void set_length(const struct attempt *attempt, struct api_ask *ask)
{
    const uint64_t tokens = attempt->turn.output_tokens;

    if (tokens == 0)
        return;
    if (ask->max_completion_tokens)
        ask->max_completion_tokens = tokens;
    else
        ask->max_tokens = tokens;
    if (attempt->step->chat.synthetic.exact_output)
        ask->exact_tokens = tokens;
}

static int write_ask(struct attempt *attempt, const struct plan_chat *chat)
{
    const struct plan_model *model = &attempt->engine->plan->models[chat->model];
    const struct conversation *conversation = attempt->conversation;
    struct api_ask ask = {
        .model = model->name,
        .system = chat->system.text,
        .conversation = conversation,
        .stream = chat->stream,
        .include_usage = chat->include_usage,
        .max_tokens = chat->max_tokens,
        .max_completion_tokens = chat->max_completion_tokens,
        .temperature = chat->temperature,
        .extra_body = chat->extra_body.text,
    };

    set_length(attempt, &ask);
    attempt->model = model;
    attempt->prompt_bytes = conversation_bytes(conversation) + chat->system.len;
    attempt->answer_from_bytes = conversation_bytes(conversation);
    attempt->worst_pusd = cost_worst(
        model, attempt->prompt_bytes, conversation_count(conversation) + 1,
        attempt->dialect->generates
            ? limits_answer_tokens(&attempt->engine->limits, max_tokens_of(attempt))
            : 0);
    return attempt->dialect->write(&ask, &attempt->body);
}

static int prepare_ask(struct attempt *attempt, struct rendering *rendering)
{
    const struct plan_chat *chat = &attempt->step->chat;
    const bool keep = chat->conversation == PLAN_CONVERSATION_KEEP;
    const bool streams = chat->stream && attempt->dialect->read_event;
    int r = rendering_chat(rendering, chat, &chat);

    if (r == 0)
        r = begin_turn(attempt, chat);
    if (r < 0)
        return r;
    attempt->ending.form = streams ? ANSWER_STREAM : ANSWER_JSON;
    attempt->sample.flags |= SAMPLE_CHAT;
    attempt->sample.flags |= streams ? (uint32_t)SAMPLE_STREAMED : 0;
    attempt->sample.turn = keep ? conversation_turn(attempt->conversation) : 0;
    attempt->reader.answer = keep ? attempt->conversation : NULL;
    attempt->reader.texts_asked = (uint32_t)asking_count(attempt->step);
    return write_ask(attempt, chat);
}

static int prepare_call(struct attempt *attempt, struct rendering *rendering)
{
    const struct plan_mcp_call *call = &attempt->step->mcp;
    const struct operation_progress *operation = &attempt->user->operation;
    struct api_mcp_call said = {
        .method = call->method,
        .id = operation->question * CALL_ATTEMPTS + operation->attempts,
        .notification = call->notification,
    };
    struct buf *params = &attempt->engine->script.text;
    int r;

    buf_clear(params);
    r = rendering_append(rendering, &call->params, params);
    if (r < 0)
        return r;
    said.params = call->params.text ? buf_str(params) : NULL;
    attempt->ending.form = call->notification ? ANSWER_ANY : ANSWER_EITHER;
    attempt->reader.call_id = said.id;
    return api_mcp_write(&said, &attempt->body);
}

int asking_prepare(struct attempt *attempt, struct rendering *rendering)
{
    const struct engine *engine = attempt->engine;
    const struct plan_step *step = attempt->step;
    const uint32_t target = request_target(engine->plan, attempt->user->class_index,
                                           attempt->user->operation.step);

    attempt->answer.max_bytes =
        ANSWER_BYTES +
        (step->kind == PLAN_STEP_EMBEDDINGS ? asking_count(step) * VECTOR_BYTES : 0);
    attempt->dialect = api_dialect_of(engine->plan->targets[target].api, step->kind);
    if (attempt->needs & SCRIPT_NEEDS_BODY)
        attempt->reader.text = &attempt->text;
    if (step->kind == PLAN_STEP_REPLAY && replaying_has_request(attempt))
        return replaying_prepare(attempt);
    if (plan_step_asks_model(step->kind))
        return attempt->dialect ? prepare_ask(attempt, rendering) : -ENOTSUP;
    if (step->kind == PLAN_STEP_MCP)
        return prepare_call(attempt, rendering);
    return http_body_is_made(&step->http)
               ? http_body_write(&step->http, rendering, &attempt->body)
               : 0;
}

void asking_tell_questions(const struct attempt *attempt)
{
    const struct conversation *conversation = attempt->conversation;

    if (asking_count(attempt->step) == 1) {
        engine_question_sent(attempt->engine, attempt->turn.hash);
        return;
    }
    /* Of more than one the conversation has nothing else. */
    for (size_t i = 0; i < conversation_count(conversation); i++) {
        const struct message said = conversation_at(conversation, i);

        engine_question_sent(attempt->engine, uniqueness_hash(said.content, said.len));
    }
}

const char *asking_body(const struct attempt *attempt, size_t *ret_len)
{
    const struct plan_text *said = &attempt->step->http.body;
    const bool made = attempt->dialect || http_body_is_made(&attempt->step->http);

    if (attempt->replayed.is_request)
        return replaying_body(attempt, ret_len);
    *ret_len = made ? attempt->body.len : said->len;
    return made ? attempt->body.bytes : said->text;
}
