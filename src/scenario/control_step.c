#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenario/compiling.h"
#include "scenario/operation.h"
#include "scenario/text.h"

/* A group's path: those of all groups around it, and its own. */
#define MAX_PATH_BYTES 400

/*
 * LOOP_BEGIN, the condition, the steps, LOOP_END. Where the condition does not hold, LOOP_LEAVE stands
 * behind them, which only that leads to.
 */
// NOLINTNEXTLINE(misc-no-recursion): as deep as the scenario, which is bounded
int compile_repeat(struct compiling *compiling, const struct step_form *form,
                   uint32_t level)
{
    struct making *making = compiling->making;
    const char *condition = form->loop_condition;
    uint32_t query = PLAN_NONE;
    uint32_t body;
    int r;

    if (level == PLAN_LOOP_DEPTH)
        return MAKING_REFUSE(making, form->form.node, "use fewer repeats in each other",
                             "more than %d repeats in each other", PLAN_LOOP_DEPTH);
    r = making_query(making, making_place(&form->form, "while"), QUERY_OF_USER, condition,
                     &query);
    if (r == 0)
        r = compiling_emit(compiling, PLAN_OP_LOOP_BEGIN, level, (uint32_t)form->repeat);
    body = compiling_here(compiling);
    if (r == 0 && condition)
        r = compiling_emit(compiling, PLAN_OP_UNLESS, query, 0);
    if (r == 0)
        r = compile_steps(compiling, &form->steps, level + 1);
    if (r == 0)
        r = compiling_emit(compiling, PLAN_OP_LOOP_END, level, body);
    if (r < 0 || !condition)
        return r;
    r = compiling_emit(compiling, PLAN_OP_JUMP, compiling_here(compiling) + 2, 0);
    compiling_aim(compiling, body, compiling_here(compiling));
    if (r < 0)
        return r;
    return compiling_emit(compiling, PLAN_OP_LOOP_LEAVE, level,
                          compiling_here(compiling) + 1);
}

static int check_branches(struct making *making, const struct step_form *form)
{
    const struct branch_form *branches = form->pick.items;
    uint64_t sum = 0;

    for (size_t i = 0; i < form->pick.count; i++)
        sum += branches[i].weight;
    if (sum > 0 || making_place(&form->form, "pick")->kind != CONFIG_LIST)
        return 0; /* else it was told already that it is no list */
    return MAKING_REFUSE(making, making_place(&form->form, "pick"),
                         "give at least one branch a weight",
                         "a 'pick' without a branch that could be picked");
}

/* PICK, then each branch with a jump behind the last. */
// NOLINTNEXTLINE(misc-no-recursion): as compile_repeat
int compile_pick(struct compiling *compiling, const struct step_form *form,
                 uint32_t level)
{
    struct making *making = compiling->making;
    const struct branch_form *forms = form->pick.items;
    const size_t count = form->pick.count;
    const uint32_t first = (uint32_t)compiling->branches.count;
    uint32_t *jumps = making_array(making, count, sizeof(*jumps));
    int r = jumps ? check_branches(making, form) : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        if (!growing_add(&compiling->branches, making->arena, sizeof(struct plan_branch)))
            r = -ENOMEM;
    if (r == 0)
        r = compiling_emit(compiling, PLAN_OP_PICK, first, (uint32_t)count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct plan_branch *branches = compiling->branches.items;

        branches[first + i] =
            (struct plan_branch){(uint32_t)forms[i].weight, compiling_here(compiling)};
        r = compile_steps(compiling, &forms[i].steps, level);
        jumps[i] = compiling_here(compiling);
        if (r == 0)
            r = compiling_emit(compiling, PLAN_OP_JUMP, 0, 0);
    }
    for (size_t i = 0; r == 0 && i < count; i++)
        compiling_aim(compiling, jumps[i], compiling_here(compiling));
    return r;
}

/* UNLESS leads to the other steps, behind a jump over them. */
// NOLINTNEXTLINE(misc-no-recursion): as compile_repeat
int compile_if(struct compiling *compiling, const struct step_form *form, uint32_t level)
{
    const uint32_t unless = compiling_here(compiling);
    uint32_t query = PLAN_NONE;
    uint32_t jump;
    int r = making_query(compiling->making, making_place(&form->form, "if"),
                         QUERY_OF_USER, form->condition, &query);

    if (r == 0)
        r = compiling_emit(compiling, PLAN_OP_UNLESS, query, 0);
    if (r == 0)
        r = compile_steps(compiling, &form->steps, level);
    jump = compiling_here(compiling);
    if (r == 0 && form->else_steps.count > 0)
        r = compiling_emit(compiling, PLAN_OP_JUMP, 0, 0);
    compiling_aim(compiling, unless, compiling_here(compiling));
    if (r < 0 || form->else_steps.count == 0)
        return r;
    r = compile_steps(compiling, &form->else_steps, level);
    compiling_aim(compiling, jump, compiling_here(compiling));
    return r;
}

/* The plan's group of a form; its path is that of the group around it and its name. */
static int make_group(struct compiling *compiling, const struct step_form *form,
                      uint32_t *ret_index)
{
    struct making *making = compiling->making;
    const struct config_node *const maps[] = {form->record};
    struct plan_group *group =
        growing_add(&making->groups, making->arena, sizeof(*group));
    const struct plan_group *groups = making->groups.items;
    char path[MAX_PATH_BYTES];
    int len;
    int r;

    if (!group)
        return -ENOMEM;
    *ret_index = (uint32_t)making->groups.count - 1;
    len = snprintf(path, sizeof(path), "%s::%s",
                   compiling->group ? groups[compiling->group->index].path : "",
                   form->group);
    r = making_copy(making, form->group, &group->name);
    if (r == 0)
        r = making_copy(making, path, &group->path);
    if (r == 0 && (len >= (int)sizeof(path) || strstr(form->group, "::")))
        r = MAKING_REFUSE(making, making_place(&form->form, "group"),
                          "choose a short name without '::', which stands between groups",
                          "'%s' cannot be the name of a group", form->group);
    if (r == 0)
        r = making_pairs(making, form->tags, &group->tags, &group->tag_count);
    return r < 0 ? r
                 : make_records(making, QUERY_OF_STRETCH, maps, COUNT_OF(maps),
                                &group->records, &group->record_count);
}

// NOLINTNEXTLINE(misc-no-recursion): as compile_repeat
int compile_group(struct compiling *compiling, const struct step_form *form,
                  uint32_t level)
{
    struct open_group group = {.outer = compiling->group};
    int r;

    if (!form->group)
        return 0; /* that was told when the form was filled */
    if (compiling->group_depth == PLAN_GROUP_DEPTH)
        return MAKING_REFUSE(compiling->making, form->form.node,
                             "use fewer groups in each other",
                             "more than %d groups in each other", PLAN_GROUP_DEPTH);
    r = make_group(compiling, form, &group.index);
    if (r == 0)
        r = compiling_emit(compiling, PLAN_OP_GROUP_BEGIN, group.index, 0);
    if (r < 0)
        return r;
    compiling->group = &group;
    compiling->group_depth++;
    r = compile_steps(compiling, &form->steps, level);
    compiling->group_depth--;
    compiling->group = group.outer;
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_GROUP_END, group.index, 0);
}
