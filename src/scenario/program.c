#include "scenario/program.h"

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "scenario/compiling.h"
#include "scenario/text.h"
#include "scenario/variable.h"

int compiling_overflow(struct compiling *compiling)
{
    const struct making *making = compiling->making;
    const struct class_form *class_form = compiling->class_form;

    if (compiling->overflowed)
        return 0;
    compiling->overflowed = true;
    return MAKING_REFUSE(
        making, class_form ? class_form->form.key : making->form->form.node,
        "use flows less often in each other", "a flow of more than %d instructions",
        COMPILING_MAX_INSTRUCTIONS);
}

int compiling_emit(struct compiling *compiling, enum plan_op op, uint32_t a, uint32_t b)
{
    struct making *making = compiling->making;
    struct plan_instruction *added;

    if (compiling->instructions.count >= COMPILING_MAX_INSTRUCTIONS)
        return compiling_overflow(compiling);
    added = growing_add(&compiling->instructions, making->arena, sizeof(*added));
    if (!added)
        return -ENOMEM;
    *added = (struct plan_instruction){.op = op, .a = a, .b = b};
    return 0;
}

uint32_t compiling_here(const struct compiling *compiling)
{
    return (uint32_t)compiling->instructions.count;
}

void compiling_aim(struct compiling *compiling, uint32_t at, uint32_t to)
{
    struct plan_instruction *instruction = compiling->instructions.items;

    if (at >= compiling->instructions.count)
        return; /* too many instructions */
    instruction += at;
    if (instruction->op == PLAN_OP_JUMP)
        instruction->a = to;
    else
        instruction->b = to;
}

struct plan_step *compiling_add_step(struct compiling *compiling, uint32_t *ret_index)
{
    struct making *making = compiling->making;
    uint32_t *group = growing_add(&making->step_groups, making->arena, sizeof(*group));
    struct plan_step *step =
        group ? growing_add(&making->steps, making->arena, sizeof(*step)) : NULL;

    if (!step)
        return NULL;
    *ret_index = (uint32_t)making->steps.count - 1;
    *group = compiling->group ? compiling->group->index : PLAN_NONE;
    step->target = PLAN_NONE;
    step->unmeasured = compiling->unmeasured;
    return step;
}

/* A think step: the class's pause where form is NULL or a bare word. */
static int compile_think(struct compiling *compiling, const struct step_form *form)
{
    struct making *making = compiling->making;
    const struct class_form *class_form = compiling->class_form;
    const bool bare = !form || form->think.form.node->kind == CONFIG_NULL;
    uint32_t index;
    struct plan_step *step = compiling_add_step(compiling, &index);
    int r = step ? compiling_emit(compiling, PLAN_OP_THINK, index, 0) : -ENOMEM;

    if (r < 0)
        return r;
    compiling->thinks = true;
    step->kind = PLAN_STEP_THINK;
    step->name = "think";
    if (bare && form && (!class_form || !class_form->think_time.form.node))
        return MAKING_REFUSE(
            making, form->form.node,
            class_form ? "give the class a 'think_time', or write 'think: 2s..5s'"
                       : "write 'think: 2s..5s'",
            class_form ? "'think' in a class that has no think time"
                       : "'think' outside of any class, which has no think time");
    if (bare)
        return 0;
    step->pause = making_array(making, 1, sizeof(*step->pause));
    return step->pause ? make_pause(making, &form->think, step->pause) : -ENOMEM;
}

/* What `set` and `with` give variables, one after the other; NULL gives nothing. */
static int compile_set(struct compiling *compiling, const struct config_node *map)
{
    struct making *making = compiling->making;
    int r = 0;

    if (!map)
        return 0;
    if (map->kind != CONFIG_MAP || map->count == 0)
        return MAKING_REFUSE(making, map, "write 'set: {name: value}'",
                             "%s where a map of variables should be",
                             map->kind == CONFIG_MAP ? "an empty map"
                                                     : config_kind_name(map->kind));
    for (size_t i = 0; r == 0 && i < map->count; i++) {
        const uint32_t index = (uint32_t)making->assignments.count;
        struct plan_assignment *assignment =
            growing_add(&making->assignments, making->arena, sizeof(*assignment));

        if (!assignment)
            return -ENOMEM;
        r = variable_assign(making, &map->entries[i], assignment);
        if (r == 0)
            r = compiling_emit(compiling, PLAN_OP_SET, index, 0);
    }
    return r;
}

static int compile_feed(struct compiling *compiling, const struct step_form *form)
{
    struct making *making = compiling->making;
    const size_t feeder_count = making->plan->feeder_count;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    for (uint32_t i = 0; i < feeder_count; i++) {
        if (strcmp(making->feeders[i].name, form->feed) == 0)
            return compiling_emit(compiling, PLAN_OP_FEED, i, 0);
        if (count < MAKING_MAX_NAMES)
            names[count++] = making->feeders[i].name;
    }
    return making_refuse_name(making, making_place(&form->form, "feed"), "data", names,
                              count);
}

