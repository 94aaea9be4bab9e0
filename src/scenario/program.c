#include <errno.h>
#include <string.h>

#include "scenario/making.h"

/* A flow that is being compiled: arrays with room for all that it becomes. */
struct compiling {
    struct making *making;
    const struct class_form *class_form;
    const struct plan_class *plan_class;
    struct plan_instruction *instructions;
    size_t count;
    struct plan_branch *branches;
    size_t branch_count;
    bool thinks; /* there is a think step */
    bool asks;   /* there is a request */
};

/* How much room a flow takes. */
struct room {
    size_t instructions;
    size_t branches;
    size_t steps;
};

enum step_kind { STEP_NONE, STEP_CHAT, STEP_HTTP, STEP_THINK, STEP_REPEAT, STEP_PICK };

static int compile_steps(struct compiling *compiling, const struct config_items *steps,
                         uint32_t level);

/* STEP_NONE: none of them, which was told when the form was filled. */
static enum step_kind kind_of(const struct step_form *step)
{
    static const char *const keys[] = {[STEP_CHAT] = "chat",
                                       [STEP_HTTP] = "http",
                                       [STEP_THINK] = "think",
                                       [STEP_REPEAT] = "repeat",
                                       [STEP_PICK] = "pick"};

    for (size_t i = STEP_CHAT; i <= STEP_PICK; i++) {
        if (making_has(&step->form, keys[i]))
            return (enum step_kind)i;
    }
    return STEP_NONE;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the scenario, which is bounded
static void measure(const struct config_items *steps, struct room *room)
{
    const struct step_form *step = steps->items;

    for (size_t i = 0; i < steps->count; i++, step++) {
        const struct branch_form *branch = step->pick.items;

        room->instructions += 2;
        room->steps++;
        measure(&step->steps, room);
        for (size_t at = 0; at < step->pick.count; at++, branch++) {
            room->branches++;
            room->instructions++;
            measure(&branch->steps, room);
        }
    }
}

size_t make_count_steps(const struct config_items *steps)
{
    /* The pause that a flow without `think` gets is one more. */
    struct room room = {.steps = 1};

    measure(steps, &room);
    return room.steps;
}

static void emit(struct compiling *compiling, enum plan_op op, uint32_t a, uint32_t b)
{
    compiling->instructions[compiling->count++] =
        (struct plan_instruction){.op = op, .a = a, .b = b};
}

/* The next free step of the plan. */
static struct plan_step *add_step(struct compiling *compiling, uint32_t *ret_index)
{
    struct plan *plan = compiling->making->plan;
    struct plan_step *step = &compiling->making->steps[plan->step_count];

