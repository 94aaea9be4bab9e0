#include "engine/user.h"

#include <assert.h>
#include <inttypes.h>

#include "base/log.h"
#include "engine/asking.h"
#include "engine/attempt.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "plan/plan.h"
#include "workload/mix.h"
#include "workload/pause.h"

#define LOG_MODULE "engine"

/* How long to wait where nothing was sent. */
#define UNSENT_PAUSE_NS UINT64_C(1000000000)

/* How long an iteration takes in which nothing takes time, lest it spin. */
#define EMPTY_ITERATION_NS UINT64_C(1000000)

/* A conversation that grows beyond this is begun anew. */
#define MAX_CONVERSATION_BYTES ((size_t)16 * 1024 * 1024)

typedef void enter_fn(struct user *user, uint64_t now_ns);

static void on_timer(struct pacer_timer *timer, uint64_t now_ns);

void user_init(struct user *user, struct engine *engine, uint64_t ordinal)
{
    const size_t class = mix_class_of(engine->mix, ordinal);

    *user = (struct user){
        .engine = engine,
        .ordinal = ordinal,
        .class = &engine->plan->classes[class],
        .class_index = (uint32_t)class,
        .state = USER_ABSENT,
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
        rng_mix(rng_mix(user->engine->plan->seed ^ user->ordinal) + user->questions);

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

static void begin_iteration(struct user *user)
{
    const uint64_t seed = user->engine->plan->seed;

    user->place = (struct program_place){0};
    user->waited = false;
    user->leaves = false;
    rng_init(&user->flow, seed, user->ordinal, user->iteration, RNG_FLOW);
    rng_init(&user->think, seed, user->ordinal, user->iteration, RNG_THINK);
    user->iteration++;
}

static const struct plan_pause *pause_of(const struct user *user, uint32_t step)
{
    const struct plan_pause *pause = user->engine->plan->steps[step].pause;

    return pause && pause->kind != PLAN_PAUSE_NONE ? pause : &user->class->think;
}

/* Draws a pause. Returns whether it takes any time. */
static bool draw_pause(struct user *user, uint32_t step)
{
    const struct plan_pause *pause = pause_of(user, step);

    user->pause_ns =
        pause->kind == PLAN_PAUSE_NONE ? 0 : pause_draw_ns(pause, &user->think);
    return user->pause_ns > 0;
}

static void begin_operation(struct user *user, uint32_t step)
{
    struct engine *engine = user->engine;

    operation_begin(&user->operation, engine, step, engine_labels(engine, user, step),
                    user->operations++, user->due_ns);
    user->operation.question = user->questions;
    user->questions += asking_count(&engine->plan->steps[step]);
}

/* Whether the iteration that ended is followed by another; begins it. */
static bool next_iteration(struct user *user)
{
    user->iterations_done++;
    if (user->class->iterations && user->iterations_done >= user->class->iterations)
        return false;
    begin_iteration(user);
    return true;
}

/* What comes next, as the operation or the program says. */
static enum user_event next_of_program(struct user *user)
{
    const struct plan_program *program =
        &user->engine->plan->programs[user->class->program];

    if (user->leaves && !next_iteration(user))
        return USER_EVENT_FINISH;
    for (;;) {
        uint32_t step = 0;

        switch (program_next(program, &user->place, &user->flow, &step)) {
        case PROGRAM_ASKS:
            user->waited = true;
            begin_operation(user, step);
            return USER_EVENT_ASK;
        case PROGRAM_THINKS:
            if (!draw_pause(user, step))
                break;
            user->waited = true;
            return USER_EVENT_PAUSE;
        case PROGRAM_ENDS:
            if (!user->waited) {
                user->waited = true;
                user->pause_ns = EMPTY_ITERATION_NS;
                return USER_EVENT_PAUSE;
            }
            if (!next_iteration(user))
                return USER_EVENT_FINISH;
            break;
        }
    }
}

static void enter_stepping(struct user *user, uint64_t now_ns)
{
    user_handle(user, user->operation.open ? USER_EVENT_ASK : next_of_program(user),
                now_ns);
}

static void enter_thinking(struct user *user, uint64_t now_ns)
{
    (void)now_ns;
    user->due_ns += user->pause_ns;
    pacer_set(&user->engine->pacer, &user->timer, user->due_ns);
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

    (void)operation_attempt_over(&user->operation, user->engine,
                                 user->attempt ? attempt_sample(user->attempt) : &unmade,
                                 NULL, &delay_ns);
    user->attempt = attempt_free(user->attempt);
    user->due_ns = now_ns + (delay_ns > UNSENT_PAUSE_NS ? delay_ns : UNSENT_PAUSE_NS);
    user_handle(user, USER_EVENT_UNSENT, now_ns);
}

static void enter_queued(struct user *user, uint64_t now_ns)
{
    if (operation_draw_late_ns(&user->operation, user->engine, user->ordinal) > 0)
        user_handle(user, USER_EVENT_DELAY, now_ns);
    else if (attempt_new(user, &user->attempt) < 0)
        give_up(user, now_ns);
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

static void enter_absent(struct user *user, uint64_t now_ns)
{
    struct engine *engine = user->engine;

    pacer_clear(&engine->pacer, &user->timer);
    list_remove(&user->held);
    operation_cancel(&user->operation, engine, now_ns);
    user->attempt = attempt_free(user->attempt);
    forget_conversations(user);
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

    if (user->state == USER_THINKING)
        recorder_pause(user->engine->recorder, user->pause_ns,
                       now_ns - (user->due_ns - user->pause_ns));
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
    if (!user_is_present(user)) {
        user->due_ns = due_ns;
        user->iterations_done = 0;
        begin_iteration(user);
    }
    user_handle(user, USER_EVENT_WANTED, now_ns);
}

void user_unwant(struct user *user, uint64_t now_ns)
{
    set_wanted(user, false, now_ns);
    user_handle(user, USER_EVENT_UNWANTED, now_ns);
}

void user_cut(struct user *user, uint64_t now_ns)
{
    user_handle(user, USER_EVENT_CUT, now_ns);
}

void user_let_go(struct user *user, uint64_t now_ns)
{
    list_remove(&user->held);
    if (user->due_ns < now_ns)
        user->due_ns = now_ns; /* the wait was asked for: the loop was not late */
    if (engine_may_send(user->engine, user->attempt, now_ns))
        user_handle(user, USER_EVENT_GO, now_ns);
    else
        list_append(&user->engine->held, &user->held);
}

void user_attempt_over(struct user *user, uint64_t now_ns)
{
    const struct sample *sample = attempt_sample(user->attempt);
    uint64_t delay_ns = 0;
    const struct plan_patience *patience =
        user->engine->plan->steps[user->operation.step].patience;
    const bool again =
        operation_attempt_over(&user->operation, user->engine, sample,
                               attempt_retry_told(user->attempt), &delay_ns);

    user->leaves = sample->outcome == OUTCOME_ABANDONED && patience && patience->leaves;
    user->due_ns = sample->end_ns + delay_ns;
    user->attempt = attempt_free(user->attempt);
    user_handle(user, again ? USER_EVENT_AGAIN : USER_EVENT_END, now_ns);
}
