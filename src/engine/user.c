#include "engine/user.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/attempt.h"
#include "engine/findings.h"
#include "engine/knowledge.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/records.h"
#include "engine/user_script.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "plan/plan.h"

#define LOG_MODULE "engine"

/* How long to wait where nothing was sent. */
#define UNSENT_PAUSE_NS UINT64_C(1000000000)

/* A conversation that grows beyond this is begun anew. */
#define MAX_CONVERSATION_BYTES ((size_t)16 * 1024 * 1024)

typedef void enter_fn(struct user *user, uint64_t now_ns);

static void on_timer(struct pacer_timer *timer, uint64_t now_ns);

void user_init(struct user *user, struct engine *engine, uint64_t ordinal,
               struct knowledge *knowledge)
{
    const struct arm_seat seat = arm_seat_of_user(engine, ordinal);

    *user = (struct user){
        .engine = engine,
        .ordinal = ordinal,
        .key = seat.key,
        .class = &engine->plan->classes[seat.class_index],
        .class_index = seat.class_index,
        .state = USER_ABSENT,
        .knowledge = knowledge,
        .timer = {.fn = on_timer},
    };
    list_init(&user->held);
}

static void forget_conversations(struct user *user)
{
    for (size_t i = 0; i <= PLAN_LOOP_DEPTH; i++)
        conversation_deinit(&user->conversations[i]);
    conversation_deinit(&user->alone);
    user->place.begun = 0;
}

static void begin_conversation(struct user *user, struct conversation *conversation,
                               uint32_t window)
{
    const uint64_t id =
        rng_mix(rng_mix(user->engine->plan->seed ^ user->key) + user->questions);

    conversation_deinit(conversation);
    conversation_init(conversation, id, MAX_CONVERSATION_BYTES, window);
}

struct conversation *user_conversation(struct user *user, const struct plan_chat *chat)
{
    const uint16_t depth = user->place.depth;

    if (chat->conversation == PLAN_CONVERSATION_NONE) {
        begin_conversation(user, &user->alone, 0);
        return &user->alone;
    }
    if (!(user->place.begun & (1U << depth))) {
        user->place.begun |= (uint16_t)(1U << depth);
        begin_conversation(user, &user->conversations[depth], chat->window);
    }
    return &user->conversations[depth];
}

void user_deinit(struct user *user)
{
    pacer_clear(&user->engine->pacer, &user->timer);
    attempt_free(user->attempt);
    user->attempt = NULL;
    forget_conversations(user);
    if (user->knowledge)
        knowledge_deinit(user->knowledge);
    free(user->places);
    user->places = NULL;
    arm_start_deinit(&user->round);
}

bool user_is_present(const struct user *user)
{
    return user->state != USER_ABSENT;
}

/* Puts the user among those counted, or takes them out. */
static void count(const struct user *user, int64_t by)
{
    struct user_counts *counts = &user->engine->counts;

    if (!user_is_present(user))
        return;
    if (user->wanted)
        counts->active += (uint64_t)by;
    else
        counts->leaving += (uint64_t)by;
}

static void enter_stepping(struct user *user, uint64_t now_ns)
{
    user_handle(user, user->operation.open ? USER_EVENT_ASK : stepping_next(user),
                now_ns);
}

static void enter_thinking(struct user *user, uint64_t now_ns)
{
    (void)now_ns;
    user->due_ns += user->pause_ns;
    pacer_set(&user->engine->pacer, &user->timer, user->due_ns + user->wait_ns);
}

/*
 * The request could not be made, or did not leave this machine: what comes next waits, lest they try
 * without end in no time.
 */
static void give_up(struct user *user, uint64_t now_ns)
{
    const struct sample unmade = {.labels = user->operation.labels,
                                  .user = user->ordinal,
                                  .outcome = OUTCOME_LOCAL_RESOURCE,
                                  .end_ns = now_ns};
    uint64_t delay_ns = 0;

    if (!operation_attempt_over(&user->operation, user->engine,
                                user->attempt ? attempt_sample(user->attempt) : &unmade,
                                NULL, &delay_ns)) {
        user_script_note_over(user, true);
        if (user->attempt)
            records_operation(user->attempt);
    }
    user->attempt = attempt_free(user->attempt);
    user->due_ns = now_ns + (delay_ns > UNSENT_PAUSE_NS ? delay_ns : UNSENT_PAUSE_NS);
    user_handle(user, USER_EVENT_UNSENT, now_ns);
}

/* A feeder has no row left for them: they go, and do not come back. */
static void retire(struct user *user, uint64_t now_ns)
{
    user->is_retired = true;
    user->walk_failed = true;
    engine_note_retired(user->engine, user->operation.step);
    user_handle(user, USER_EVENT_FINISH, now_ns);
}

