/*
 * Classes of users as an arm has them: with its label, its target and its headers, and where it asks other models or
 * asks in another way with steps of its own. All else is shared with the class as it is written.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_scan.h"
#include "scenario/ab_form.h"
#include "scenario/making.h"
#include "scenario/text.h"

/* Of a step and an arm together. */
#define MAX_EXTRA_BYTES ((size_t)2 << 20)

struct arm_making {
    struct making *making;
    const struct arm_form *form;
    const struct plan_arm *arm;
    bool *is_asked; /* of the arm's models: a flow asks for it */
};

static bool has_member(const char *json, struct json_piece wanted)
{
    struct json_scan scan = json_scan_begin(json, strlen(json));

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const struct json_piece key = json_scan_any_key(&scan);

        if (key.len == wanted.len && memcmp(key.bytes, wanted.bytes, key.len) == 0)
            return true;
        json_scan_skip(&scan);
    }
    return false;
}

/* The members of an object that the one over it does not have; over NULL: all. */
static void append_members(const char *json, const char *over, struct buf *out)
{
    struct json_scan scan = json_scan_begin(json, strlen(json));

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        const char *from = scan.at;
        const struct json_piece key = json_scan_any_key(&scan);

        json_scan_skip(&scan);
        if (over && has_member(over, key))
            continue;
        if (out->len > 1)
            (void)buf_append_char(out, ',');
        (void)buf_append(out, from, (size_t)(scan.at - from));
    }
}

/* Lays the arm's extra_body over the step's. Where a mistake was told it may be of either, and is told once. */
static int overlay_body(const struct arm_making *arm, struct plan_text *extra_body)
{
    struct making *making = arm->making;
    struct buf json = BUF_INIT(MAX_EXTRA_BYTES);
    int r;

    if (!arm->arm->extra_body || diag_count(making->diags) > 0)
        return 0;
    (void)buf_append_char(&json, '{');
    if (extra_body->text)
        append_members(extra_body->text, arm->arm->extra_body, &json);
    append_members(arm->arm->extra_body, NULL, &json);
    r = buf_append_char(&json, '}');
    if (r == 0)
        r = making_json_text(making, arm->form->extra_body, buf_str(&json), extra_body);
    buf_deinit(&json);
    return r;
}

static uint32_t model_of(const struct arm_making *arm, uint32_t model)
{
    for (size_t i = 0; i < arm->arm->model_count; i++) {
        if (arm->arm->models[i].from != model)
            continue;
        arm->is_asked[i] = true;
        return arm->arm->models[i].to == PLAN_NONE ? model : arm->arm->models[i].to;
    }
    return model;
}

/* Whether the arm has steps of its own. */
static bool changes_steps(const struct arm_making *arm)
{
    return arm->arm->model_count > 0 || arm->arm->extra_body;
}

static int refuse_replay(const struct arm_making *arm)
{
    const char *key = arm->arm->model_count > 0 ? "models" : "extra_body";

    return MAKING_REFUSE(arm->making, config_find_key(arm->form->form.node, key),
                         "an arm of a replay may have a 'target' and 'headers'",
                         "'%s' in an arm, while requests are sent as they were recorded",
                         key);
}

/* A step of the plan as the arm has it. ret_index: PLAN_NONE: it is the same. */
static int make_arm_step(const struct arm_making *arm, uint32_t step, uint32_t *ret_index)
{
    struct making *making = arm->making;
    const uint32_t group = ((const uint32_t *)making->step_groups.items)[step];
    struct plan_step made = ((const struct plan_step *)making->steps.items)[step];
    struct plan_step *added;
    uint32_t *added_group;
    int r;

    *ret_index = PLAN_NONE;
    if (!plan_step_asks_model(made.kind))
        return 0;
    if (made.kind == PLAN_STEP_REPLAY)
        return refuse_replay(arm);
    made.chat.model = model_of(arm, made.chat.model);
    r = overlay_body(arm, &made.chat.extra_body);
    if (r < 0)
        return r;
    added_group = growing_add(&making->step_groups, making->arena, sizeof(*added_group));
    added =
        added_group ? growing_add(&making->steps, making->arena, sizeof(*added)) : NULL;
    if (!added)
        return -ENOMEM;
    *added_group = group;
    *added = made;
    *ret_index = (uint32_t)making->steps.count - 1;
    return 0;
}