    *ret_index = (uint32_t)plan->step_count++;
    step->target = PLAN_NONE;
    return step;
}

static int add_statuses(struct plan_status *statuses, size_t *count,
                        const struct config_items *given, bool degraded)
{
    const uint64_t *values = given->items;

    for (size_t i = 0; i < given->count; i++) {
        size_t at = 0;

        while (at < *count && statuses[at].status != values[i])
            at++;
        statuses[at] = (struct plan_status){(uint16_t)values[i], degraded};
        if (at == *count)
            (*count)++;
    }
    return 0;
}

static int make_expect(struct making *making, const struct expect_form *form,
                       struct plan_step *step)
{
    struct plan_status *statuses = making_array(
        making, form->status.count + form->degraded.count, sizeof(*statuses));
    int r = statuses ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    step->expect = statuses;
    add_statuses(statuses, &step->expect_count, &form->status, false);
    add_statuses(statuses, &step->expect_count, &form->degraded, true);
    if (form->degraded.count > 0 && form->status.count == 0)
        return MAKING_REFUSE(
            making, form->form.node,
            "list all: expect: {status: [200, 503], degraded: [503]}",
            "'degraded' without 'status': nothing else would be success");
    return 0;
}

/* What a request's step has beside its kind. */
static int make_request_step(struct compiling *compiling, const struct step_form *form,
                             const char *name, struct plan_step *step)
{
    struct making *making = compiling->making;
    int r = making_copy(making, form->name ? form->name : name, &step->name);

    compiling->asks = true;
    step->timeout_ns = form->timeout_ns;
    if (r == 0)
        r = making_find_target(making, &form->form, "target", form->target,
                               &step->target);
    if (r == 0)
        r = make_expect(making, &form->expect, step);
    if (r == 0)
        r = making_headers(making, form->headers, &step->headers, &step->header_count);
    if (r == 0)
        r = making_pairs(making, form->tags, &step->tags, &step->tag_count);
    return r;
}

static int compile_chat(struct compiling *compiling, const struct step_form *form)
{
    uint32_t index;
    struct plan_step *step = add_step(compiling, &index);
    int r = make_request_step(compiling, form, "chat", step);

    step->kind = PLAN_STEP_CHAT;
    if (r == 0)
        r = make_chat(compiling->making, &form->chat, compiling->class_form, &step->chat);
    emit(compiling, PLAN_OP_REQUEST, index, 0);
    return r;
}

static int compile_http(struct compiling *compiling, const struct step_form *form)
{
    uint32_t index;
    struct plan_step *step = add_step(compiling, &index);
    char *name = arena_copy(compiling->making->arena,
                            form->http.request ? form->http.request : "http");
    int r = name ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    name[strcspn(name, "?")] = '\0'; /* a query may hold a key, and names are shown */
    r = make_request_step(compiling, form, name, step);

    step->kind = PLAN_STEP_HTTP;
    if (r == 0)
        r = make_http(compiling->making, &form->http, &step->http);
    emit(compiling, PLAN_OP_REQUEST, index, 0);
    return r;
}

/* A think step: the class's pause where form is NULL or a bare word. */
static int compile_think(struct compiling *compiling, const struct step_form *form)
{
    struct making *making = compiling->making;
    const bool bare = !form || form->think.form.node->kind == CONFIG_NULL;
    uint32_t index;
    struct plan_step *step = add_step(compiling, &index);
    int r = 0;

    compiling->thinks = true;
    step->kind = PLAN_STEP_THINK;
    step->name = "think";
    emit(compiling, PLAN_OP_THINK, index, 0);
    if (bare && form && !compiling->class_form->think_time.form.node)
        return MAKING_REFUSE(making, form->form.node,
                             "give the class a 'think_time', or write 'think: 2s..5s'",
                             "'think' in a class that has no think time");
    if (!bare) {
        step->pause = making_array(making, 1, sizeof(*step->pause));
        if (!step->pause)
            return -ENOMEM;
        r = make_pause(making, &form->think, step->pause);
    }
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as measure
static int compile_repeat(struct compiling *compiling, const struct step_form *form,
                          uint32_t level)
{
    uint32_t body;
    int r = 0;

    if (level == PLAN_LOOP_DEPTH)
        return MAKING_REFUSE(compiling->making, form->form.node,
                             "use fewer repeats in each other",
                             "more than %d repeats in each other", PLAN_LOOP_DEPTH);
    if (form->steps.count == 0 && !form->form.faulty &&
        (!making_has(&form->form, "steps") || making_is_empty_list(&form->form, "steps")))
        r = MAKING_REFUSE(compiling->making, form->form.node,
                          "add 'steps:' beside it, with what is repeated",
                          "a 'repeat' without steps");
    emit(compiling, PLAN_OP_LOOP_BEGIN, level, (uint32_t)form->repeat);
    body = (uint32_t)compiling->count;
    if (r == 0)
        r = compile_steps(compiling, &form->steps, level + 1);
    emit(compiling, PLAN_OP_LOOP_END, level, body);
    return r;
}

static int check_branches(struct making *making, const struct step_form *form)
{
    const struct branch_form *branches = form->pick.items;
    uint64_t sum = 0;

    for (size_t i = 0; i < form->pick.count; i++)
        sum += branches[i].weight;
    if (sum > 0)
        return 0;
    return MAKING_REFUSE(making, making_place(&form->form, "pick"),
                         "give at least one branch a weight",
                         "a 'pick' without a branch that could be picked");
}

/* PICK, then each branch with a jump behind the last. */
// NOLINTNEXTLINE(misc-no-recursion): as measure
static int compile_pick(struct compiling *compiling, const struct step_form *form,
                        uint32_t level)
{
    const struct branch_form *forms = form->pick.items;
    const size_t first = compiling->branch_count;
    const size_t begin = compiling->count + 1;
    int r = check_branches(compiling->making, form);

    compiling->branch_count += form->pick.count;
    emit(compiling, PLAN_OP_PICK, (uint32_t)first, (uint32_t)form->pick.count);
    for (size_t i = 0; r == 0 && i < form->pick.count; i++) {
        compiling->branches[first + i] =
            (struct plan_branch){(uint32_t)forms[i].weight, (uint32_t)compiling->count};
        r = compile_steps(compiling, &forms[i].steps, level);
        emit(compiling, PLAN_OP_JUMP, UINT32_MAX, 0);
    }
    for (size_t at = begin; at < compiling->count; at++) {
        struct plan_instruction *instruction = &compiling->instructions[at];

        if (instruction->op == PLAN_OP_JUMP && instruction->a == UINT32_MAX)
            instruction->a = (uint32_t)compiling->count;
    }
    return r;
}

/* Keys that only requests, or only repeats, have. */
static int refuse_keys(struct making *making, const struct step_form *form,
                       enum step_kind kind)
{
    static const char *const of_requests[] = {"name",    "target", "expect",
                                              "headers", "tags",   "timeout"};
    const bool is_request = kind == STEP_CHAT || kind == STEP_HTTP;
    int r = 0;

    for (size_t i = 0; r == 0 && !is_request && i < COUNT_OF(of_requests); i++) {
        if (making_has(&form->form, of_requests[i]))
            r = MAKING_REFUSE(making, config_find_key(form->form.node, of_requests[i]),
                              "write it beside a chat or http step",
                              "'%s' has no meaning in this step", of_requests[i]);
    }
    if (r == 0 && kind != STEP_REPEAT && making_has(&form->form, "steps"))
        r = MAKING_REFUSE(making, config_find_key(form->form.node, "steps"),
                          "write 'repeat: 10' beside it, or make them steps of the flow",
                          "'steps' without a 'repeat'");
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as measure
static int compile_step(struct compiling *compiling, const struct step_form *form,
                        uint32_t level)
{
    const enum step_kind kind = kind_of(form);
    int r;

    if (kind == STEP_NONE)
        return 0;
    r = refuse_keys(compiling->making, form, kind);
    if (r < 0)
        return r;
    switch (kind) {
    case STEP_NONE:
        break;
    case STEP_CHAT:
        return compile_chat(compiling, form);
    case STEP_HTTP:
        return compile_http(compiling, form);
    case STEP_THINK:
        return compile_think(compiling, form);
    case STEP_REPEAT:
        return compile_repeat(compiling, form, level);
    case STEP_PICK:
        return compile_pick(compiling, form, level);
    }
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as measure
static int compile_steps(struct compiling *compiling, const struct config_items *steps,
                         uint32_t level)
{
    const struct step_form *forms = steps->items;
    int r = 0;

    for (size_t i = 0; r == 0 && i < steps->count; i++)
        r = compile_step(compiling, &forms[i], level);
    return r;
}

/* A flow whose people have a think time but no `think` pauses at the end of each iteration. */
int make_program(struct making *making, const struct class_form *class_form,
                 const struct plan_class *plan_class, struct plan_program *ret_program)
{
    struct room room = {.instructions = 2}; /* a pause and the end */
    struct compiling compiling = {
        .making = making, .class_form = class_form, .plan_class = plan_class};
    int r;

    measure(&class_form->flow, &room);
    compiling.instructions =
        making_array(making, room.instructions, sizeof(*compiling.instructions));
    compiling.branches = making_array(making, room.branches, sizeof(*compiling.branches));
    if (!compiling.instructions || !compiling.branches)
        return -ENOMEM;
    r = compile_steps(&compiling, &class_form->flow, 0);
    if (r == 0 && !compiling.asks && diag_count(making->diags) == 0)
        r = MAKING_REFUSE(making, making_place(&class_form->form, "flow"),
                          "add a step, such as '- chat: {question: mixed}'",
                          "a flow that asks nothing");
    if (r == 0 && !compiling.thinks && plan_class->think.kind != PLAN_PAUSE_NONE)
        r = compile_think(&compiling, NULL);
    if (r < 0)
        return r;
    emit(&compiling, PLAN_OP_END, 0, 0);
    *ret_program = (struct plan_program){.instructions = compiling.instructions,
                                         .instruction_count = compiling.count,
                                         .branches = compiling.branches,
                                         .branch_count = compiling.branch_count};
    return 0;
}