static void enter_queued(struct user *user, uint64_t now_ns)
{
    if (operation_draw_late_ns(&user->operation, user->engine, user->key) > 0)
        user_handle(user, USER_EVENT_DELAY, now_ns);
    else if (attempt_new(user, &user->attempt) < 0)
        give_up(user, now_ns);
    else if (user->attempt->error == -ENODATA)
        retire(user, now_ns);
    else if (engine_may_send(user->engine, user->attempt, now_ns))
        user_handle(user, USER_EVENT_GO, now_ns);
    else
        list_append(&user->engine->held, &user->held);
}

static void enter_asking(struct user *user, uint64_t now_ns)
{
    if (attempt_in_flight(user->attempt)) {
        pacer_clear(&user->engine->pacer, &user->timer); /* they were leaving, and stay */
        return;
    }
    user->operation.attempts++;
    if (attempt_send(user->attempt, now_ns) < 0)
        give_up(user, now_ns);
}

static void enter_backing_off(struct user *user, uint64_t now_ns)
{
    (void)now_ns;
    pacer_set(&user->engine->pacer, &user->timer, user->due_ns + user->operation.late_ns);
}

static void enter_leaving(struct user *user, uint64_t now_ns)
{
    pacer_set(&user->engine->pacer, &user->timer,
              engine_leave_by_ns(user->engine, now_ns));
}

static void enter_cancelling(struct user *user, uint64_t now_ns)
{
    (void)now_ns;
    pacer_clear(&user->engine->pacer, &user->timer);
    attempt_cancel(user->attempt);
}

/* What they were about to do, or waited for, is not done. */
static void drop_plans(struct user *user, uint64_t now_ns)
{
    struct engine *engine = user->engine;

    pacer_clear(&engine->pacer, &user->timer);
    list_remove(&user->held);
    operation_cancel(&user->operation, engine, now_ns);
    user->attempt = attempt_free(user->attempt);
}

static void enter_absent(struct user *user, uint64_t now_ns)
{
    struct engine *engine = user->engine;

    drop_plans(user, now_ns);
    forget_conversations(user);
    if (user->knowledge && user->takes_arrivals)
        knowledge_rest(user->knowledge);
    else if (user->knowledge && !user->program)
        knowledge_forget(user->knowledge);
    engine->source->ops->user_gone(engine->source, user, now_ns);
}

static enter_fn *const enter[USER_STATE_COUNT] = {
    [USER_ABSENT] = enter_absent,     [USER_STEPPING] = enter_stepping,
    [USER_THINKING] = enter_thinking, [USER_QUEUED] = enter_queued,
    [USER_ASKING] = enter_asking,     [USER_BACKING_OFF] = enter_backing_off,
    [USER_LEAVING] = enter_leaving,   [USER_CANCELLING] = enter_cancelling,
};

/* With the id of the request that the user is about. */
static void trace_step(const struct user *user, enum user_state from, enum user_state to)
{
    const struct sample *sample = user->attempt ? attempt_sample(user->attempt) : NULL;
    char request_id[REQUEST_ID_BYTES];

    if (sample)
        request_id_of(&user->engine->maker, sample->operation_id, sample->attempt,
                      request_id);
    log_write(LOG_LEVEL_DEBUG, LOG_MODULE, sample ? request_id : NULL,
              "user %" PRIu64 ": %s → %s", user->ordinal, user_state_name(from),
              user_state_name(to));
}

void user_handle(struct user *user, enum user_event event, uint64_t now_ns)
{
    const enum user_state from = user->state;
    const enum user_state to = user_next_state(from, event);

    assert(to != USER_REFUSED);
    if (to == from)
        return;
    if (log_enabled(LOG_LEVEL_DEBUG))
        trace_step(user, from, to);
    count(user, -1);
    user->state = to;
    count(user, 1);
    if (from == USER_ABSENT || to == USER_ABSENT)
        engine_users_changed(user->engine, now_ns);
    enter[to](user, now_ns);
}

static void on_timer(struct pacer_timer *timer, uint64_t now_ns)
{
    struct user *user = HEAP_ENTRY(timer, struct user, timer);

    if (user->state == USER_THINKING && user->stage == USER_STAGE_FLOW)
        recorder_pause(user->engine->recorder, user->pause_ns,
                       now_ns - (user->due_ns + user->wait_ns - user->pause_ns));
    user_handle(user, USER_EVENT_TIMER, now_ns);
}

static void set_wanted(struct user *user, bool wanted, uint64_t now_ns)
{
    count(user, -1);
    user->wanted = wanted;
    count(user, 1);
    engine_users_changed(user->engine, now_ns);
}

