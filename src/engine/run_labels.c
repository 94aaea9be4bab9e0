/*
 * The label sets of a run: what is known of a request before it is sent. The user is not among
 * them: a sample carries their ordinal, and a label for each would drown the rest in `other`.
 */
#include <stdlib.h>

#include "engine/parts.h"
#include "engine/user.h"
#include "measure/labels.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "plan/roster.h"

/* Labels beside the tags: class, step, target, model. */
#define OWN_LABELS 4

static size_t put_tags(struct label *set, const struct plan_pair *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        set[i] = (struct label){.key = tags[i].key, .value = tags[i].value};
    return count;
}

/* What is the same for all users of a class and all phases. */
static uint32_t intern_step(struct engine *engine, uint32_t class_index, uint32_t step)
{
    const struct plan *plan = engine->plan;
    const struct plan_class *class = &plan->classes[class_index];
    const struct plan_step *what = &plan->steps[step];
    const uint32_t target = request_target(plan, class_index, step);
    struct label *set = calloc(
        plan->tag_count + class->tag_count + what->tag_count + OWN_LABELS, sizeof(*set));
    uint32_t id = LABELS_OTHER;
    size_t count = 0;

    if (!set)
        return LABELS_OTHER;
    count += put_tags(&set[count], plan->tags, plan->tag_count);
    count += put_tags(&set[count], class->tags, class->tag_count);
    count += put_tags(&set[count], what->tags, what->tag_count);
    set[count++] = (struct label){.key = "class", .value = class->name};
    set[count++] = (struct label){.key = "step", .value = what->name};
    set[count++] = (struct label){.key = "target", .value = plan->targets[target].name};
    if (plan_step_asks_model(what->kind))
        set[count++] =
            (struct label){.key = "model", .value = plan->models[what->chat.model].name};
    (void)labels_intern(recorder_labels(engine->recorder), set, count, &id);
    free(set);
    return id;
}

uint32_t engine_labels(struct engine *engine, const struct user *user, uint32_t step)
{
    const struct plan_phase *phase = schedule_phase(&engine->schedule);
    const struct roster_user *who = engine_roster_user(engine, user->ordinal);
    struct labels *labels = recorder_labels(engine->recorder);
    uint32_t *base = &engine->labels[user->class_index * engine->plan->step_count + step];
    uint32_t id;

    if (*base == LABELS_OTHER)
        *base = intern_step(engine, user->class_index, step);
    id = *base;
    if (phase && phase->name)
        (void)labels_extend(labels, id, "phase", phase->name, &id);
    if (who && who->org_id)
        (void)labels_extend(labels, id, "org_id", who->org_id, &id);
    return id;
}
