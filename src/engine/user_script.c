#include "engine/user_script.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "engine/feed.h"
#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/records.h"
#include "engine/rendering.h"
#include "engine/user.h"
#include "engine/variables.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "plan/roster.h"
#include "workload/turn.h"

static const struct variables *own_variables(const struct user *user)
{
    return user->knowledge ? knowledge_variables(user->knowledge) : NULL;
}

bool user_script_variable(const struct user *user, uint32_t index,
                          struct variable *ret_value)
{
    const struct variables *own = own_variables(user);

    return variables_get(own ? own : user->engine->script.shared, index, ret_value);
}

void user_script_set(struct user *user, uint32_t index, const struct variable *value)
{
    knowledge_set(user->knowledge, &user->engine->script, index, value);
}

int user_script_write_id(const struct user *user, struct buf *out)
{
    const struct roster_user *who = engine_roster_user(user);

    return who && who->user_id ? buf_append_str(out, who->user_id)
                               : buf_printf(out, "user-%" PRIu64, user->ordinal);
}

static void put_word(struct script *script, const char *path, const char *word)
{
    script_put_text(script, path, QUERY_TEXT, word, word ? strlen(word) : 0);
}

static void put_last(struct script *script, const struct user *user)
{
    const struct knowledge *knowledge = user->knowledge;

    if (!script->remembers || user->last_status == 0)
        return;
    script_put_number(script, "last.status", user->last_status);
    script_put_truth(script, "last.failed", user->last_failed);
    script_put_text(script, "last.json", QUERY_JSON, buf_str(&knowledge->last_body),
                    knowledge->last_body.len);
    script_put_text(script, "last.text", QUERY_TEXT, buf_str(&knowledge->last_text),
                    knowledge->last_text.len);
    script_put_text(script, "last.headers", QUERY_JSON, buf_str(&knowledge->last_headers),
                    knowledge->last_headers.len);
}

void user_script_put(struct user *user)
{
    struct script *script = &user->engine->script;
    const struct roster_user *who = engine_roster_user(user);

    script_begin(script);
    script_put_variables(script, own_variables(user));
    buf_clear(&script->text);
    (void)user_script_write_id(user, &script->text);
    put_word(script, "user.id", buf_str(&script->text));
    script_put_number(script, "user.ordinal", (double)user->ordinal);
    put_word(script, "user.class", user->class->name);
    script_put_number(script, "user.iteration", (double)user->iteration - 1);
    if (who) {
        put_word(script, "org.id", who->org_id);
        put_word(script, "org.slug", who->org_slug ? who->org_slug : who->org_id);
        put_word(script, "org.name", who->org_name);
        if (who->org_budget_pusd > 0)
            script_put_number(script, "org.budget_usd",
                              (double)who->org_budget_pusd / (double)PUSD_PER_USD);
    }
    script_put_number(script, "round", program_round(&user->place));
    put_last(script, user);
}

static bool holds(void *ctx, uint32_t query)
{
    struct user *user = ctx;
    struct query_result result;

    user_script_put(user);
    result = script_query(&user->engine->script, query);
    return query_is_true(&result);
}

static bool knows(void *ctx, uint32_t variable)
{
    struct variable value;

    return user_script_variable(ctx, variable, &value);
}

static void note(struct user *user, int error)
{
    if (error < 0)
        user->knowledge->error = error;
}

static void assign_text(struct user *user, const struct plan_assignment *assignment)
{
    struct buf *out = &user->engine->script.text;
    struct rendering rendering;
    int r;

    buf_clear(out);
    user->texts++;
    rendering_begin(&rendering, user);
    r = rendering_append(&rendering, &assignment->text, out);
    note(user, r);
    if (r == 0)
        user_script_set(user, assignment->variable,
                        &(struct variable){.text = buf_str(out),
                                           .len = out->len,
                                           .json = assignment->kind == PLAN_VALUE_JSON});
}

static void assign(struct user *user, const struct plan_assignment *assignment)
{
    struct script *script = &user->engine->script;
    struct query_result result;
    struct variable value;

    switch (assignment->kind) {
    case PLAN_VALUE_TEXT:
    case PLAN_VALUE_JSON:
        assign_text(user, assignment);
        break;
    case PLAN_VALUE_QUERY:
        user_script_put(user);
        result = script_query(script, assignment->query);
        user_script_set(user, assignment->variable,
                        script_value(script, &result, &value) ? &value : NULL);
        break;
    case PLAN_VALUE_UNSET:
        user_script_set(user, assignment->variable, NULL);
        break;
    }
}

