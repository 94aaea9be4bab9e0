#include "engine/arm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"
#include "workload/arms.h"
#include "workload/mix.h"
#include "workload/turn.h"

/* Whether arms are dealt in this stage: what is done beside the load is no arm's. */
static bool has_arms(const struct engine *engine)
{
    return engine->plan->ab.arm_count > 0 && engine->stage == ENGINE_LOAD;
}

/* By whom each iteration is dealt anew. */
static bool deals_iterations(const struct user *user)
{
    const struct engine *engine = user->engine;

    return has_arms(engine) && engine->plan->ab.by == PLAN_AB_ITERATION &&
           !plan_is_open(engine->plan) && !user->program;
}

/* What is dealt by one number for all: the round says it. */
static struct arm_seat deal(const struct engine *engine, uint64_t number)
{
    const struct plan *plan = engine->plan;
    const struct arms_turn turn = arms_deal(&plan->ab, plan->seed, 0, number);
    /* Each entry of a trace is sent once, to one of them. */
    const uint64_t key = plan->replay.path ? number : turn.script;
    const uint32_t class = (uint32_t)mix_class_of(engine->mix, key);

    return (struct arm_seat){.class_index = plan_arm_class(plan, class, turn.arm),
                             .key = key};
}

static struct arm_seat seat_as_written(const struct engine *engine, uint64_t number)
{
    return (struct arm_seat){.class_index = (uint32_t)mix_class_of(engine->mix, number),
                             .key = number};
}

struct arm_seat arm_seat_of_user(const struct engine *engine, uint64_t ordinal)
{
    return has_arms(engine) && engine->plan->ab.by == PLAN_AB_USER
               ? deal(engine, ordinal)
               : seat_as_written(engine, ordinal);
}

struct arm_seat arm_seat_of_arrival(const struct engine *engine, uint64_t number)
{
    return has_arms(engine) ? deal(engine, number) : seat_as_written(engine, number);
}

void arm_start_deinit(struct arm_start *start)
{
    free(start->rows);
    free(start->places);
    *start = (struct arm_start){0};
}

/* Makes *into a copy of `from`, which may be NULL: then it is all zero. Returns 0 or -ENOMEM. */
static int copy_array(void **into, const void *from, size_t count, size_t size)
{
    if (!*into && !from)
        return 0;
    if (!*into)
        *into = calloc(count, size);
    if (!*into)
        return -ENOMEM;
    if (from)
        memcpy(*into, from, count * size);
    else
        memset(*into, 0, count * size);
    return 0;
}

static int copy_rows(struct knowledge_row **into, const struct knowledge_row *from,
                     const struct plan *plan)
{
    void *rows = *into;
    const int r = copy_array(&rows, from, plan->feeder_count, sizeof(**into));

    *into = rows;
    return r;
}

static int copy_places(struct dataset_place **into, const struct dataset_place *from,
                       const struct plan *plan)
{
    void *places = *into;
    const int r = copy_array(&places, from, plan->dataset_count, sizeof(**into));

    *into = places;
    return r;
}

/* A round begins: whoever follows in it begins where this one does. */
static int note_start(struct user *user)
{
    const struct plan *plan = user->engine->plan;
    struct arm_start *start = &user->round;
    int r = 0;

    start->walks = user->walks;
    start->questions = user->questions;
    start->operations = user->operations;
    if (user->knowledge)
        r = copy_rows(&start->rows, user->knowledge->rows, plan);
    return r < 0 ? r : copy_places(&start->places, user->places, plan);
}

static int go_back(struct user *user)
{
    const struct plan *plan = user->engine->plan;
    const struct arm_start *start = &user->round;
    int r = 0;

    user->walks = start->walks;
    user->questions = start->questions;
    user->operations = start->operations;
    if (user->knowledge)
        r = copy_rows(&user->knowledge->rows, start->rows, plan);
    return r < 0 ? r : copy_places(&user->places, start->places, plan);
}

/* What one iteration found is no other's: it may be another arm's. */
static void forget_others(struct user *user)
{
    user->last_status = 0;
    if (!user->knowledge)
        return;
    if (!user->is_settled)
        knowledge_keep_found(user->knowledge);
    else
        knowledge_rest(user->knowledge);
    user->is_settled = true;
}

static void become(struct user *user, uint32_t class_index)
{
    user->class_index = class_index;
    user->class = &user->engine->plan->classes[class_index];
}

void arm_begin_life(struct user *user)
{
    if (!deals_iterations(user))
        return;
    arm_leave(user);
    user->is_settled = false;
    if (user->knowledge)
        knowledge_forget_found(user->knowledge);
}

void arm_begin_iteration(struct user *user)
{
    const struct plan *plan = user->engine->plan;
    struct arms_turn turn;
    int r;

    if (!deals_iterations(user))
        return;
    turn = arms_deal(&plan->ab, plan->seed, user->key, user->iteration - 1);
    become(user,
           plan_arm_class(plan, plan_written_class(plan, user->class_index), turn.arm));
    forget_others(user);
    r = turn.is_again ? go_back(user) : note_start(user);
    if (r < 0)
        engine_ask_stop(user->engine, STOP_ERROR, user->due_ns);
}

void arm_leave(struct user *user)
{
    const struct engine *engine = user->engine;

    if (has_arms(engine) && engine->plan->ab.by == PLAN_AB_ITERATION && !user->program)
        become(user, plan_written_class(engine->plan, user->class_index));
}

uint64_t arm_nonce(const struct user *user)
{
    uint32_t arm;

    return plan_class_arm(user->engine->plan, user->class_index, &arm)
               ? arms_nonce(user->engine->nonce, arm)
               : user->engine->nonce;
}

bool arm_speaks_for_many(const struct user *user)
{
    return has_arms(user->engine) && !deals_iterations(user);
}
