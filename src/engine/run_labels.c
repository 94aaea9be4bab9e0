/*
 * The label sets of a run: what is known of a request before it is sent. The user is not among
 * them: a sample carries their ordinal, and a label for each would drown the rest in `other`.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "engine/parts.h"
#include "engine/replaying.h"
#include "engine/user.h"
#include "measure/labels.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "plan/roster.h"

/* Labels beside the tags: class, step, group, target, model. */
#define OWN_LABELS 5

/* A label set while it is put together. */
struct set {
    struct label *labels; /* owned */
    size_t count;
};

static void put(struct set *set, const char *key, const char *value)
{
    set->labels[set->count++] = (struct label){.key = key, .value = value};
}

static void put_tags(struct set *set, const struct plan_pair *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(set, tags[i].key, tags[i].value);
}

/* The run's and the class's tags, and room for others; labels NULL when memory is out. */
static struct set begin_set(const struct plan *plan, const struct plan_class *class,
                            size_t others)
{
    struct set set = {.labels =
                          calloc(plan->tag_count + class->tag_count + others + OWN_LABELS,
                                 sizeof(struct label))};

    if (!set.labels)
        return set;
    put_tags(&set, plan->tags, plan->tag_count);
    put_tags(&set, class->tags, class->tag_count);
    put(&set, "class", class->name);
    return set;
}

static uint32_t intern(struct engine *engine, struct set *set)
{
    uint32_t id = LABELS_OTHER;

    (void)labels_intern(recorder_labels(engine->recorder), set->labels, set->count, &id);
    free(set->labels);
    return id;
}

static void put_group(struct set *set, const struct plan_group *group)
{
    put_tags(set, group->tags, group->tag_count);
    put(set, "group", group->path);
}

/* What is the same for all users of a class and all phases. */
static uint32_t intern_step(struct engine *engine, uint32_t class_index, uint32_t step)
{
    const struct plan *plan = engine->plan;
    const struct plan_step *what = &plan->steps[step];
    const uint32_t target = request_target(plan, class_index, step);
    struct set set =
        begin_set(plan, &plan->classes[class_index],
                  what->tag_count + (what->group ? what->group->tag_count : 0));

    if (!set.labels)
        return LABELS_OTHER;
    if (what->group)
        put_group(&set, what->group);
    put_tags(&set, what->tags, what->tag_count);
    put(&set, "step", what->name);
    put(&set, "target", plan->targets[target].name);
    if (plan_step_asks_model(what->kind) && what->kind != PLAN_STEP_REPLAY)
        put(&set, "model", plan->models[what->chat.model].name);
    return intern(engine, &set);
}

/* Likewise of a group; NULL: of whole iterations. */
static uint32_t intern_stretch(struct engine *engine, uint32_t class_index,
                               const struct plan_group *group)
{
    struct set set = begin_set(engine->plan, &engine->plan->classes[class_index],
                               group ? group->tag_count : 0);

    if (!set.labels)
        return LABELS_OTHER;
    if (group)
        put_group(&set, group);
    return intern(engine, &set);
}

/* With what is known of the moment. */
static uint32_t extend_by_phase(struct engine *engine, uint32_t id)
{
    const struct plan_phase *phase = schedule_phase(&engine->schedule);

    if (phase && phase->name)
        (void)labels_extend(recorder_labels(engine->recorder), id, "phase", phase->name,
                            &id);
    return id;
}

/* And of the user. */
static uint32_t extend(struct engine *engine, const struct user *user, uint32_t id)
{
    const struct roster_user *who = engine_roster_user(user);

    id = extend_by_phase(engine, id);
    if (who && (who->org_name || who->org_id))
        (void)labels_extend(recorder_labels(engine->recorder), id, "org_id",
                            who->org_name ? who->org_name : who->org_id, &id);
    return id;
}

/* The sets of a class: one for each step, one for each group, its own. */
static uint32_t *labels_of_class(struct engine *engine, uint32_t class_index)
{
    return &engine->labels[class_index * run_labels_per_class(engine->plan)];
}

size_t run_labels_per_class(const struct plan *plan)
{
    return plan->step_count + plan->group_count + 1;
}

static uint32_t step_labels(struct engine *engine, uint32_t class_index, uint32_t step)
{
    uint32_t *base = &labels_of_class(engine, class_index)[step];

    if (*base == LABELS_OTHER)
        *base = intern_step(engine, class_index, step);
    return *base;
}

/* group: PLAN_NONE: whole iterations. */
static uint32_t stretch_labels(struct engine *engine, uint32_t class_index,
                               uint32_t group)
{
    const struct plan *plan = engine->plan;
    const size_t place = group == PLAN_NONE ? plan->group_count : group;
    uint32_t *base = &labels_of_class(engine, class_index)[plan->step_count + place];

    if (*base == LABELS_OTHER)
        *base = intern_stretch(engine, class_index,
                               group == PLAN_NONE ? NULL : &plan->groups[group]);
    return *base;
}

/* Of a replay each entry may ask another model. */
static uint32_t extend_model(struct engine *engine, const struct user *user,
                             uint32_t step, uint32_t id)
{
    struct buf *model = &engine->scratch;

    buf_clear(model);
    if (replaying_write_model(user, step, model) == 0 && model->len > 0)
        (void)labels_extend(recorder_labels(engine->recorder), id, "model",
                            buf_str(model), &id);
    return id;
}

uint32_t engine_labels(struct engine *engine, const struct user *user, uint32_t step)
{
    uint32_t id = step_labels(engine, user->class_index, step);

    if (engine->plan->steps[step].kind == PLAN_STEP_REPLAY)
        id = extend_model(engine, user, step, id);
    return extend(engine, user, id);
}

uint32_t engine_arrival_labels(struct engine *engine, uint32_t class_index, uint32_t step)
{
    return extend_by_phase(engine, step == PLAN_NONE
                                       ? stretch_labels(engine, class_index, PLAN_NONE)
                                       : step_labels(engine, class_index, step));
}

uint32_t engine_group_labels(struct engine *engine, const struct user *user,
                             uint32_t group)
{
    return extend(engine, user, stretch_labels(engine, user->class_index, group));
}
