/*
 * An A/B comparison within one run: its arms, and what does not go together with it. What becomes of the classes of
 * users stands in arm_class.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenario/ab_form.h"
#include "scenario/making.h"
#include "scenario/text.h"

#define STRING(number) #number
#define TEXT_OF(number) STRING(number)

/* What extra_body may hold as JSON. */
#define MAX_EXTRA_BYTES ((size_t)1 << 20)

static const char *const by_words[] = {"iteration", "user", NULL};

static const struct field arm_fields[] = {
    {ROW("weight", FIELD_COUNT, struct arm_form, weight), .min = "1",
     .max = TEXT_OF(PLAN_ARM_WEIGHT), .preset = "1",
     .help = "its share of what is asked, in proportion to the other weights"},
    {ROW("target", FIELD_TEXT, struct arm_form, target),
     .help = "in place of the class's target; steps and models that name one of their "
             "own keep it"},
    {ROW("models", FIELD_PAIRS, struct arm_form, models), .unit = "models",
     .help = "which model is asked in place of which"},
    {ROW("headers", FIELD_PAIRS, struct arm_form, headers), .flags = FIELD_GUARDED,
     .help = "sent with every request, over those of the class"},
    {ROW("extra_body", FIELD_NODE, struct arm_form, extra_body), .unit = "a map",
     .help = "merged into every request to a model, over the `extra_body` of its step"},
};

static const struct field_table arm_table = {
    TABLE_OF("arm", arm_fields, struct arm_form,
             "One side of the comparison: in what it differs from the scenario as it is "
             "written. One with nothing\nin it (`{}`) asks as the scenario has it."),
    .example = "models: {gpt-4o: {}, gpt-4o-mini: {}}\n"
               "users: {asker: {flow: [{chat: {model: gpt-4o}}]}}\n"
               "ab:\n"
               "  arms:\n"
               "    current: {weight: 9}\n"
               "    small: {models: {gpt-4o: gpt-4o-mini}, extra_body: {top_k: 5}}\n"};

static const struct field ab_fields[] = {
    {ROW("arms", FIELD_KEYED, struct ab_form, arms), .table = &arm_table,
     .flags = FIELD_REQUIRED,
     .help = "the sides, by their names, 2 to " TEXT_OF(
         PLAN_ARMS) "; the name is the label `arm` of all their figures"},
    {ROW("base", FIELD_TEXT, struct ab_form, base),
     .help = "the arm that the others are compared with; by default the first"},
    {ROW("by", FIELD_CHOICE, struct ab_form, by), .words = by_words,
     .preset = "iteration",
     .help = "what is dealt to them: `iteration`: each time that somebody goes through "
             "their flow; `user`: people, with all that they ever do"},
};

const struct field_table ab_table = {
    TABLE_OF("ab", ab_fields, struct ab_form,
             "Compares targets, models or ways of asking within one run: the load is "
             "dealt to arms, which ask the\nsame questions at the same time, in an order "
             "drawn by the seed. The result says by how much they\ndiffer and whether "
             "chance explains it. See [ab.md](ab.md)."),
    .example = "target: http://127.0.0.1:8000\n"
               "targets: {next: {url: http://127.0.0.1:8001}}\n"
               "ab:\n"
               "  arms:\n"
               "    current: {}\n"
               "    candidate: {target: next}\n"};

static int make_arm_models(struct making *making, const struct arm_form *form,
                           struct plan_arm *arm)
{
    const struct config_node *map = form->models;
    const size_t count = map && map->kind == CONFIG_MAP ? map->count : 0;
    struct plan_arm_model *models = making_array(making, count, sizeof(*models));
    int r = models ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct plan *plan = making->plan;
        const struct config_entry *entry = &map->entries[i];
        const char *names[MAKING_MAX_NAMES];
        size_t known = 0;