/* A program whose requests are the arm's; PLAN_NONE stays what it is. */
static int make_arm_program(const struct arm_making *arm, uint32_t *program)
{
    struct making *making = arm->making;
    const struct plan_program *written;
    struct plan_instruction *instructions;
    struct plan_program *added;
    int r = 0;

    if (*program == PLAN_NONE || !changes_steps(arm))
        return 0;
    added = growing_add(&making->programs, making->arena, sizeof(*added));
    written = (const struct plan_program *)making->programs.items + *program;
    instructions =
        making_array(making, written->instruction_count, sizeof(*instructions));
    if (!added || !instructions)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < written->instruction_count; i++) {
        uint32_t step = PLAN_NONE;

        instructions[i] = written->instructions[i];
        if (instructions[i].op != PLAN_OP_REQUEST)
            continue;
        r = make_arm_step(arm, instructions[i].a, &step);
        if (step != PLAN_NONE)
            instructions[i].a = step;
    }
    *added = *written;
    added->instructions = instructions;
    *program = (uint32_t)making->programs.count - 1;
    return r;
}

static uint32_t target_of(const struct plan *plan, const struct plan_class *class,
                          const struct plan_step *step)
{
    if (step->target != PLAN_NONE)
        return step->target;
    if (plan_step_asks_model(step->kind) && step->chat.model < plan->model_count &&
        plan->models[step->chat.model].target != PLAN_NONE)
        return plan->models[step->chat.model].target;
    return class->target;
}

/* Not every API has every kind of request. */
static int check_apis(const struct arm_making *arm, const struct plan_class *class)
{
    const struct making *making = arm->making;
    const struct plan *plan = making->plan;
    const struct plan_program *program =
        (const struct plan_program *)making->programs.items + class->program;
    const struct plan_step *steps = making->steps.items;

    for (size_t i = 0; i < program->instruction_count; i++) {
        const struct plan_step *step = &steps[program->instructions[i].a];
        uint32_t target;

        if (program->instructions[i].op != PLAN_OP_REQUEST)
            continue;
        target = target_of(plan, class, step);
        if (target < plan->target_count &&
            !plan_api_has(plan->targets[target].api, step->kind))
            return MAKING_REFUSE(arm->making, arm->form->form.key,
                                 "give the arm a target of 'api: openai'",
                                 "'%s' goes to the target '%s' in the arm '%s', and its "
                                 "API has no such request",
                                 step->name, plan->targets[target].name, arm->arm->name);
    }
    return 0;
}

/* Pairs of both, in this order. */
static int join(const struct arm_making *arm, const struct plan_pair **pairs,
                size_t *count, const struct plan_pair *more, size_t more_count)
{
    struct plan_pair *all = making_array(arm->making, *count + more_count, sizeof(*all));

    if (!all)
        return -ENOMEM;
    if (*count > 0)
        memcpy(all, *pairs, *count * sizeof(*all));
    if (more_count > 0)
        memcpy(all + *count, more, more_count * sizeof(*all));
    *pairs = all;
    *count += more_count;
    return 0;
}

/* Nobody is of it by a mix: somebody of the class as it is written is dealt to the arm. */
static int make_arm_class(const struct arm_making *arm, struct plan_class *class)
{
    const struct plan_pair label = {.key = "arm", .value = arm->arm->name};
    const bool is_for_good = arm->making->plan->ab.by == PLAN_AB_USER;
    int r = join(arm, &class->tags, &class->tag_count, &label, 1);

    class->weight = 0;
    class->count = 0;
    if (arm->arm->target != PLAN_NONE)
        class->target = arm->arm->target;
    if (r == 0)
        r = join(arm, &class->headers, &class->header_count, arm->arm->headers,
                 arm->arm->header_count);
    if (r == 0)
        r = make_arm_program(arm, &class->program);
    if (r == 0 && is_for_good)
        r = make_arm_program(arm, &class->setup);
    if (r == 0 && is_for_good)
        r = make_arm_program(arm, &class->teardown);
    return r < 0 ? r : check_apis(arm, class);
}

static int check_asked(const struct arm_making *arm)
{
    const struct config_node *map = arm->form->models;
    int r = 0;

    for (size_t i = 0; r == 0 && i < arm->arm->model_count; i++)
        if (!arm->is_asked[i] && diag_count(arm->making->diags) == 0)
            r = MAKING_REFUSE(arm->making, map->entries[i].key,
                              "write the model that a flow asks on the left, and the "
                              "one to ask in its place on the right",
                              "no flow asks '%s'", map->entries[i].key->written);
    return r;
}

int make_arm_classes(struct making *making, const struct arm_form *form,
                     const struct plan_arm *arm, uint32_t index)
{
    struct arm_making made = {
        .making = making,
        .form = form,
        .arm = arm,
        .is_asked = making_array(making, arm->model_count, sizeof(bool)),
    };
    int r = made.is_asked ? 0 : -ENOMEM;

    for (uint32_t i = 0; r == 0 && i < making->plan->ab.class_count; i++) {
        struct plan_class *class =
            &making->classes[plan_arm_class(making->plan, i, index)];

        *class = making->classes[i];
        r = make_arm_class(&made, class);
    }
    return r < 0 ? r : check_asked(&made);
}
