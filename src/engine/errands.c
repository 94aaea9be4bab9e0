#include "engine/errands.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/heap.h"
#include "engine/knowledge.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "engine/user_script.h"
#include "engine/variables.h"
#include "engine/world.h"
#include "plan/load.h"
#include "plan/plan.h"

/* One who goes through errands, one after the other. */
struct runner {
    struct user user;
    struct knowledge knowledge;
    struct variables *firsts; /* owned: what they began with; NULL: as all */
    struct plan_class class; /* of nobody else, with nothing that requests take from it */
    struct errand errand;
    uint64_t begun_ns;
    bool is_busy;
};

/* The giver of a single errand. */
struct lone_errand {
    struct errand errand;
    struct variables *finding; /* borrowed */
    struct engine *engine;
    bool is_given;
};

struct errands {
    struct load_source source;
    struct engine *engine;
    struct errand_giver giver;
    struct lone_errand lone;
    uint64_t
        look_ns; /* there may be errands to be given since then; UINT64_MAX: there are none */
    bool wanted;
    size_t busy_count;
    size_t runner_count;
    struct runner runners[];
};

static struct errands *of_source(struct load_source *source)
{
    return (struct errands *)(void *)source;
}

static struct runner *of_user(struct user *user)
{
    return HEAP_ENTRY(user, struct runner, user);
}

static void set_level(struct load_source *source, uint64_t level, uint64_t at_ns)
{
    struct errands *errands = of_source(source);

    errands->wanted = level > 0;
    errands->look_ns = at_ns;
}

static uint64_t next_ns(const struct load_source *source)
{
    const struct errands *errands = (const struct errands *)(const void *)source;

    return errands->wanted && errands->busy_count < errands->runner_count
               ? errands->look_ns
               : UINT64_MAX;
}

static struct runner *find_idle(struct errands *errands)
{
    struct runner *runner = errands->runners;

    while (runner->is_busy)
        runner++;
    return runner;
}

static void forget(struct runner *runner)
{
    knowledge_forget(&runner->knowledge);
    runner->firsts = variables_free(runner->firsts);
}

/*
 * What they begin with stays apart from what they find: others begin with the like, each with their
 * own.
 */
static int prepare(struct runner *runner)
{
    const struct script *script = &runner->user.engine->script;
    struct knowledge *knowledge = &runner->knowledge;

    user_script_begin(&runner->user);
    runner->firsts = TAKE(knowledge->variables);
    return variables_new(script->plan->variable_count,
                         runner->firsts ? runner->firsts : script->shared,
                         &knowledge->variables);
}

static int begin(struct errands *errands, const struct errand *errand, uint64_t now_ns)
{
    struct runner *runner = find_idle(errands);
    struct user *user = &runner->user;
    int r;

    runner->errand = *errand;
    runner->begun_ns = now_ns;
    runner->class.name = errand->goes_on ? "teardown" : "setup";
    user->program = errand->program;
    user->who = errand->who;
    user->is_retired = false;
    user->was_uncertain = false;
    user->stage = errand->goes_on ? USER_STAGE_TEARDOWN : USER_STAGE_SETUP;
    r = prepare(runner);
    if (r < 0) {
        forget(runner);
        return r;
    }
    runner->is_busy = true;
    errands->busy_count++;
    user_want(user, now_ns, now_ns);
    return 0;
}

static int advance(struct load_source *source, uint64_t now_ns)
{
    struct errands *errands = of_source(source);
    struct errand errand = {0};

    if (errands->giver.next(errands->giver.ctx, &errand))
        return begin(errands, &errand, now_ns);
    errands->look_ns = UINT64_MAX;
    if (errands->busy_count == 0)
        engine_ask_stop(errands->engine, STOP_COMPLETED, now_ns);
    return 0;
}

static void user_gone(struct load_source *source, struct user *user, uint64_t now_ns)
{
    struct errands *errands = of_source(source);
    struct runner *runner = of_user(user);
    struct engine *engine = errands->engine;

    if (!runner->is_busy)
        return;
    const struct errand_result result = {
        .found = runner->knowledge.variables,
        .failed = user->walk_failed,
        .is_cut = !errands->wanted,
        .status = user->last_status,
        .was_uncertain = user->was_uncertain,
        .duration_ns = now_ns - runner->begun_ns,
        .problem = user->walk_failed ? engine->problem : "",
    };

    engine->errand_failed |= result.failed && !result.is_cut;
    errands->giver.over(errands->giver.ctx, &runner->errand, &result);
    forget(runner);
    runner->is_busy = false;
    errands->busy_count--;
    errands->look_ns = now_ns;
    engine_follow_curve(engine);
}

