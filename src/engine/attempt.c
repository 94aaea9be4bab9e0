#include "engine/attempt.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/secret.h"
#include "engine/answer.h"
#include "engine/asking.h"
#include "engine/findings.h"
#include "engine/interruption.h"
#include "engine/knowledge.h"
#include "engine/mcp_session.h"
#include "engine/parts.h"
#include "engine/rendering.h"
#include "engine/settlement.h"
#include "engine/user.h"
#include "engine/wording.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "net/transport.h"
#include "plan/plan.h"
#include "plan/roster.h"

/* No request in one piece is larger. */
#define MAX_BODY_BYTES ((size_t)64 * 1024 * 1024)
/* Of an answer's words, so much is kept for those who look at them. */
#define MAX_TEXT_BYTES ((size_t)1024 * 1024)
#define MAX_WORDING_BYTES ((size_t)1024 * 1024)

/* Attempts kept for another use, and the memory that one keeps. */
#define KEPT_ATTEMPTS 256
#define KEPT_BYTES ((size_t)16 * 1024)

static struct attempt *take(struct attempt_pool *pool)
{
    struct attempt *attempt = pool->first;

    if (!attempt) {
        attempt = calloc(1, sizeof(*attempt));
        if (attempt) {
            attempt->body = BUF_INIT(MAX_BODY_BYTES);
            attempt->answer = BUF_INIT(0); /* asking_prepare says how much */
            attempt->text = BUF_INIT(MAX_TEXT_BYTES);
            attempt->wording = BUF_INIT(MAX_WORDING_BYTES);
            attempt->heard = BUF_INIT(ATTEMPT_HEARD_BYTES);
        }
        return attempt;
    }
    pool->first = attempt->next;
    pool->count--;
    return attempt;
}

static void release(struct attempt *attempt)
{
    buf_deinit(&attempt->body);
    buf_deinit(&attempt->answer);
    buf_deinit(&attempt->text);
    buf_deinit(&attempt->wording);
    buf_deinit(&attempt->heard);
    findings_free(attempt->findings);
    free(attempt);
}

static void trim(struct buf *buf)
{
    buf_clear(buf);
    if (buf->cap > KEPT_BYTES)
        buf_deinit(buf);
}

static void give_back(struct attempt_pool *pool, struct attempt *attempt)
{
    if (pool->count == KEPT_ATTEMPTS) {
        release(attempt);
        return;
    }
    trim(&attempt->body);
    trim(&attempt->answer);
    trim(&attempt->text);
    secret_wipe(attempt->wording.bytes, attempt->wording.len);
    trim(&attempt->wording);
    trim(&attempt->heard);
    attempt->next = pool->first;
    pool->first = attempt;
    pool->count++;
}

void attempt_pool_deinit(struct attempt_pool *pool)
{
    while (pool->first) {
        struct attempt *attempt = pool->first;

        pool->first = attempt->next;
        release(attempt);
    }
    *pool = (struct attempt_pool){0};
}

/* What was to be remembered and could not be would make the request a wrong one. */
static int take_error(struct user *user)
{
    struct knowledge *knowledge = user->knowledge;
    const int error = knowledge ? knowledge->error : 0;

    if (knowledge)
        knowledge->error = 0;
    return error;
}

static int prepare(struct attempt *attempt)
{
    struct rendering rendering;
    const int error = take_error(attempt->user);
    int r = findings_begin(attempt);

    rendering_begin(&rendering, attempt->user);
    if (r == 0)
        r = error;
    if (error == -EMSGSIZE)
        attempt->detail = "a value that was to be remembered is too long";
    if (r == 0)
        r = wording_make(attempt, &rendering);
    return r < 0 ? r : asking_prepare(attempt, &rendering);
}

int attempt_new(struct user *user, struct attempt **ret_attempt)
{
    struct engine *engine = user->engine;
    const struct operation_progress *operation = &user->operation;
    struct attempt *attempt = take(&engine->attempts);

    if (!attempt)
        return -ENOMEM;
    *attempt = (struct attempt){
        .engine = engine,
        .user = user,
        .step = &engine->plan->steps[operation->step],
        .timer = {.fn = vigil_on_timer},
        .body = attempt->body,
        .answer = attempt->answer,
        .text = attempt->text,
        .wording = attempt->wording,
        .heard = attempt->heard,
        .findings = attempt->findings,
        .needs = engine->script.needs[operation->step],
        .ending = {.form = ANSWER_ANY},
        .sample =
            {
                .operation_id = operation->id,
                .attempt = operation->attempts,
                .labels = operation->labels,
                .retry_of = operation->last_outcome,
                .user = user->ordinal,
                .arrival = user->takes_arrivals ? user->arrival : 0,
                .late_ns = operation->late_ns,
                .token_source = TOKENS_ESTIMATED,
            },
    };
    attempt->error = prepare(attempt);
    *ret_attempt = attempt;
    return 0;
}

struct attempt *attempt_free(struct attempt *attempt)
{
    if (!attempt)
        return NULL;
    vigil_clear(attempt);
    give_back(&attempt->engine->attempts, attempt);
    return NULL;
}

bool attempt_in_flight(const struct attempt *attempt)
{
    return attempt->transfer != NULL;
}

