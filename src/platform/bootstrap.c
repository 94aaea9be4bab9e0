#include "platform/bootstrap.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/secret.h"
#include "engine/variables.h"
#include "measure/tenancy.h"
#include "plan/plan.h"
#include "platform/advice.h"
#include "platform/ledger.h"
#include "platform/taking.h"
#include "platform/tenants.h"

#define PROBLEM_BYTES 640

/* A call that is due, for an organization or a user. */
struct task {
    enum plan_platform_call call;
    size_t at;
};

/* Calls in the order in which they become due; with room for all there will ever be. */
struct queue {
    struct task *tasks; /* owned */
    size_t count;
    size_t given;
};

struct bootstrap {
    struct bootstrap_options options;
    struct errand_giver giver;
    struct taking taking;
    struct queue keys; /* go first: who has begun is ready soon */
    struct queue others;
    uint64_t ready;
    int error;
    char problem[PROBLEM_BYTES]; /* "" while there is none */
};

static uint32_t program_of(const struct bootstrap *bootstrap,
                           enum plan_platform_call call)
{
    return bootstrap->options.plan->platform.calls[call];
}

static void push(struct bootstrap *bootstrap, enum plan_platform_call call, size_t at)
{
    struct queue *queue =
        call == PLAN_PLATFORM_MAKE_KEY ? &bootstrap->keys : &bootstrap->others;

    queue->tasks[queue->count++] = (struct task){call, at};
}

static bool pop(struct queue *queue, struct task *ret_task)
{
    if (queue->given == queue->count)
        return false;
    *ret_task = queue->tasks[queue->given++];
    return true;
}

/* A task as the number of its errand. */
static uint64_t number_of(const struct task *task)
{
    return task->at * PLAN_PLATFORM_CALLS + task->call;
}

static struct task task_of(uint64_t number)
{
    return (struct task){.call = (enum plan_platform_call)(number % PLAN_PLATFORM_CALLS),
                         .at = (size_t)(number / PLAN_PLATFORM_CALLS)};
}

static void user_is_there(struct bootstrap *bootstrap, size_t at)
{
    if (program_of(bootstrap, PLAN_PLATFORM_MAKE_KEY) == PLAN_NONE)
        bootstrap->ready++;
    else
        push(bootstrap, PLAN_PLATFORM_MAKE_KEY, at);
}

/* Its users know it by the names that it has now. */
static void organization_is_there(struct bootstrap *bootstrap, size_t at)
{
    struct tenants *tenants = bootstrap->options.tenants;
    const struct tenant_organization *organization = &tenants->organizations[at];

    for (size_t i = 0; i < organization->user_count; i++) {
        struct roster_user *person = &tenants->people[organization->users[i]];

        person->org_id = organization->as.org_id;
        person->org_slug = organization->as.org_slug;
        if (program_of(bootstrap, PLAN_PLATFORM_MAKE_USER) == PLAN_NONE)
            user_is_there(bootstrap, organization->users[i]);
        else
            push(bootstrap, PLAN_PLATFORM_MAKE_USER, organization->users[i]);
    }
}

static const struct roster_user *who_of(const struct bootstrap *bootstrap,
                                        const struct task *task)
{
    const struct tenants *tenants = bootstrap->options.tenants;

    return task->call == PLAN_PLATFORM_MAKE_ORGANIZATION
               ? &tenants->organizations[task->at].as
               : &tenants->people[task->at];
}

/* Notes of what has no end of its own whether it may be there. */
static void mark(struct bootstrap *bootstrap, const struct task *task,
                 enum tenant_state state)
{
    struct tenants *tenants = bootstrap->options.tenants;

    if (task->call == PLAN_PLATFORM_MAKE_ORGANIZATION) {
        tenants->organizations[task->at].state = state;
        ledger_note(bootstrap->options.ledger, TENANCY_ORGANIZATIONS, state,
                    who_of(bootstrap, task));
    } else if (task->call == PLAN_PLATFORM_MAKE_USER) {
        tenants->users[task->at].state = state;
        ledger_note(bootstrap->options.ledger, TENANCY_USERS, state,
                    who_of(bootstrap, task));
    }
}

static bool next(void *ctx, struct errand *ret_errand)
{
    struct bootstrap *bootstrap = ctx;
    struct task task;

    if (bootstrap->problem[0] || bootstrap->error < 0)
        return false;
    if (!pop(&bootstrap->keys, &task) && !pop(&bootstrap->others, &task))
        return false;
    mark(bootstrap, &task, TENANT_ASKED);
    *ret_errand = (struct errand){
        .program = &bootstrap->options.plan->programs[program_of(bootstrap, task.call)],
        .who = who_of(bootstrap, &task),
        .number = number_of(&task),
    };
    return true;
}

/* Returns whether it was taken. */
static bool is_taken(struct bootstrap *bootstrap, int r)
{
    if (r < 0)
        bootstrap->error = r;
    return r > 0;
}

