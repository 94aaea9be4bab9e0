#include "engine/population.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/crowd.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"

struct population {
    struct load_source source;
    struct crowd crowd;
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

static void set_level(struct load_source *source, uint64_t level, uint64_t at_ns)
{
    struct population *population = of_source(source);

    population->goal = crowd_share(population->crowd.engine->plan, level);
    population->goal_at_ns = at_ns;
}

static void resume(struct load_source *source, uint64_t now_ns)
{
    struct population *population = of_source(source);

    if (population->goal_at_ns < now_ns)
        population->goal_at_ns = now_ns;
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
        user_unwant(crowd_at(&population->crowd, --population->told), now_ns);
        return 0;
    }
    r = crowd_reach(&population->crowd, population->told);
    if (r < 0)
        return r;
    user_want(crowd_at(&population->crowd, population->told++), population->goal_at_ns,
              now_ns);
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
        user_unwant(crowd_at(&population->crowd, --population->told), now_ns);
}

static void cut(struct load_source *source, uint64_t now_ns)
{
    crowd_cut(&of_source(source)->crowd, now_ns);
}

static void follow(struct load_source *source, const struct plan *plan)
{
    crowd_follow(&of_source(source)->crowd, plan);
}

static uint64_t wanted(const struct load_source *source)
{
    return of_const_source(source)->goal;
}

static void free_source(struct load_source *source)
{
    struct population *population = of_source(source);

    crowd_deinit(&population->crowd);
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
        .resume = resume,
        .wanted = wanted,
        .free = free_source,
    };
    struct population *population = calloc(1, sizeof(*population));

    if (!population)
        return -ENOMEM;
    population->source.ops = &ops;
    population->crowd.engine = engine;
    *ret_source = &population->source;
    return 0;
}