        models[i] = (struct plan_arm_model){.from = PLAN_NONE, .to = PLAN_NONE};
        for (uint32_t j = 0; j < plan->model_count; j++) {
            if (strcmp(plan->models[j].name, entry->key->text) == 0)
                models[i].from = j;
            if (known < MAKING_MAX_NAMES)
                names[known++] = plan->models[j].name;
        }
        if (models[i].from == PLAN_NONE)
            r = making_refuse_name(making, entry->key, "models", names, known);
        else if (entry->value->kind == CONFIG_SCALAR)
            r = make_model_index(making, entry->value, entry->value->text, &models[i].to);
    }
    arm->models = models;
    arm->model_count = count;
    return r;
}

/* As JSON; templates in it are compiled where it is laid over a step's. */
static int make_extra_body(struct making *making, const struct arm_form *form,
                           struct plan_arm *arm)
{
    const struct config_node *node = form->extra_body;
    struct plan_text text = {0};
    int r;

    if (!node)
        return 0;
    if (node->kind != CONFIG_MAP)
        return MAKING_REFUSE(making, node, "write {key: value}",
                             "extra_body: %s where a map should be",
                             config_kind_name(node->kind));
    if (config_find(node, "model"))
        return MAKING_REFUSE(making, config_find_key(node, "model"),
                             "write 'models: {gpt-4o: gpt-4o-mini}' beside it",
                             "'model' in the extra_body of an arm");
    r = making_json(making, node, MAX_EXTRA_BYTES, &text);
    arm->extra_body = text.text;
    return r;
}

static int make_arm(struct making *making, const struct arm_form *form,
                    struct plan_arm *arm)
{
    int r = making_copy(making, form->form.key->text, &arm->name);

    arm->weight = (uint32_t)form->weight;
    if (r == 0)
        r = making_find_target(making, &form->form, "target", form->target, &arm->target);
    if (r == 0)
        r = make_arm_models(making, form, arm);
    if (r == 0)
        r = making_headers(making, form->headers, &arm->headers, &arm->header_count);
    return r < 0 ? r : make_extra_body(making, form, arm);
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b > 0) {
        const uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* 50 and 50 is 1 and 1: the shorter the blocks, the closer those who say the same. */
static void reduce_weights(struct plan_arm *arms, size_t count)
{
    uint32_t divisor = 0;

    for (size_t i = 0; i < count; i++)
        divisor = common_divisor(arms[i].weight, divisor);
    for (size_t i = 0; divisor > 0 && i < count; i++)
        arms[i].weight /= divisor;
}

static int find_base(struct making *making, const struct ab_form *form,
                     struct plan_ab *ab)
{
    const char *names[PLAN_ARMS];

    if (!form->base || plan_find_arm(making->plan, form->base, &ab->base))
        return 0;
    for (size_t i = 0; i < ab->arm_count; i++)
        names[i] = ab->arms[i].name;
    return making_refuse_name(making, making_place(&form->form, "base"), "arms", names,
                              ab->arm_count);
}

static bool has_tag(const struct plan_pair *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tags[i].key, "arm") == 0)
            return true;
    return false;
}

/* The label is the comparison's own. */
static int check_tags(struct making *making)
{
    const struct plan *plan = making->plan;
    const struct plan_step *steps = making->steps.items;
    bool is_taken = has_tag(plan->tags, plan->tag_count);

    for (size_t i = 0; i < plan->class_count; i++)
        is_taken |= has_tag(plan->classes[i].tags, plan->classes[i].tag_count);
    for (size_t i = 0; i < making->steps.count; i++)
        is_taken |= has_tag(steps[i].tags, steps[i].tag_count);
    if (!is_taken)
        return 0;
    return MAKING_REFUSE(making, config_find_key(making->form->form.node, "ab"),
                         "give the tag another name",
                         "a tag is called 'arm', which is the label of the arms");
}