static bool take_key(struct bootstrap *bootstrap, size_t at,
                     const struct errand_result *result)
{
    struct tenants *tenants = bootstrap->options.tenants;
    struct variable value;
    struct secret *key = NULL;

    if (!taking_finds(&bootstrap->taking, result, PLAN_PLATFORM_KEY, &value))
        return false;
    if (is_taken(bootstrap, taking_text(&bootstrap->taking, result, PLAN_PLATFORM_KEY_ID,
                                        &tenants->people[at].key_id)) ||
        program_of(bootstrap, PLAN_PLATFORM_REMOVE_KEY) == PLAN_NONE) {
        tenants->users[at].key_state = TENANT_MADE;
        ledger_note(bootstrap->options.ledger, TENANCY_KEYS, TENANT_MADE,
                    &tenants->people[at]);
    }
    if (secret_new(value.text, &key) < 0)
        return false;
    if (arena_own_secret(tenants->arena, key) < 0) {
        secret_free(key);
        bootstrap->error = -ENOMEM;
        return false;
    }
    tenants->people[at].key = key;
    return true;
}

static bool take_result(struct bootstrap *bootstrap, const struct task *task,
                        const struct errand_result *result)
{
    if (task->call == PLAN_PLATFORM_MAKE_ORGANIZATION)
        return is_taken(bootstrap, taking_organization(&bootstrap->taking, task->at,
                                                       result, result->was_uncertain));
    if (task->call == PLAN_PLATFORM_MAKE_USER)
        return is_taken(bootstrap, taking_user(&bootstrap->taking, task->at, result,
                                               result->was_uncertain));
    return take_key(bootstrap, task->at, result);
}

static void go_on(struct bootstrap *bootstrap, const struct task *task)
{
    if (task->call == PLAN_PLATFORM_MAKE_ORGANIZATION)
        organization_is_there(bootstrap, task->at);
    else if (task->call == PLAN_PLATFORM_MAKE_USER)
        user_is_there(bootstrap, task->at);
    else
        bootstrap->ready++;
}

/* What was found counts also where the rest of the call went wrong: it is there. */
static void over(void *ctx, const struct errand *errand,
                 const struct errand_result *result)
{
    struct bootstrap *bootstrap = ctx;
    const struct task task = task_of(errand->number);
    const bool is_there = take_result(bootstrap, &task, result);
    const bool is_done = is_there && !result->failed && !result->is_cut;
    struct variable value;

    tenancy_note(bootstrap->options.tenancy, task.call,
                 !is_done ? TENANCY_FAILED
                 : taking_finds(&bootstrap->taking, result, PLAN_PLATFORM_EXISTED, &value)
                     ? TENANCY_REUSED
                     : TENANCY_DONE,
                 result->duration_ns);
    if (!is_there && !result->is_cut && !result->was_uncertain)
        mark(bootstrap, &task, TENANT_ABSENT);
    if (is_done)
        go_on(bootstrap, &task);
    else if (!result->is_cut && !bootstrap->problem[0])
        advice_write(task.call, errand->who, result, bootstrap->problem,
                     sizeof(bootstrap->problem));
}

int bootstrap_new(const struct bootstrap_options *options,
                  struct bootstrap **ret_bootstrap)
{
    const struct tenants *tenants = options->tenants;
    struct bootstrap *bootstrap = calloc(1, sizeof(*bootstrap));

    if (!bootstrap)
        return -ENOMEM;
    bootstrap->options = *options;
    bootstrap->taking = (struct taking){options->plan, options->tenants, options->ledger};
    bootstrap->giver =
        (struct errand_giver){.ctx = bootstrap, .next = next, .over = over};
    bootstrap->keys.tasks =
        calloc(tenants->user_count + 1, sizeof(*bootstrap->keys.tasks));
    bootstrap->others.tasks =
        calloc(tenants->organization_count + tenants->user_count + 1,
               sizeof(*bootstrap->others.tasks));
    if (!bootstrap->keys.tasks || !bootstrap->others.tasks) {
        bootstrap_free(bootstrap);
        return -ENOMEM;
    }
    options->tenancy->organizations = tenants->organization_count;
    options->tenancy->users = tenants->user_count;
    for (size_t i = 0; i < tenants->organization_count; i++) {
        if (program_of(bootstrap, PLAN_PLATFORM_MAKE_ORGANIZATION) == PLAN_NONE)
            organization_is_there(bootstrap, i);
        else
            push(bootstrap, PLAN_PLATFORM_MAKE_ORGANIZATION, i);
    }
    *ret_bootstrap = bootstrap;
    return 0;
}

struct bootstrap *bootstrap_free(struct bootstrap *bootstrap)
{
    if (!bootstrap)
        return NULL;
    free(bootstrap->keys.tasks);
    free(bootstrap->others.tasks);
    free(bootstrap);
    return NULL;
}

const struct errand_giver *bootstrap_giver(const struct bootstrap *bootstrap)
{
    return &bootstrap->giver;
}

uint64_t bootstrap_ready(const struct bootstrap *bootstrap)
{
    return bootstrap->ready;
}

const char *bootstrap_problem(const struct bootstrap *bootstrap)
{
    return bootstrap->problem[0] ? bootstrap->problem : NULL;
}

int bootstrap_error(const struct bootstrap *bootstrap)
{
    return bootstrap->error;
}