static int compile_stop(struct compiling *compiling, const struct step_form *form)
{
    struct making *making = compiling->making;
    const struct stop_form *given = &form->stop;
    const uint32_t index = (uint32_t)making->stops.count;
    struct plan_stop *stop = growing_add(&making->stops, making->arena, sizeof(*stop));
    const char *reason = given->iteration;
    int r;

    if (!stop)
        return -ENOMEM;
    stop->kind = PLAN_STOP_ITERATION;
    if (making_has(&given->form, "user")) {
        stop->kind = PLAN_STOP_USER;
        reason = given->user;
    }
    if (making_has(&given->form, "run")) {
        stop->kind = PLAN_STOP_RUN;
        reason = given->run;
    }
    stop->failed = given->failed;
    if (given->failed && stop->kind != PLAN_STOP_RUN)
        return MAKING_REFUSE(making, making_place(&given->form, "failed"),
                             "write 'stop: {run: reason, failed: true}'",
                             "only a run that is stopped can be a failed one");
    r = making_copy(making, reason ? reason : "", &stop->reason);
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_STOP, index, 0);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the scenario, which is bounded
static int compile_kind(struct compiling *compiling, const struct step_form *form,
                        enum step_kind kind, uint32_t level)
{
    switch (kind) {
    case STEP_NONE:
    case STEP_KINDS:
        break;
    case STEP_CHAT:
    case STEP_COMPLETION:
    case STEP_RESPONSES:
    case STEP_EMBEDDINGS:
        return compile_asking(compiling, form, kind);
    case STEP_HTTP:
        return compile_http(compiling, form);
    case STEP_MCP:
        return compile_mcp(compiling, form);
    case STEP_REPLAY:
        return compile_replay(compiling, form);
    case STEP_THINK:
        return compile_think(compiling, form);
    case STEP_GROUP:
        return compile_group(compiling, form, level);
    case STEP_REPEAT:
        return compile_repeat(compiling, form, level);
    case STEP_PICK:
        return compile_pick(compiling, form, level);
    case STEP_IF:
        return compile_if(compiling, form, level);
    case STEP_SET:
        return compile_set(compiling, form->set);
    case STEP_USE:
        return compile_use(compiling, form, level);
    case STEP_FEED:
        return compile_feed(compiling, form);
    case STEP_STOP:
        return compile_stop(compiling, form);
    }
    return 0;
}

/* A step, or where its `when` does not hold what follows it. */
// NOLINTNEXTLINE(misc-no-recursion): as compile_kind
static int compile_step(struct compiling *compiling, const struct step_form *form,
                        uint32_t level)
{
    struct making *making = compiling->making;
    const enum step_kind kind = step_kind_of(form);
    const uint32_t begin = compiling_here(compiling);
    uint32_t query = PLAN_NONE;
    int r = kind == STEP_NONE ? 0 : step_check_keys(making, form, kind);

    if (r < 0 || kind == STEP_NONE)
        return r;
    if (form->when) {
        r = making_query(making, making_place(&form->form, "when"), QUERY_OF_USER,
                         form->when, &query);
        if (r == 0)
            r = compiling_emit(compiling, PLAN_OP_UNLESS, query, 0);
    }
    if (r == 0 && kind == STEP_USE)
        r = compile_set(compiling, form->with);
    if (r == 0)
        r = compile_kind(compiling, form, kind, level);
    if (form->when)
        compiling_aim(compiling, begin, compiling_here(compiling));
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as compile_kind
int compile_steps(struct compiling *compiling, const struct config_items *steps,
                  uint32_t level)
{
    const struct step_form *forms = steps->items;
    int r = 0;

    for (size_t i = 0; r == 0 && i < steps->count && !compiling->overflowed; i++)
        r = compile_step(compiling, &forms[i], level);
    return r;
}

static int finish(struct compiling *compiling, uint32_t *ret_index)
{
    struct making *making = compiling->making;
    struct plan_program *program =
        growing_add(&making->programs, making->arena, sizeof(*program));
    int r = program ? compiling_emit(compiling, PLAN_OP_END, 0, 0) : -ENOMEM;

    if (r < 0)
        return r;
    *ret_index = (uint32_t)making->programs.count - 1;
    *program = (struct plan_program){.instructions = compiling->instructions.items,
                                     .instruction_count = compiling->instructions.count,
                                     .branches = compiling->branches.items,
                                     .branch_count = compiling->branches.count};
    return 0;
}

int make_program(struct making *making, const struct class_form *class_form,
                 const struct plan_class *plan_class, uint32_t *ret_index)
{
    struct compiling compiling = {
        .making = making, .class_form = class_form, .target = plan_class->target};
    int r = compile_steps(&compiling, &class_form->flow, 0);

    if (r == 0 && !compiling.asks && diag_count(making->diags) == 0)
        r = MAKING_REFUSE(making, making_place(&class_form->form, "flow"),
                          "add a step, such as '- chat: {question: mixed}'",
                          "a flow that asks nothing");
    if (r == 0 && !compiling.thinks && plan_class->think.kind != PLAN_PAUSE_NONE)
        r = compile_think(&compiling, NULL);
    return r < 0 ? r : finish(&compiling, ret_index);
}

static int make_unmeasured(struct compiling *compiling, const struct config_items *steps,
                           uint32_t *ret_index)
{
    int r;

    compiling->unmeasured = true;
    *ret_index = PLAN_NONE;
    if (steps->count == 0)
        return 0;
    r = compile_steps(compiling, steps, 0);
    return r < 0 ? r : finish(compiling, ret_index);
}

int make_stage(struct making *making, const struct config_items *steps,
               const struct class_form *class_form, uint32_t target, uint32_t *ret_index)
{
    struct compiling compiling = {
        .making = making, .class_form = class_form, .target = target};

    return make_unmeasured(&compiling, steps, ret_index);
}

int make_platform_program(struct making *making, const struct config_items *steps,
                          uint32_t *ret_index)
{
    struct compiling compiling = {
        .making = making, .target = making->plan->platform.target, .of_platform = true};

    return make_unmeasured(&compiling, steps, ret_index);
}
