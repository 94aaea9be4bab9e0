#include "scenario/selector.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "expr/selector.h"
#include "scenario/making.h"

#define MAX_WORD_BYTES 100

/* Names that could have been meant. */
struct vocabulary {
    const char *names[MAKING_MAX_NAMES];
    size_t count;
};

static void add_name(struct vocabulary *vocabulary, const char *name)
{
    if (vocabulary->count < MAKING_MAX_NAMES)
        vocabulary->names[vocabulary->count++] = name;
}

static void add_tags(struct vocabulary *keys, const struct plan_pair *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_name(keys, tags[i].key);
}

/* The keys that requests can have: the dimensions, and tags of run, classes and steps. */
static void gather_keys(const struct making *making, struct vocabulary *keys)
{
    const struct plan *plan = making->plan;

    for (size_t i = 0; making->options->labels && making->options->labels[i]; i++)
        if (plan->ab.arm_count > 0 || strcmp(making->options->labels[i], "arm") != 0)
            add_name(keys, making->options->labels[i]);
    add_tags(keys, plan->tags, plan->tag_count);
    for (size_t i = 0; i < plan->class_count; i++)
        add_tags(keys, plan->classes[i].tags, plan->classes[i].tag_count);
    for (size_t i = 0; i < plan->step_count; i++)
        add_tags(keys, plan->steps[i].tags, plan->steps[i].tag_count);
}

/* Name i of all checks, those of all steps in a row. */
static const char *check_at(const struct plan *plan, size_t i)
{
    for (size_t at = 0; at < plan->step_count; at++) {
        const struct plan_step *step = &plan->steps[at];

        for (size_t check = 0; check < step->check_count; check++)
            if (!step->checks[check].expected && i-- == 0)
                return step->checks[check].name;
    }
    return NULL;
}

/* Value i of a label whose values are names within the load; as value_at(). */
static const char *inner_value_at(const struct plan *plan, const char *key, size_t i)
{
    if (strcmp(key, "group") == 0)
        return i < plan->group_count ? plan->groups[i].path : NULL;
    if (strcmp(key, "arm") == 0)
        return i < plan->ab.arm_count ? plan->ab.arms[i].name : NULL;
    return strcmp(key, "check") == 0 ? check_at(plan, i) : NULL;
}

/* Value i of a label whose values the plan knows; NULL from the end on, and for other labels. */
static const char *value_at(const struct plan *plan, const char *key, size_t i)
{
    if (strcmp(key, "model") == 0)
        return i < plan->model_count ? plan->models[i].name : NULL;
    if (strcmp(key, "class") == 0)
        return i < plan->class_count ? plan->classes[i].name : NULL;
    if (strcmp(key, "step") == 0)
        return i < plan->step_count ? plan->steps[i].name : NULL;
    if (strcmp(key, "phase") == 0)
        return i < plan->phase_count ? plan->phases[i].name : NULL;
    if (strcmp(key, "target") == 0)
        return i < plan->target_count ? plan->targets[i].name : NULL;
    return inner_value_at(plan, key, i);
}

static bool is_there(const struct vocabulary *vocabulary, const char *name)
{
    for (size_t i = 0; i < vocabulary->count; i++)
        if (strcmp(vocabulary->names[i], name) == 0)
            return true;
    return vocabulary->count == MAKING_MAX_NAMES; /* there are more than were gathered */
}

/* "did you mean 'model'?", else the names there are. */
static void hint_at(const struct vocabulary *vocabulary, const char *word, char *hint,
                    size_t size)
{
    const char *meant = suggest_name(word, vocabulary->names, vocabulary->count);
    size_t len = 0;

    if (meant) {
        (void)snprintf(hint, size, "did you mean '%.100s'?", meant);
        return;
    }
    len = (size_t)snprintf(hint, size, "known:");
    for (size_t i = 0; i < vocabulary->count && len < size; i++)
        len += (size_t)snprintf(hint + len, size - len, "%s %s", i > 0 ? "," : "",
                                vocabulary->names[i]);
}

static int check_value(struct making *making, const struct config_node *place,
                       const char *key, const char *value)
{
    struct vocabulary values = {0};
    char hint[300];

    for (size_t i = 0; value_at(making->plan, key, i); i++)
        add_name(&values, value_at(making->plan, key, i));
    if (values.count == 0 || is_there(&values, value))
        return 0;
    hint_at(&values, value, hint, sizeof(hint));
    return MAKING_REFUSE(making, place, hint, "no %s is called '%s'", key, value);
}

int selector_check(struct making *making, const struct config_node *place,
                   const struct selector *selector)
{
    struct vocabulary keys = {0};
    int r = 0;

    if (!making->options->labels)
        return 0;
    gather_keys(making, &keys);
    if (selector_find(selector, "check")) /* of checks alone, which was looked at */
        add_name(&keys, "check");
    for (size_t i = 0; r == 0 && i < selector->count; i++) {
        const struct selector_label *label = &selector->labels[i];
        char key[MAX_WORD_BYTES];
        char value[MAX_WORD_BYTES];
        char hint[300];

        (void)snprintf(key, sizeof(key), "%.*s", (int)label->key_len, label->key);
        (void)snprintf(value, sizeof(value), "%.*s", (int)label->value_len, label->value);
        hint_at(&keys, key, hint, sizeof(hint));
        r = is_there(&keys, key)
                ? check_value(making, place, key, value)
                : MAKING_REFUSE(making, place, hint, "no request has a label '%s'", key);
    }
    return r;
}
