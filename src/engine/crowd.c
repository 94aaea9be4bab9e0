#include "engine/crowd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"

/* Users made at once. */
#define BLOCK 64

struct crowd_block {
    struct user *users;          /* owned: BLOCK of them */
    struct knowledge *knowledge; /* owned: theirs; NULL: the scenario has none to keep */
};

uint64_t crowd_share(const struct plan *plan, uint64_t users)
{
    if (users <= plan->worker_index)
        return 0;
    return (users - plan->worker_index - 1) / plan->worker_count + 1;
}

uint64_t crowd_count(const struct crowd *crowd)
{
    return crowd->block_count * BLOCK;
}

struct user *crowd_at(const struct crowd *crowd, uint64_t place)
{
    return &crowd->blocks[place / BLOCK].users[place % BLOCK];
}

static int block_new(struct crowd_block *block, bool has_knowledge)
{
    block->users = calloc(BLOCK, sizeof(*block->users));
    if (!block->users)
        return -ENOMEM;
    if (!has_knowledge)
        return 0;
    block->knowledge = calloc(BLOCK, sizeof(*block->knowledge));
    if (!block->knowledge) {
        free(block->users);
        return -ENOMEM;
    }
    for (size_t i = 0; i < BLOCK; i++)
        knowledge_init(&block->knowledge[i]);
    return 0;
}

/* Makes one block more. */
static int grow(struct crowd *crowd)
{
    const struct plan *plan = crowd->engine->plan;
    const uint64_t first = crowd_count(crowd);
    struct crowd_block *blocks =
        reallocarray(crowd->blocks, crowd->block_count + 1, sizeof(*blocks));
    struct crowd_block block = {0};
    int r;

    if (!blocks)
        return -ENOMEM;
    crowd->blocks = blocks;
    r = pacer_reserve(&crowd->engine->pacer,
                      (first + BLOCK) * USER_TIMERS + ENGINE_TIMERS);
    if (r < 0)
        return r;
    r = block_new(&block, crowd->engine->script.has_knowledge);
    if (r < 0)
        return r;
    for (uint64_t i = 0; i < BLOCK; i++)
        user_init(&block.users[i], crowd->engine,
                  (first + i) * plan->worker_count + plan->worker_index,
                  block.knowledge ? &block.knowledge[i] : NULL);
    blocks[crowd->block_count++] = block;
    return 0;
}

int crowd_reach(struct crowd *crowd, uint64_t place)
{
    int r = 0;

    while (r == 0 && place >= crowd_count(crowd))
        r = grow(crowd);
    return r;
}

void crowd_follow(struct crowd *crowd, const struct plan *plan)
{
    for (uint64_t i = 0; i < crowd_count(crowd); i++) {
        struct user *user = crowd_at(crowd, i);

        user->class = &plan->classes[user->class_index];
    }
}

void crowd_cut(struct crowd *crowd, uint64_t now_ns)
{
    for (uint64_t i = 0; i < crowd_count(crowd); i++)
        user_cut(crowd_at(crowd, i), now_ns);
}

void crowd_deinit(struct crowd *crowd)
{
    for (uint64_t i = 0; i < crowd_count(crowd); i++)
        user_deinit(crowd_at(crowd, i));
    for (size_t i = 0; i < crowd->block_count; i++) {
        free(crowd->blocks[i].users);
        free(crowd->blocks[i].knowledge);
    }
    free(crowd->blocks);
    *crowd = (struct crowd){.engine = crowd->engine};
}