void user_want(struct user *user, uint64_t due_ns, uint64_t now_ns)
{
    set_wanted(user, true, now_ns);
    if (user->is_retired)
        return;
    if (!user_is_present(user)) {
        user->due_ns = due_ns;
        user->is_cut = false;
        stepping_begin(user);
    }
    user_handle(user, USER_EVENT_WANTED, now_ns);
}

void user_take(struct user *user, const struct user_arrival *arrival, uint64_t now_ns)
{
    const struct arm_seat seat = arm_seat_of_arrival(user->engine, arrival->number);

    user->arrival = arrival->number;
    user->key = seat.key;
    user->class_index = seat.class_index;
    user->class = &user->engine->plan->classes[seat.class_index];
    user->is_set_up = true;
    user->is_retired = false;
    user->wait_ns = arrival->wait_ns;
    user->entry_is_sent = false;
    stepping_rekey(user, seat.key);
    user_want(user, arrival->due_ns, now_ns);
}

void user_set_up(struct user *user, uint64_t now_ns)
{
    user->is_set_up = false;
    user->key = USER_PERSON_KEY + user->ordinal;
    user->arrival = user->key;
    user_want(user, now_ns, now_ns);
}

void user_take_leave(struct user *user, uint64_t now_ns)
{
    set_wanted(user, false, now_ns);
    if (!user->is_set_up || user_is_present(user) || !stepping_begin_teardown(user))
        return;
    user->due_ns = now_ns;
    user->wait_ns = 0;
    user_handle(user, USER_EVENT_WANTED, now_ns);
}

/* Of those who wait with nothing on its way. */
static bool is_waiting(const struct user *user)
{
    return user->state == USER_THINKING || user->state == USER_QUEUED ||
           user->state == USER_BACKING_OFF;
}

void user_unwant(struct user *user, uint64_t now_ns)
{
    set_wanted(user, false, now_ns);
    if (is_waiting(user) && stepping_begin_teardown(user)) {
        drop_plans(user, now_ns);
        user->due_ns = now_ns;
        user_handle(user, USER_EVENT_CLOSE, now_ns);
    } else if (!is_waiting(user) || user->stage != USER_STAGE_TEARDOWN) {
        user_handle(user, USER_EVENT_UNWANTED, now_ns);
    }
}

void user_cut(struct user *user, uint64_t now_ns)
{
    user->is_cut = true;
    user_handle(user, USER_EVENT_CUT, now_ns);
}

void user_let_go(struct user *user, uint64_t now_ns)
{
    list_remove(&user->held);
    if (user->due_ns + user->wait_ns < now_ns) {
        user->due_ns = now_ns; /* the wait was asked for: the loop was not late */
        user->wait_ns = 0;
    }
    if (engine_may_send(user->engine, user->attempt, now_ns))
        user_handle(user, USER_EVENT_GO, now_ns);
    else
        list_append(&user->engine->held, &user->held);
}

/* What follows the end of their operation: the next step, or the last things before they go. */
static enum user_event what_follows(struct user *user)
{
    const bool leaves = user->state == USER_LEAVING || user->state == USER_CANCELLING;

    if (!leaves || user->is_cut)
        return USER_EVENT_END;
    return user->stage == USER_STAGE_TEARDOWN || stepping_begin_teardown(user)
               ? USER_EVENT_CLOSE
               : USER_EVENT_END;
}

/* Whether an attempt that failed may have made what was asked for. */
static bool may_have_made(const struct plan_step *step, const struct sample *sample)
{
    const char *method = step->kind == PLAN_STEP_HTTP ? step->http.method : "";
    const bool makes = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;

    return makes && outcome_is_failure(sample->outcome) &&
           (outcome_is_uncertain(sample->outcome, sample->status) ||
            sample->status / 100 == 2 || sample->status == 500);
}

void user_attempt_over(struct user *user, uint64_t now_ns)
{
    const struct attempt *attempt = user->attempt;
    const struct sample *sample = attempt_sample(attempt);
    uint64_t delay_ns = 0;
    const struct plan_step *step = &user->engine->plan->steps[user->operation.step];
    const struct plan_patience *patience = step->patience;
    const bool again =
        operation_attempt_over(&user->operation, user->engine, sample,
                               attempt_retry_told(user->attempt), &delay_ns);

    user->leaves = sample->outcome == OUTCOME_ABANDONED && patience && patience->leaves;
    findings_keep(attempt);
    user->was_uncertain |= may_have_made(step, sample);
    if (!again) {
        user_script_note_over(user, outcome_is_failure(sample->outcome));
        records_operation(attempt);
    }
    user->due_ns = sample->end_ns + delay_ns;
    user->attempt = attempt_free(user->attempt);
    user_handle(user, again ? USER_EVENT_AGAIN : what_follows(user), now_ns);
}
