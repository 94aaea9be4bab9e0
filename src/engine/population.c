#include "engine/population.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/knowledge.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"

/* Users made at once. */
#define BLOCK 64

struct block {
    struct user *users;          /* owned: BLOCK of them */
    struct knowledge *knowledge; /* owned: theirs; NULL: the scenario has none to keep */
};

struct population {
    struct load_source source;
    struct engine *engine;
    struct block *blocks; /* owned: in the order of their ordinals */
    size_t block_count;
    uint64_t told; /* the first so many of this worker's users know they are wanted */
    uint64_t goal; /* and so many should */
    uint64_t goal_at_ns; /* since then */
};

static struct population *of_source(struct load_source *source)
{
    return (struct population *)(void *)source;
}

static const struct population *of_const_source(const struct load_source *source)
{
    return (const struct population *)(const void *)source;
}

static struct user *user_at(const struct population *population, uint64_t place)
{
    return &population->blocks[place / BLOCK].users[place % BLOCK];
}

/* How many ordinals below level belong to this worker. */
static uint64_t share_of(const struct plan *plan, uint64_t level)
{
    if (level <= plan->worker_index)
        return 0;
    return (level - plan->worker_index - 1) / plan->worker_count + 1;
}

static int block_new(struct block *block, bool has_knowledge)
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
static int grow(struct population *population)
{
    const struct plan *plan = population->engine->plan;
    const uint64_t first = population->block_count * BLOCK;
    struct block *blocks =
        reallocarray(population->blocks, population->block_count + 1, sizeof(*blocks));
    struct block block = {0};
    int r;

    if (!blocks)
        return -ENOMEM;
    population->blocks = blocks;
    r = pacer_reserve(&population->engine->pacer,
                      (first + BLOCK) * USER_TIMERS + ENGINE_TIMERS);
    if (r < 0)
        return r;
    r = block_new(&block, population->engine->script.has_knowledge);
    if (r < 0)
        return r;
    for (uint64_t i = 0; i < BLOCK; i++)
        user_init(&block.users[i], population->engine,
                  (first + i) * plan->worker_count + plan->worker_index,
                  block.knowledge ? &block.knowledge[i] : NULL);
    blocks[population->block_count++] = block;
    return 0;
}

static void set_level(struct load_source *source, uint64_t level, uint64_t at_ns)
{
    struct population *population = of_source(source);

    population->goal = share_of(population->engine->plan, level);
    population->goal_at_ns = at_ns;
}

static uint64_t next_ns(const struct load_source *source)
{
    const struct population *population = of_const_source(source);

    return population->told == population->goal ? UINT64_MAX : population->goal_at_ns;
}

static int advance(struct load_source *source, uint64_t now_ns)
{
    struct population *population = of_source(source);
    int r;

    if (population->told > population->goal) {
        user_unwant(user_at(population, --population->told), now_ns);
        return 0;
    }
    if (population->told == population->block_count * BLOCK) {
        r = grow(population);
        if (r < 0)
            return r;
    }
    user_want(user_at(population, population->told++), population->goal_at_ns, now_ns);
    return 0;
}

/* Someone's iterations are over, or they were cut off and are wanted anew: they begin again. */
static void user_gone(struct load_source *source, struct user *user, uint64_t now_ns)
{
    (void)source;
    if (user->wanted && !user->is_retired)
        user_want(user, now_ns, now_ns);
}

static void close_source(struct load_source *source, uint64_t now_ns)
{
    struct population *population = of_source(source);

    population->goal = 0;
    while (population->told > 0)
        user_unwant(user_at(population, --population->told), now_ns);
}

static void cut(struct load_source *source, uint64_t now_ns)
{
    struct population *population = of_source(source);

    for (uint64_t i = 0; i < population->block_count * BLOCK; i++)
        user_cut(user_at(population, i), now_ns);
}

static void follow(struct load_source *source, const struct plan *plan)
{
    struct population *population = of_source(source);

    for (uint64_t i = 0; i < population->block_count * BLOCK; i++) {
        struct user *user = user_at(population, i);

        user->class = &plan->classes[user->class_index];
    }
}

static uint64_t wanted(const struct load_source *source)
{
    return of_const_source(source)->goal;
}

static void free_source(struct load_source *source)
{
    struct population *population = of_source(source);

    for (uint64_t i = 0; i < population->block_count * BLOCK; i++)
        user_deinit(user_at(population, i));
    for (size_t i = 0; i < population->block_count; i++) {
        free(population->blocks[i].users);
        free(population->blocks[i].knowledge);
    }
    free(population->blocks);
    free(population);
}

int population_new(struct engine *engine, struct load_source **ret_source)
{
    static const struct load_source_ops ops = {
        .set_level = set_level,
        .next_ns = next_ns,
        .advance = advance,
        .user_gone = user_gone,
        .close = close_source,
        .cut = cut,
        .follow = follow,
        .wanted = wanted,
        .free = free_source,
    };
    struct population *population = calloc(1, sizeof(*population));

    if (!population)
        return -ENOMEM;
    population->source.ops = &ops;
    population->engine = engine;
    *ret_source = &population->source;
    return 0;
}
