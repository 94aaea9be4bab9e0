#include "engine/stepping.h"

#include "engine/asking.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "engine/user_script.h"
#include "plan/plan.h"
#include "workload/pause.h"

/* How long an iteration takes in which nothing takes time, lest it spin. */
#define EMPTY_ITERATION_NS UINT64_C(1000000)

/* How long who failed to set up waits before they try again. */
#define SETUP_PAUSE_NS UINT64_C(1000000000)

static const struct plan_program *program_of(const struct user *user)
{
    const struct plan *plan = user->engine->plan;

    if (user->program)
        return user->program;
    switch (user->stage) {
    case USER_STAGE_SETUP:
        return &plan->programs[user->class->setup];
    case USER_STAGE_FLOW:
        return &plan->programs[user->class->program];
    case USER_STAGE_TEARDOWN:
        return &plan->programs[user->class->teardown];
    }
    return NULL;
}

/* At the start of a program. Each time has random streams of its own. */
static void begin_stage(struct user *user, enum user_stage stage)
{
    const uint64_t seed = user->engine->plan->seed;

    if (stage != USER_STAGE_FLOW)
        arm_leave(user);
    user->stage = stage;
    user->place = (struct program_place){0};
    user->waited = false;
    user->leaves = false;
    user->texts = 0;
    rng_init(&user->flow, seed, user->key, user->walks, RNG_FLOW);
    rng_init(&user->think, seed, user->key, user->walks, RNG_THINK);
    user->walks++;
    user_script_begin_iteration(user);
}

static void begin_iteration(struct user *user)
{
    user->iteration++;
    arm_begin_iteration(user);
    begin_stage(user, USER_STAGE_FLOW);
}

void stepping_begin(struct user *user)
{
    user->iterations_done = 0;
    if (user->program) { /* they have begun already, and have but this one */
        begin_stage(user, user->stage);
        return;
    }
    arm_begin_life(user);
    /* What people with a setup begin with is theirs, and setup may have changed it. */
    if (!user->takes_arrivals || !user->is_set_up || user->class->setup == PLAN_NONE)
        user_script_begin(user);
    if (user->class->setup != PLAN_NONE && !user->is_set_up)
        begin_stage(user, USER_STAGE_SETUP);
    else
        begin_iteration(user);
}

void stepping_rekey(struct user *user, uint64_t number)
{
    user->walks = 0;
    user->questions = 0;
    user->operations = 0;
    user->iteration = number; /* begin_iteration() counts from 1 */
    user_script_rekey(user);
}

bool stepping_begin_teardown(struct user *user)
{
    if (user->takes_arrivals && user->is_set_up && user->stage == USER_STAGE_SETUP)
        user->stage = USER_STAGE_FLOW; /* they were ready, and no arrival came for them */
    if (user->stage != USER_STAGE_FLOW || user->class->teardown == PLAN_NONE)
        return false;
    begin_stage(user, USER_STAGE_TEARDOWN);
    return true;
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

static enum user_event wait(struct user *user, uint64_t pause_ns)
{
    user->waited = true;
    user->pause_ns = pause_ns;
    return USER_EVENT_PAUSE;
}

/* Of an open loop: nobody comes back after a flow's end, so that a pause there is none of theirs. */
static bool is_last(const struct user *user)
{
    return user->takes_arrivals && user->stage == USER_STAGE_FLOW &&
           program_of(user)->instructions[user->place.pc].op == PLAN_OP_END;
}

static enum user_event ask(struct user *user, uint32_t step)
{
    struct engine *engine = user->engine;

    user->waited = true;
    user->texts++;
    operation_begin(&user->operation, engine, step, engine_labels(engine, user, step),
                    user->operations++, user->due_ns);
    user->operation.key = user->key;
    user->operation.question = user->questions;
    user->questions += asking_count(&engine->plan->steps[step]);
    return USER_EVENT_ASK;
}

/* What ends when a program does. USER_EVENT_COUNT: nothing, the next one begins. */
static enum user_event end_program(struct user *user)
{
    switch (user->stage) {
    case USER_STAGE_SETUP:
        if (user->program)
            return USER_EVENT_FINISH;
        if (user->walk_failed) {
            engine_note_setup(user->engine);
            begin_stage(user, USER_STAGE_SETUP);
            return wait(user, SETUP_PAUSE_NS);
        }
        if (user->takes_arrivals) {
            user->is_set_up = true;
            user_script_keep(user);
            return USER_EVENT_FINISH;
        }
        begin_iteration(user);
        return USER_EVENT_COUNT;
    case USER_STAGE_FLOW:
        if (!user->leaves)
            user_script_end_iteration(user);
        user->iterations_done++;
        if (user->takes_arrivals)
            return USER_EVENT_FINISH;
        if (user->class->iterations && user->iterations_done >= user->class->iterations)
            return stepping_begin_teardown(user) ? USER_EVENT_COUNT : USER_EVENT_FINISH;
        begin_iteration(user);
        return USER_EVENT_COUNT;
    case USER_STAGE_TEARDOWN:
        return USER_EVENT_FINISH;
    }
    return USER_EVENT_FINISH;
}

/* A `stop` step. As end_program. */
static enum user_event stop(struct user *user, const struct plan_stop *what)
{
    switch (what->kind) {
    case PLAN_STOP_ITERATION:
        return end_program(user);
    case PLAN_STOP_USER:
        if (user->takes_arrivals) /* the person stays, and takes another */
            return USER_EVENT_FINISH;
        return stepping_begin_teardown(user) ? USER_EVENT_COUNT : USER_EVENT_FINISH;
    case PLAN_STOP_RUN:
        engine_stop_by_step(user->engine, what, user->due_ns);
        return wait(user, EMPTY_ITERATION_NS);
    }
    return USER_EVENT_FINISH;
}

enum user_event stepping_next(struct user *user)
{
    const struct plan *plan = user->engine->plan;
    struct program_walk walk = {
        .ops = &user_script_ops, .ctx = user, .flow = &user->flow, .left = PROGRAM_WALK};
    enum user_event event = USER_EVENT_COUNT;

    /* They had enough; and nothing in a setup makes sense any more once something in it failed. */
    if (user->leaves || (user->stage == USER_STAGE_SETUP && user->walk_failed))
        event = end_program(user);
    while (event == USER_EVENT_COUNT) {
        enum program_stop what;
        uint32_t index = 0;

        walk.program = program_of(user);
        what = program_next(&walk, &user->place, &index);
        if (!user->waited && (what == PROGRAM_ENDS || what == PROGRAM_STOPS)) {
            user->place.pc -= what == PROGRAM_STOPS; /* it comes again */
            what = PROGRAM_YIELDS;
        }
        switch (what) {
        case PROGRAM_ASKS:
            return ask(user, index);
        case PROGRAM_THINKS:
            if (!is_last(user) && draw_pause(user, index))
                event = wait(user, user->pause_ns);
            break;
        case PROGRAM_STOPS:
            event = stop(user, &plan->stops[index]);
            break;
        case PROGRAM_YIELDS:
            event = wait(user, EMPTY_ITERATION_NS);
            break;
        case PROGRAM_ENDS:
            event = end_program(user);
            break;
        }
    }
    return event;
}
