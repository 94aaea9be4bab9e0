#include "scenario/compiling.h"

static const char *const keys[STEP_KINDS] = {
    [STEP_CHAT] = "chat",
    [STEP_COMPLETION] = "completion",
    [STEP_RESPONSES] = "responses",
    [STEP_EMBEDDINGS] = "embeddings",
    [STEP_HTTP] = "http",
    [STEP_MCP] = "mcp",
    [STEP_REPLAY] = "replay",
    [STEP_THINK] = "think",
    [STEP_GROUP] = "group",
    [STEP_REPEAT] = "repeat",
    [STEP_PICK] = "pick",
    [STEP_IF] = "if",
    [STEP_SET] = "set",
    [STEP_USE] = "use",
    [STEP_FEED] = "feed",
    [STEP_STOP] = "stop",
};

#define OF(kind) (1u << (kind))

#define OF_REQUESTS                                                                      \
    (OF(STEP_CHAT) | OF(STEP_COMPLETION) | OF(STEP_RESPONSES) | OF(STEP_EMBEDDINGS) |    \
     OF(STEP_HTTP) | OF(STEP_MCP) | OF(STEP_REPLAY))

#define BESIDE_REQUESTS "write it beside a chat, http or another request"

/* Keys that mean something in steps of some kinds alone. */
static const struct {
    const char *key;
    unsigned kinds;
    const char *hint;
} of_kinds[] = {
    {"name", OF_REQUESTS, BESIDE_REQUESTS},
    {"target", OF_REQUESTS, BESIDE_REQUESTS},
    {"expect", OF_REQUESTS, BESIDE_REQUESTS},
    {"check", OF_REQUESTS, BESIDE_REQUESTS},
    {"extract", OF_REQUESTS, BESIDE_REQUESTS},
    {"record", OF_REQUESTS | OF(STEP_GROUP), "write it beside a request or a group"},
    {"headers", OF_REQUESTS, BESIDE_REQUESTS},
    {"tags", OF_REQUESTS | OF(STEP_GROUP), "write it beside a request or a group"},
    {"timeout", OF_REQUESTS, BESIDE_REQUESTS},
    {"auth", OF_REQUESTS, BESIDE_REQUESTS},
    {"retry", OF_REQUESTS, BESIDE_REQUESTS},
    {"patience", OF_REQUESTS, BESIDE_REQUESTS},
    {"reads", OF_REQUESTS, BESIDE_REQUESTS},
    {"chaos", OF_REQUESTS, BESIDE_REQUESTS},
    {"slo", OF_REQUESTS, BESIDE_REQUESTS},
    {"while", OF(STEP_REPEAT), "write 'repeat: 100' beside it: how often at most"},
    {"else", OF(STEP_IF), "write it beside 'if' and its 'steps'"},
    {"with", OF(STEP_USE), "write it beside 'use: FLOW'"},
};

const char *step_kind_key(enum step_kind kind)
{
    return keys[kind];
}

enum step_kind step_kind_of(const struct step_form *step)
{
    for (size_t i = STEP_NONE + 1; i < STEP_KINDS; i++) {
        if (making_has(&step->form, keys[i]))
            return (enum step_kind)i;
    }
    return STEP_NONE;
}

/* Steps that are made of steps, and do not have any. */
static int check_steps(struct making *making, const struct step_form *form,
                       enum step_kind kind)
{
    const bool holds = kind == STEP_REPEAT || kind == STEP_GROUP || kind == STEP_IF;
    const bool given = making_has(&form->form, "steps");

    if (!holds && given)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "steps"),
                             "write 'repeat: 10', 'group: name' or 'if: …' beside it, or "
                             "make them steps of "
                             "the flow",
                             "'steps' without a 'repeat', 'group' or 'if'");
    if (holds && form->steps.count == 0 && !form->form.faulty &&
        (!given || making_is_empty_list(&form->form, "steps")))
        return MAKING_REFUSE(making, form->form.node,
                             "add 'steps:' beside it, with what is done",
                             "'%s' without steps", keys[kind]);
    return 0;
}

int step_check_keys(struct making *making, const struct step_form *form,
                    enum step_kind kind)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(of_kinds); i++) {
        if (!(of_kinds[i].kinds & OF(kind)) && making_has(&form->form, of_kinds[i].key))
            r = MAKING_REFUSE(making, config_find_key(form->form.node, of_kinds[i].key),
                              of_kinds[i].hint, "'%s' has no meaning in this step",
                              of_kinds[i].key);
    }
    return r < 0 ? r : check_steps(making, form, kind);
}
