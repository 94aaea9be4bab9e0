#include "platform/removal.h"

#include <errno.h>
#include <stdlib.h>

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

struct removal {
    struct removal_options options;
    struct errand_giver giver;
    struct taking taking;
    struct task *tasks; /* room for all there will ever be */
    size_t task_count;
    size_t given;
    size_t *users_left; /* by organization: of those that this run made, or may have */
    int error;
    char problem[PROBLEM_BYTES]; /* "" while there is none */
};

static bool has_call(const struct removal *removal, enum plan_platform_call call)
{
    return removal->options.plan->platform.calls[call] != PLAN_NONE;
}

static void push(struct removal *removal, enum plan_platform_call call, size_t at)
{
    removal->tasks[removal->task_count++] = (struct task){call, at};
}

static void organization_is_gone(struct removal *removal, size_t at)
{
    struct tenants *tenants = removal->options.tenants;
    struct tenant_organization *organization = &tenants->organizations[at];

    organization->state = TENANT_REMOVED;
    ledger_note(removal->options.ledger, TENANCY_ORGANIZATIONS, TENANT_REMOVED,
                &organization->as);
}

/* Once none of its users is left. */
static void remove_organization(struct removal *removal, size_t at)
{
    const struct tenant_organization *organization =
        &removal->options.tenants->organizations[at];

    if (organization->state == TENANT_MADE && removal->users_left[at] == 0 &&
        has_call(removal, PLAN_PLATFORM_REMOVE_ORGANIZATION))
        push(removal, PLAN_PLATFORM_REMOVE_ORGANIZATION, at);
}

static void key_is_gone(struct removal *removal, size_t at)
{
    struct tenant_user *user = &removal->options.tenants->users[at];

    if (user->key_state != TENANT_MADE)
        return;
    user->key_state = TENANT_REMOVED;
    ledger_note(removal->options.ledger, TENANCY_KEYS, TENANT_REMOVED,
                &removal->options.tenants->people[at]);
}

/* Their keys go with them. */
static void user_is_gone(struct removal *removal, size_t at)
{
    struct tenant_user *user = &removal->options.tenants->users[at];

    key_is_gone(removal, at);
    user->state = TENANT_REMOVED;
    ledger_note(removal->options.ledger, TENANCY_USERS, TENANT_REMOVED,
                &removal->options.tenants->people[at]);
    removal->users_left[user->organization]--;
    remove_organization(removal, user->organization);
}

static void remove_user(struct removal *removal, size_t at)
{
    if (removal->options.tenants->users[at].state != TENANT_MADE)
        return;
    if (has_call(removal, PLAN_PLATFORM_REMOVE_USER))
        push(removal, PLAN_PLATFORM_REMOVE_USER, at);
    else
        user_is_gone(removal, at); /* as the organization is */
}

static const struct roster_user *who_of(const struct removal *removal,
                                        const struct task *task)
{
    const struct tenants *tenants = removal->options.tenants;

    return task->call == PLAN_PLATFORM_REMOVE_ORGANIZATION ||
                   task->call == PLAN_PLATFORM_MAKE_ORGANIZATION
               ? &tenants->organizations[task->at].as
               : &tenants->people[task->at];
}

static bool next(void *ctx, struct errand *ret_errand)
{
    struct removal *removal = ctx;
    const struct plan *plan = removal->options.plan;
    const struct task *task = &removal->tasks[removal->given];

    if (removal->given == removal->task_count)
        return false;
    *ret_errand = (struct errand){
        .program = &plan->programs[plan->platform.calls[task->call]],
        .who = who_of(removal, task),
        .number = removal->given,
    };
    removal->given++;
    return true;
}

static void is_gone(struct removal *removal, const struct task *task)
{
    if (task->call == PLAN_PLATFORM_REMOVE_ORGANIZATION)
        organization_is_gone(removal, task->at);
    else if (task->call == PLAN_PLATFORM_REMOVE_USER)
        user_is_gone(removal, task->at);
    else
        key_is_gone(removal, task->at);
}

/*
 * What was asked for without an answer is made, unless it is there: so it is known.
 */
static void is_found(struct removal *removal, const struct task *task,
                     const struct errand_result *result)
{
    const struct tenants *tenants = removal->options.tenants;
    int r;

    if (task->call == PLAN_PLATFORM_MAKE_ORGANIZATION) {
        r = taking_organization(&removal->taking, task->at, result, true);
        if (r > 0)
            remove_organization(removal, task->at);
    } else {
        const struct tenant_user *user = &tenants->users[task->at];

        r = taking_user(&removal->taking, task->at, result,
                        tenants->organizations[user->organization].is_doubtful);
        if (r > 0 && user->state == TENANT_REUSED)
            removal->users_left[user->organization]--;
        if (r > 0)
            remove_user(removal, task->at);
    }
    if (r < 0)
        removal->error = r;
}

