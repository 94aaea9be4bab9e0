#include "engine/errand.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "engine/knowledge.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "engine/user_script.h"
#include "engine/variables.h"
#include "plan/load.h"
#include "plan/plan.h"

struct errand {
    struct load_source source;
    struct engine *engine;
    struct variables *finding; /* borrowed */
    struct variables *firsts;  /* owned: what the user began with; NULL: as all */
    struct knowledge knowledge;
    struct plan_class class
        ; /* of nobody else, with nothing that requests take from theirs */
    struct user user;
    bool wanted; /* the user should be at it … */
    bool told;   /* … and knows */
};

static struct errand *of_source(struct load_source *source)
{
    return (struct errand *)(void *)source;
}

static void set_level(struct load_source *source, uint64_t level, uint64_t at_ns)
{
    (void)at_ns;
    of_source(source)->wanted = level > 0;
}

static uint64_t next_ns(const struct load_source *source)
{
    const struct errand *errand = (const struct errand *)(const void *)source;

    return errand->wanted && !errand->told ? errand->engine->started_ns : UINT64_MAX;
}

/*
 * What they begin with stays apart from what they find: others begin with the like, each with their
 * own.
 */
static int begin(struct errand *errand)
{
    const struct script *script = &errand->engine->script;
    struct knowledge *knowledge = &errand->knowledge;

    user_script_begin(&errand->user);
    errand->firsts = TAKE(knowledge->variables);
    return variables_new(script->plan->variable_count,
                         errand->firsts ? errand->firsts : script->shared,
                         &knowledge->variables);
}

static int advance(struct load_source *source, uint64_t now_ns)
{
    struct errand *errand = of_source(source);
    const int r = begin(errand);

    errand->told = true;
    if (r == 0)
        user_want(&errand->user, now_ns, now_ns);
    return r;
}

static void user_gone(struct load_source *source, struct user *user, uint64_t now_ns)
{
    struct errand *errand = of_source(source);
    struct engine *engine = errand->engine;

    if (!errand->wanted || engine->errand_over)
        return;
    engine->errand_over = true;
    engine->errand_failed = user->walk_failed;
    if (errand->finding &&
        variables_add(errand->finding, errand->knowledge.variables) < 0)
        engine_ask_stop(engine, STOP_ERROR, now_ns);
    engine_ask_stop(engine, STOP_COMPLETED, now_ns);
}

static void close_source(struct load_source *source, uint64_t now_ns)
{
    struct errand *errand = of_source(source);

    errand->wanted = false;
    if (errand->told)
        user_unwant(&errand->user, now_ns);
}

static void cut(struct load_source *source, uint64_t now_ns)
{
    user_cut(&of_source(source)->user, now_ns);
}

static uint64_t wanted(const struct load_source *source)
{
    return ((const struct errand *)(const void *)source)->wanted;
}

static void free_source(struct load_source *source)
{
    struct errand *errand = of_source(source);

    user_deinit(&errand->user);
    variables_free(errand->firsts);
    free(errand);
}

int errand_new(struct engine *engine, const struct plan_program *program, bool go_on,
               struct variables *finding, struct load_source **ret_source)
{
    static const struct load_source_ops ops = {
        .set_level = set_level,
        .next_ns = next_ns,
        .advance = advance,
        .user_gone = user_gone,
        .close = close_source,
        .cut = cut,
        .wanted = wanted,
        .free = free_source,
    };
    struct errand *errand = calloc(1, sizeof(*errand));

    if (!errand)
        return -ENOMEM;
    if (pacer_reserve(&engine->pacer, ENGINE_TIMERS + USER_TIMERS) < 0) {
        free(errand);
        return -ENOMEM;
    }
    errand->source.ops = &ops;
    errand->engine = engine;
    errand->finding = finding;
    knowledge_init(&errand->knowledge);
    /* None of those who make the load: what is drawn for them is not theirs. */
    user_init(&errand->user, engine, plan_peak_users(engine->plan), &errand->knowledge);
    errand->class = (struct plan_class){
        .name = go_on ? "teardown" : "setup",
        .setup = PLAN_NONE,
        .teardown = PLAN_NONE,
        .keeps_cookies = errand->user.class->keeps_cookies,
    };
    errand->user.class = &errand->class;
    errand->user.program = program;
    errand->user.stage = go_on ? USER_STAGE_TEARDOWN : USER_STAGE_SETUP;
    *ret_source = &errand->source;
    return 0;
}