static void close_source(struct load_source *source, uint64_t now_ns)
{
    struct errands *errands = of_source(source);

    errands->wanted = false;
    for (size_t i = 0; i < errands->runner_count; i++)
        if (errands->runners[i].is_busy)
            user_unwant(&errands->runners[i].user, now_ns);
}

static void cut(struct load_source *source, uint64_t now_ns)
{
    struct errands *errands = of_source(source);

    for (size_t i = 0; i < errands->runner_count; i++)
        if (errands->runners[i].is_busy)
            user_cut(&errands->runners[i].user, now_ns);
}

static uint64_t wanted(const struct load_source *source)
{
    return ((const struct errands *)(const void *)source)->wanted;
}

static void free_source(struct load_source *source)
{
    struct errands *errands = of_source(source);

    for (size_t i = 0; i < errands->runner_count; i++) {
        user_deinit(&errands->runners[i].user);
        variables_free(errands->runners[i].firsts);
    }
    free(errands);
}

static void runner_init(struct runner *runner, struct engine *engine, uint64_t ordinal)
{
    knowledge_init(&runner->knowledge);
    user_init(&runner->user, engine, ordinal, &runner->knowledge);
    if (plan_is_open(engine->plan)) /* there, arrivals have the numbers of ordinals */
        runner->user.key += USER_PERSON_KEY;
    runner->class = (struct plan_class){
        .setup = PLAN_NONE,
        .teardown = PLAN_NONE,
        .keeps_cookies = runner->user.class->keeps_cookies,
    };
    runner->user.class = &runner->class;
}

/* The giver is set by the one who calls. */
static int open_runners(struct engine *engine, uint64_t at_once,
                        struct errands **ret_errands)
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
    struct errands *errands =
        calloc(1, sizeof(*errands) + at_once * sizeof(errands->runners[0]));

    if (!errands)
        return -ENOMEM;
    if (pacer_reserve(&engine->pacer, ENGINE_TIMERS + at_once * USER_TIMERS) < 0) {
        free(errands);
        return -ENOMEM;
    }
    errands->source.ops = &ops;
    errands->engine = engine;
    errands->look_ns = UINT64_MAX;
    errands->runner_count = at_once;
    /* None of those who make the load: what is drawn for them is not theirs. */
    for (size_t i = 0; i < at_once; i++)
        runner_init(&errands->runners[i], engine, plan_peak_users(engine->plan) + i);
    *ret_errands = errands;
    return 0;
}

int errands_new(struct engine *engine, const struct errand_giver *giver, uint64_t at_once,
                struct load_source **ret_source)
{
    struct errands *errands;
    const int r = open_runners(engine, at_once, &errands);

    if (r < 0)
        return r;
    errands->giver = *giver;
    *ret_source = &errands->source;
    return 0;
}

static bool next_lone(void *ctx, struct errand *ret_errand)
{
    struct lone_errand *lone = ctx;

    *ret_errand = lone->errand;
    if (lone->is_given)
        return false;
    lone->is_given = true;
    return true;
}

static void lone_over(void *ctx, const struct errand *errand,
                      const struct errand_result *result)
{
    const struct lone_errand *lone = ctx;

    (void)errand;
    if (lone->finding && !result->is_cut &&
        variables_add(lone->finding, result->found) < 0)
        engine_ask_stop(lone->engine, STOP_ERROR,
                        lone->engine->world->ops->now(lone->engine->world));
}

int errands_of_one(struct engine *engine, const struct plan_program *program, bool go_on,
                   struct variables *finding, struct load_source **ret_source)
{
    struct errands *errands;
    const int r = open_runners(engine, 1, &errands);

    if (r < 0)
        return r;
    errands->lone = (struct lone_errand){.errand = {.program = program, .goes_on = go_on},
                                         .finding = finding,
                                         .engine = engine};
    errands->giver = (struct errand_giver){
        .ctx = &errands->lone, .next = next_lone, .over = lone_over};
    *ret_source = &errands->source;
    return 0;
}