static bool is_making(const struct task *task)
{
    return task->call == PLAN_PLATFORM_MAKE_ORGANIZATION ||
           task->call == PLAN_PLATFORM_MAKE_USER;
}

/* It is not empty: so it was there before, since what this run made in it is gone. */
static bool is_of_others(const struct removal *removal, const struct task *task,
                         const struct errand_result *result)
{
    return task->call == PLAN_PLATFORM_REMOVE_ORGANIZATION && result->status == 409 &&
           removal->options.tenants->organizations[task->at].is_doubtful;
}

static void is_left(struct removal *removal, const struct task *task,
                    const struct errand *errand, const struct errand_result *result)
{
    struct tenants *tenants = removal->options.tenants;

    if (is_of_others(removal, task, result)) {
        tenants->organizations[task->at].state = TENANT_REUSED;
        ledger_note(removal->options.ledger, TENANCY_ORGANIZATIONS, TENANT_REUSED,
                    errand->who);
    } else if (!result->is_cut && !removal->problem[0]) {
        advice_write(task->call, errand->who, result, removal->problem,
                     sizeof(removal->problem));
    }
}

static void over(void *ctx, const struct errand *errand,
                 const struct errand_result *result)
{
    struct removal *removal = ctx;
    const struct task task = removal->tasks[errand->number];
    const bool is_done = !result->failed && !result->is_cut;

    if (!is_making(&task))
        tenancy_note(removal->options.tenancy, task.call,
                     is_done ? TENANCY_DONE : TENANCY_FAILED, result->duration_ns);
    if (is_making(&task))
        is_found(removal, &task, result);
    else if (is_done)
        is_gone(removal, &task);
    if (!is_done)
        is_left(removal, &task, errand, result);
    if (task.call == PLAN_PLATFORM_REMOVE_KEY && !result->is_cut)
        remove_user(removal, task.at); /* whose end is a key's too */
}

static void begin_organization(struct removal *removal, size_t at)
{
    if (removal->options.tenants->organizations[at].state == TENANT_ASKED)
        push(removal, PLAN_PLATFORM_MAKE_ORGANIZATION, at);
    else
        remove_organization(removal, at);
}

static void begin_user(struct removal *removal, size_t at)
{
    const struct tenants *tenants = removal->options.tenants;

    if (tenants->users[at].state == TENANT_ASKED)
        push(removal, PLAN_PLATFORM_MAKE_USER, at);
    else if (tenants->users[at].key_state == TENANT_MADE && tenants->people[at].key_id &&
             has_call(removal, PLAN_PLATFORM_REMOVE_KEY))
        push(removal, PLAN_PLATFORM_REMOVE_KEY, at);
    else
        remove_user(removal, at);
}

/* What can be removed before anything else, or has to be looked for. */
static void begin(struct removal *removal)
{
    const struct tenants *tenants = removal->options.tenants;

    for (size_t i = 0; i < tenants->user_count; i++)
        if (tenants->users[i].state == TENANT_MADE ||
            tenants->users[i].state == TENANT_ASKED)
            removal->users_left[tenants->users[i].organization]++;
    for (size_t i = 0; i < tenants->organization_count; i++)
        begin_organization(removal, i);
    for (size_t i = 0; i < tenants->user_count; i++)
        begin_user(removal, i);
}

int removal_new(const struct removal_options *options, struct removal **ret_removal)
{
    const struct tenants *tenants = options->tenants;
    struct removal *removal = calloc(1, sizeof(*removal));

    if (!removal)
        return -ENOMEM;
    removal->options = *options;
    removal->giver = (struct errand_giver){.ctx = removal, .next = next, .over = over};
    removal->taking = (struct taking){options->plan, options->tenants, options->ledger};
    /* An organization is asked for and removed; a user asked for, their key and they removed. */
    removal->tasks = calloc(2 * tenants->organization_count + 3 * tenants->user_count + 1,
                            sizeof(*removal->tasks));
    removal->users_left =
        calloc(tenants->organization_count + 1, sizeof(*removal->users_left));
    if (!removal->tasks || !removal->users_left) {
        removal_free(removal);
        return -ENOMEM;
    }
    begin(removal);
    *ret_removal = removal;
    return 0;
}

struct removal *removal_free(struct removal *removal)
{
    if (!removal)
        return NULL;
    free(removal->tasks);
    free(removal->users_left);
    free(removal);
    return NULL;
}

const struct errand_giver *removal_giver(const struct removal *removal)
{
    return &removal->giver;
}

bool removal_is_needed(const struct removal *removal)
{
    return removal->task_count > 0;
}

int removal_error(const struct removal *removal)
{
    return removal->error;
}

const char *removal_problem(const struct removal *removal)
{
    return removal->problem[0] ? removal->problem : NULL;
}