/* Where it says what is dealt, else the whole of it. */
static const struct config_node *place_of_by(const struct making *making)
{
    const struct config_node *by = config_find(making->form->ab.form.node, "by");

    return by ? by : config_find_key(making->form->form.node, "ab");
}

/* What a class has that arms cannot be told apart with. */
static int check_classes(struct making *making, const struct ab_form *form)
{
    const struct class_form *classes = making->form->users.items;
    const struct plan *plan = making->plan;
    int r = 0;

    for (size_t i = 0; r == 0 && i < plan->class_count; i++) {
        if (form->by == PLAN_AB_USER && plan->classes[i].count > 0)
            r = MAKING_REFUSE(making, making_place(&classes[i].form, "count"),
                              "give it a 'weight', or write 'by: iteration'",
                              "a 'count' of users, while users are dealt to arms");
        else if (form->by == PLAN_AB_ITERATION && plan->classes[i].keeps_cookies)
            r = MAKING_REFUSE(making, place_of_by(making),
                              "write 'by: user': then each has the cookies of one arm",
                              "iterations are dealt to arms, while '%s' keep their "
                              "cookies from one to the next",
                              plan->classes[i].name);
    }
    return r;
}

static int check_count(struct making *making, const struct ab_form *form)
{
    const size_t count = form->arms.count;
    char hint[80];

    if (count >= 2 && count <= PLAN_ARMS)
        return 0;
    (void)snprintf(hint, sizeof(hint), "write %s",
                   count < 2
                       ? "another arm beside it, such as 'candidate: {target: next}'"
                       : "as many as 8, or make several runs");
    return MAKING_REFUSE(making, making_place(&form->form, "arms"), hint,
                         "%zu arm%s, where a comparison has 2 to %d", count,
                         count == 1 ? "" : "s", PLAN_ARMS);
}

/* Room for the classes as each arm has them. */
static int grow_classes(struct making *making, size_t arm_count)
{
    struct plan *plan = making->plan;
    const size_t written = plan->class_count;
    struct plan_class *classes =
        making_array(making, written * (arm_count + 1), sizeof(*classes));

    if (!classes)
        return -ENOMEM;
    memcpy(classes, plan->classes, written * sizeof(*classes));
    making->classes = classes;
    plan->classes = classes;
    plan->ab.class_count = (uint32_t)written;
    return 0;
}

int make_ab(struct making *making)
{
    const struct ab_form *form = &making->form->ab;
    const struct arm_form *forms = form->arms.items;
    struct plan_ab *ab = &making->plan->ab;
    const size_t count = form->arms.count < PLAN_ARMS ? form->arms.count : PLAN_ARMS;
    struct plan_arm *arms;
    int r;

    if (!form->form.node)
        return 0;
    arms = making_array(making, count, sizeof(*arms));
    r = arms ? check_count(making, form) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_arm(making, &forms[i], &arms[i]);
    if (r < 0)
        return r;
    reduce_weights(arms, count);
    ab->by = (enum plan_ab_by)form->by;
    r = check_tags(making);
    if (r == 0)
        r = check_classes(making, form);
    if (r == 0)
        r = grow_classes(making, count);
    ab->arms = arms;
    ab->arm_count = count;
    if (r == 0)
        r = find_base(making, form, ab);
    for (uint32_t i = 0; r == 0 && i < count; i++)
        r = make_arm_classes(making, &forms[i], &arms[i], i);
    making->plan->class_count = (count + 1) * ab->class_count;
    return r;
}

int make_ab_load(struct making *making)
{
    const struct ab_form *form = &making->form->ab;

    if (making->plan->ab.arm_count == 0 || form->by != PLAN_AB_USER ||
        !plan_is_open(making->plan))
        return 0;
    return MAKING_REFUSE(making, making_place(&form->form, "by"),
                         "write 'by: iteration': each arrival is one",
                         "users cannot be dealt to arms where arrivals take whoever is "
                         "free");
}