static void set(void *ctx, uint32_t assignment)
{
    struct user *user = ctx;

    assign(user, &user->engine->plan->assignments[assignment]);
}

static void feed(void *ctx, uint32_t feeder)
{
    note(ctx, feed_take(ctx, feeder));
}

static void enter(void *ctx, uint32_t group)
{
    struct user *user = ctx;
    struct knowledge *knowledge = user->knowledge;

    (void)group;
    if (knowledge->group_depth < PLAN_GROUP_DEPTH)
        knowledge->groups[knowledge->group_depth] =
            (struct knowledge_group){.begun_ns = user->due_ns};
    knowledge->group_depth++;
}

/* Adds the records of a stretch of a flow: a group, an iteration. */
static void record_stretch(struct user *user, const struct plan_record *records,
                           size_t count, uint32_t labels, bool in_window,
                           uint64_t duration_ns, bool failed)
{
    struct script *script = &user->engine->script;

    if (count == 0)
        return;
    script_begin(script);
    script_put_number(script, "duration_ms", (double)duration_ns / NS_PER_MS);
    script_put_truth(script, "failed", failed);
    script_put_variables(script, own_variables(user));
    records_add(user->engine, records, count, labels, in_window);
}

static void leave(void *ctx, uint32_t group)
{
    struct user *user = ctx;
    struct engine *engine = user->engine;
    const struct plan_group *what = &engine->plan->groups[group];
    struct knowledge *knowledge = user->knowledge;
    const struct knowledge_group *was = &knowledge->groups[--knowledge->group_depth];
    const uint64_t duration_ns = user->due_ns - was->begun_ns;
    const bool in_window = recorder_in_window(engine->recorder, was->begun_ns);
    const uint32_t labels = engine_group_labels(engine, user, group);

    if (user->stage != USER_STAGE_FLOW)
        return;
    recorder_group(engine->recorder, labels, in_window, duration_ns);
    record_stretch(user, what->records, what->record_count, labels, in_window,
                   duration_ns, was->failed);
}

const struct program_ops user_script_ops = {
    .holds = holds,
    .knows = knows,
    .set = set,
    .feed = feed,
    .enter = enter,
    .leave = leave,
};

void user_script_begin(struct user *user)
{
    const struct plan *plan = user->engine->plan;

    user->last_status = 0;
    for (size_t i = 0; i < plan->initial_count; i++)
        if (script_is_own(&user->engine->script, &plan->initials[i]))
            assign(user, &plan->initials[i]);
}

void user_script_keep(struct user *user)
{
    if (user->knowledge)
        knowledge_keep_found(user->knowledge);
}

void user_script_rekey(struct user *user)
{
    user->last_status = 0;
    if (user->knowledge)
        knowledge_rekey(user->knowledge, &user->engine->script);
    if (user->places)
        memset(user->places, 0,
               user->engine->plan->dataset_count * sizeof(*user->places));
}

void user_script_begin_iteration(struct user *user)
{
    user->begun_ns = user->due_ns;
    user->walk_failed = false;
    if (user->knowledge)
        knowledge_begin_iteration(user->knowledge, &user->engine->script);
}

void user_script_end_iteration(struct user *user)
{
    struct engine *engine = user->engine;
    const struct plan_class *class = user->class;
    const uint64_t duration_ns = user->due_ns - user->begun_ns;
    const bool in_window = recorder_in_window(engine->recorder, user->begun_ns);
    const uint32_t labels = engine_group_labels(engine, user, PLAN_NONE);

    recorder_iteration(engine->recorder, labels, in_window, duration_ns);
    record_stretch(user, class->records, class->record_count, labels, in_window,
                   duration_ns, user->walk_failed);
}

void user_script_note_over(struct user *user, bool failed)
{
    struct knowledge *knowledge = user->knowledge;

    user->walk_failed |= failed;
    for (uint32_t i = 0; failed && knowledge && i < knowledge->group_depth; i++)
        knowledge->groups[i].failed = true;
}