void attempt_cancel(struct attempt *attempt)
{
    transport_cancel(attempt->transfer, TRANSFER_CANCELLED);
}

int64_t attempt_worst_pusd(const struct attempt *attempt)
{
    return attempt->worst_pusd;
}

const struct retry_told *attempt_retry_told(const struct attempt *attempt)
{
    return &attempt->retry_told;
}

const struct sample *attempt_sample(const struct attempt *attempt)
{
    return &attempt->sample;
}

/* It never left this machine: a failure all the same, and one of ours or of an open circuit. */
static int fail_here(struct attempt *attempt, uint64_t now_ns, int error)
{
    attempt->ending.end = TRANSFER_LOCAL_RESOURCE;
    settlement_make(attempt, now_ns);
    return error;
}

static int start(struct attempt *attempt, uint64_t now_ns)
{
    struct engine *engine = attempt->engine;
    const struct user *user = attempt->user;
    const struct roster_user *who = engine_roster_user(user);
    const struct request_key key = {
        .class = user->class_index,
        .bare = user->program != NULL,
        .step = user->operation.step,
        .user = user->ordinal,
        .arrival = attempt->sample.arrival,
        .operation = attempt->sample.operation_id,
        .attempt = attempt->sample.attempt,
        .key = who ? who->key : NULL,
        .wording = wording_begin(&attempt->wording),
        .cookies = user->class->keeps_cookies ? &user->knowledge->cookies : NULL,
        .session = mcp_session_of(attempt),
        .recorded = replaying_request(attempt),
        .now_ns = now_ns,
    };
    struct transfer_request request;
    int r = request_make(&engine->maker, &key, &request);

    if (r < 0)
        return r;
    attempt->url = request.url;
    request.body = asking_body(attempt, &request.body_len);
    request.read_bytes_per_s =
        attempt->step->reading ? attempt->step->reading->bytes_per_s : 0;
    attempt->backend_header = engine->plan->targets[request.target].backend_header;
    r = answer_listen(attempt, &request, now_ns);
    request_forget(&engine->maker);
    return r;
}

/* What may end it before its time; 0: not so. */
static void begin_vigil(struct attempt *attempt, uint64_t now_ns)
{
    const struct user *user = attempt->user;
    const struct plan *plan = attempt->engine->plan;
    const struct interruption_key key = {
        .seed = plan->seed,
        .user = user->key,
        .operation = user->operation.number,
        .attempt = attempt->sample.attempt,
    };
    struct interruption drawn;
    uint64_t after_ns[VIGIL_END_COUNT] = {0};

    interruption_draw(attempt->step, &key, &drawn);
    attempt->chunks_wanted = drawn.chunks;
    attempt->break_as = drawn.break_as;
    after_ns[VIGIL_FIRST_PATIENCE] = drawn.first_ns;
    after_ns[VIGIL_TOTAL_PATIENCE] = drawn.total_ns;
    after_ns[VIGIL_CHAOS] = drawn.break_ns;
    if (attempt->ending.form == ANSWER_STREAM)
        after_ns[VIGIL_FIRST_TOKEN] =
            plan->targets[attempt->target].timeouts.first_token_ns;
    for (enum vigil_end end = 0; end < VIGIL_END_COUNT; end++)
        if (after_ns[end] > 0)
            vigil_set(attempt, end, now_ns + after_ns[end]);
}

/* All that is known before it goes. */
static void note_sent(struct attempt *attempt, uint64_t now_ns)
{
    struct engine *engine = attempt->engine;
    struct user *user = attempt->user;
    const bool in_window = recorder_in_window(engine->recorder, user->due_ns);
    struct sample *sample = &attempt->sample;

    attempt->target =
        request_target(engine->plan, user->class_index, user->operation.step);
    sample->due_ns = user->due_ns;
    sample->sent_ns = now_ns;
    sample->wait_ns = user->wait_ns;
    user->wait_ns = 0;
    sample->flags |= in_window ? (uint32_t)SAMPLE_IN_WINDOW : 0;
    sample->flags |= user->takes_arrivals ? (uint32_t)SAMPLE_OPEN_LOOP : 0;
    replaying_note_sent(attempt);
    sample->flags |= attempt->step->reading ? (uint32_t)SAMPLE_SLOW_READER : 0;
    if (attempt->step->unmeasured)
        return;
    recorder_due(engine->recorder, in_window, sample->due_ns);
    recorder_started(engine->recorder, now_ns, sample->labels, in_window);
    limits_sent(&engine->limits, attempt->worst_pusd);
}

int attempt_send(struct attempt *attempt, uint64_t now_ns)
{
    struct engine *engine = attempt->engine;
    int r = attempt->error;

    note_sent(attempt, now_ns);
    attempt->ending.unsent =
        r == 0 &&
        !circuits_may_send(&engine->circuits, attempt->target, now_ns, &attempt->circuit);
    if (attempt->ending.unsent)
        r = -EAGAIN;
    if (r == 0)
        r = start(attempt, now_ns);
    if (r < 0)
        return fail_here(attempt, now_ns, r);
    /* The words of a retry are no new question. */
    if (attempt->conversation && attempt->step->chat.say == PLAN_SAY_QUESTION &&
        attempt->sample.attempt == 0)
        asking_tell_questions(attempt);
    begin_vigil(attempt, now_ns);
    return 0;
}
