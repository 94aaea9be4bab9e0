#include <stdio.h>
#include <string.h>

#include "scenario/compiling.h"

static const struct field flow_fields[] = {
    {ROW("steps", FIELD_LIST, struct flow_form, steps), .table = &step_table,
     .flags = FIELD_REQUIRED, .help = "what is done where the flow is used"},
};

const struct field_table flow_table = {
    TABLE_OF("flow", flow_fields, struct flow_form,
             "Steps that are written once and done wherever a step says `use: NAME`."),
    .short_key = "steps",
    .example = "flows:\n"
               "  login:\n"
               "    - http: {request: POST /login, json: {email: \"{{ vars.email }}\"}}\n"
               "      extract: {token: {jq: .token, secret: true}}\n"
               "users:\n"
               "  shopper:\n"
               "    flow:\n"
               "      - use: login\n"
               "        with: {email: \"{{ user.email }}\"}\n"
               "      - http: GET /orders\n"
               "        auth: \"{{ vars.token }}\"\n"};

static const struct flow_form *find_flow(struct making *making, const char *name)
{
    const struct flow_form *flows = making->form->flows.items;

    for (size_t i = 0; i < making->form->flows.count; i++)
        if (strcmp(flows[i].form.key->text, name) == 0)
            return &flows[i];
    return NULL;
}

static int refuse_flow(struct making *making, const struct step_form *form)
{
    const struct flow_form *flows = making->form->flows.items;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    for (size_t i = 0; i < making->form->flows.count && count < MAKING_MAX_NAMES; i++)
        names[count++] = flows[i].form.key->text;
    return making_refuse_name(making, making_place(&form->form, "use"), "flows", names,
                              count);
}

/* "login uses session uses login" */
static int refuse_circle(struct making *making, const struct step_form *form,
                         const struct used_flow *innermost)
{
    const struct used_flow *chain[COMPILING_MAX_DEPTH];
    size_t depth = 0;
    char text[300] = "";
    size_t len = 0;

    for (const struct used_flow *at = innermost; at && depth < COMPILING_MAX_DEPTH;
         at = at->user)
        chain[depth++] = at;
    while (depth > 0 && len < sizeof(text))
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s uses ",
                                chain[--depth]->name);
    return MAKING_REFUSE(making, making_place(&form->form, "use"),
                         "a flow cannot use itself: write 'repeat' where it goes round",
                         "%s%s", text, form->use);
}

// NOLINTNEXTLINE(misc-no-recursion): as compile_repeat
int compile_use(struct compiling *compiling, const struct step_form *form, uint32_t level)
{
    struct making *making = compiling->making;
    const struct flow_form *found = form->use ? find_flow(making, form->use) : NULL;
    struct used_flow flow = {.user = compiling->flow, .name = form->use};
    size_t depth = 0;
    int r;

    if (!form->use)
        return 0; /* that was told when the form was filled */
    if (!found)
        return refuse_flow(making, form);
    for (const struct used_flow *at = compiling->flow; at; at = at->user, depth++)
        if (strcmp(at->name, form->use) == 0)
            return refuse_circle(making, form, compiling->flow);
    if (depth == COMPILING_MAX_DEPTH)
        return MAKING_REFUSE(making, making_place(&form->form, "use"),
                             "use fewer flows in each other",
                             "more than %d flows in each other", COMPILING_MAX_DEPTH);
    if (++compiling->uses > COMPILING_MAX_INSTRUCTIONS)
        return compiling_overflow(compiling);
    compiling->flow = &flow;
    r = compile_steps(compiling, &found->steps, level);
    compiling->flow = flow.user;
    return r;
}
