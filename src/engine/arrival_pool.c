#include "engine/arrival_pool.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"

static const struct plan *plan_of(const struct arrival_pool *pool)
{
    return pool->crowd.engine->plan;
}

static bool has_people_of_its_own(const struct plan_class *class)
{
    return class->setup != PLAN_NONE || class->teardown != PLAN_NONE;
}

int arrival_pool_init(struct arrival_pool *pool, struct engine *engine)
{
    const struct plan *plan = engine->plan;

    *pool = (struct arrival_pool){.crowd = {.engine = engine},
                                  .groups = plan->class_count + 1,
                                  .people = crowd_share(plan, plan->arrivals.users)};
    pool->free = calloc(pool->groups, sizeof(*pool->free));
    if (!pool->free)
        return -ENOMEM;
    for (size_t i = 0; i < pool->groups; i++)
        list_init(&pool->free[i]);
    for (size_t i = 0; i < plan->class_count; i++)
        pool->sets_up |= plan->classes[i].setup != PLAN_NONE;
    return 0;
}

void arrival_pool_deinit(struct arrival_pool *pool)
{
    crowd_deinit(&pool->crowd);
    free(pool->free);
}

size_t arrival_pool_group(const struct arrival_pool *pool, size_t class_index)
{
    const struct plan *plan = plan_of(pool);

    class_index = plan_written_class(plan, (uint32_t)class_index);
    return has_people_of_its_own(&plan->classes[class_index]) ? class_index
                                                              : plan->class_count;
}

bool arrival_pool_has(const struct arrival_pool *pool, size_t group)
{
    return !list_is_empty(&pool->free[group]) || pool->begun < pool->people;
}

bool arrival_pool_sets_up(const struct arrival_pool *pool)
{
    return pool->sets_up && pool->begun < pool->people;
}

int arrival_pool_begin_one(struct arrival_pool *pool, uint64_t now_ns)
{
    const int r = crowd_reach(&pool->crowd, pool->begun);
    struct user *user;

    if (r < 0)
        return r;
    user = crowd_at(&pool->crowd, pool->begun++);
    user->takes_arrivals = true;
    if (user->class->setup != PLAN_NONE)
        user_set_up(user, now_ns);
    else
        arrival_pool_give(pool, user);
    return 0;
}

int arrival_pool_take(struct arrival_pool *pool, size_t group, uint64_t now_ns,
                      struct user **ret_user)
{
    struct list *free = &pool->free[group];
    int r = 0;

    /* One more comes into play with each arrival, and as many as it takes to find somebody. */
    for (bool first = true;
         r == 0 && pool->begun < pool->people && (first || list_is_empty(free));
         first = false)
        r = arrival_pool_begin_one(pool, now_ns);
    *ret_user = NULL;
    if (r < 0 || list_is_empty(free))
        return r;
    *ret_user = LIST_ENTRY(free->next, struct user, held);
    list_remove(&(*ret_user)->held);
    return 0;
}

static uint64_t place_of(const struct arrival_pool *pool, const struct user *user)
{
    return user->ordinal / plan_of(pool)->worker_count;
}

/* Whether they could take an arrival at once: somebody whose setup never came to its end could not. */
static bool is_ready(const struct user *user)
{
    return !user_is_present(user) && (user->class->setup == PLAN_NONE || user->is_set_up);
}

void arrival_pool_give(struct arrival_pool *pool, struct user *user)
{
    if (is_ready(user) && place_of(pool, user) < pool->people)
        list_append(&pool->free[arrival_pool_group(pool, user->class_index)],
                    &user->held);
}

void arrival_pool_resize(struct arrival_pool *pool, uint64_t people)
{
    pool->people = crowd_share(plan_of(pool), people);
    for (uint64_t i = 0; i < pool->begun; i++) {
        struct user *user = crowd_at(&pool->crowd, i);

        if (user_is_present(user))
            continue;
        list_remove(&user->held);
        arrival_pool_give(pool, user);
    }
}

void arrival_pool_close(struct arrival_pool *pool, uint64_t now_ns)
{
    for (uint64_t i = 0; i < pool->begun; i++) {
        struct user *user = crowd_at(&pool->crowd, i);

        if (user_is_present(user)) {
            user_unwant(user, now_ns);
        } else {
            list_remove(&user->held);
            user_take_leave(user, now_ns);
        }
    }
}
