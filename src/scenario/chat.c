#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "scenario/compiling.h"
#include "scenario/message.h"
#include "scenario/synthetic.h"
#include "scenario/text.h"

/* What extra_body may hold as JSON. */
#define MAX_EXTRA_BYTES ((size_t)1 << 20)

/* What requests of a trace count as where the scenario knows no model at all. */
#define NO_MODEL "recorded"

/* Keys that say what is said: one of them at most. */
static const char *const sayings[] = {"question", "prompt", "messages", "dataset",
                                      "synthetic"};

static int check_sayings(struct making *making, const struct chat_form *form)
{
    const char *first = NULL;

    for (size_t i = 0; i < COUNT_OF(sayings); i++) {
        if (!making_has(&form->form, sayings[i]))
            continue;
        if (first)
            return MAKING_REFUSE(making, config_find_key(form->form.node, sayings[i]),
                                 "keep one of them", "both '%s' and '%s'", first,
                                 sayings[i]);
        first = sayings[i];
    }
    return 0;
}

static int check_chat(struct making *making, const struct chat_form *form)
{
    if (form->max_tokens > 0 && form->max_completion_tokens > 0)
        return MAKING_REFUSE(making,
                             config_find_key(form->form.node, "max_completion_tokens"),
                             "keep the one that the model takes",
                             "both 'max_tokens' and 'max_completion_tokens'");
    if (making_has(&form->form, "window") && form->conversation == PLAN_CONVERSATION_NONE)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "window"),
                             "add 'conversation: keep'",
                             "'window' without a conversation that is kept");
    return check_sayings(making, form);
}

/* What stands as `models:` is none, which was told: the only model may be what was meant by it. */
static bool has_faulty_models(const struct making *making)
{
    const struct config_node *models = config_find(making->form->form.node, "models");

    return models && models->kind != CONFIG_MAP;
}

/* The model of the step, else of the class, else the only one there is. */
static int make_model(struct making *making, const struct chat_form *form,
                      const struct class_form *class_form, enum step_kind kind,
                      uint32_t *ret_model)
{
    if (form->model)
        return make_model_index(making, making_place(&form->form, "model"), form->model,
                                ret_model);
    if (class_form && class_form->model)
        return make_model_index(making, making_place(&class_form->form, "model"),
                                class_form->model, ret_model);
    *ret_model = 0;
    if (kind == STEP_REPLAY && making->form->models.count == 0)
        return make_model_index(making, form->form.node, NO_MODEL, ret_model);
    if (making->form->models.count == 1 || form->form.faulty ||
        (class_form && class_form->form.faulty) || has_faulty_models(making))
        return 0; /* it may be what was misspelt */
    return MAKING_REFUSE(making, form->form.node,
                         "write 'model: gpt-4o' there, or give the class a 'model'",
                         "%s without a model", kind == STEP_CHAT ? "a chat" : "a step");
}

/* Of a step that can do without. */
static bool names_no_model(const struct making *making, const struct chat_form *form,
                           const struct compiling *compiling)
{
    return !form->model && making->form->models.count == 0 &&
           !(compiling->class_form && compiling->class_form->model);
}

/* Members of the body that have keys of their own here, but none in the plan. */
static const struct member {
    const char *key;
    unsigned kinds; /* of nodes, as bits */
    const char *wanted;
    const char *hint;
} body_members[] = {
    {"top_p", 1U << CONFIG_SCALAR, "a number", NULL},
    {"seed", 1U << CONFIG_SCALAR, "a number", NULL},
    {"stop", 1U << CONFIG_SCALAR | 1U << CONFIG_LIST, "a text or a list",
     "write [END, STOP]"},
    {"tools", 1U << CONFIG_LIST, "a list", "write '- {type: function, function: {…}}'"},
    {"tool_choice", 1U << CONFIG_SCALAR | 1U << CONFIG_MAP, "a text or a map",
     "write auto, none, required, or {type: function, function: {name: NAME}}"},
    {"response_format", 1U << CONFIG_MAP, "a map", "write {type: json_object}"},
};

/* What a template becomes is known only when it is sent. */
static int check_member(struct making *making, const struct member *member,
                        const struct config_node *node)
{
    const bool is_template = node->kind == CONFIG_SCALAR && strstr(node->text, "{{");

    if (node->kind == CONFIG_NULL || is_template || member->kinds & 1U << node->kind)
        return 0;
    return MAKING_REFUSE(making, node, member->hint, "%s: %s where %s should be",
                         member->key, config_kind_name(node->kind), member->wanted);
}

/* Returns 0, with mistakes added; -ENOMEM. */
static int list_members(struct making *making, const struct chat_form *form,
                        struct config_entry *members, size_t *ret_count)
{
    size_t count = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(body_members); i++) {
        const char *name = body_members[i].key;
        const struct config_node *key = config_find_key(form->form.node, name);

        if (!key || config_find(form->extra_body, name))
            continue;
        members[count] = (struct config_entry){key, config_find(form->form.node, name)};
        r = check_member(making, &body_members[i], members[count++].value);
    }
    *ret_count = count;
    return r;
}

/* One JSON object of the members and of extra_body, which wins. */
static int make_extra_body(struct making *making, const struct chat_form *form,
                           struct plan_text *ret_json)
{
    const struct config_node *node = form->extra_body;
    struct config_entry members[COUNT_OF(body_members)];
    struct config_node extra = {.kind = CONFIG_MAP};
    struct config_entry *entries;
    int r;

    if (node && node->kind != CONFIG_MAP)
        return MAKING_REFUSE(making, node, "write {key: value}",
                             "extra_body: %s where a map should be",
                             config_kind_name(node->kind));
    r = list_members(making, form, members, &extra.count);
    if (r < 0 || (!node && extra.count == 0))
        return r;
    entries =
        making_array(making, extra.count + (node ? node->count : 0), sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    memcpy(entries, members, extra.count * sizeof(*entries));
    for (size_t i = 0; node && i < node->count; i++)
        entries[extra.count++] = node->entries[i];
    extra.entries = entries;
    extra.place = node ? node->place : form->form.node->place;
    return making_json(making, &extra, MAX_EXTRA_BYTES, ret_json);
}

/* names: of the scenario's own questions and of the strategies. */
static int refuse_question(struct making *making, const struct chat_form *form,
                           const char *const *names, size_t count)
{
    const struct config_node *place = making_place(&form->form, "question");
    const char *meant = suggest_name(place->written, names, count);
    char hint[300];
    size_t len;

    if (meant)
        return making_refuse_name(making, place, "questions", names, count);
    len = (size_t)snprintf(hint, sizeof(hint), "write one of ");
    for (size_t i = 0; i < count && len < sizeof(hint); i++)
        len += (size_t)snprintf(hint + len, sizeof(hint) - len, "%s%s", i > 0 ? ", " : "",
                                names[i]);
    if (len < sizeof(hint))
        (void)snprintf(hint + len, sizeof(hint) - len, "; or add it to 'questions'");
    return MAKING_REFUSE(making, place, hint, "there is no '%s' among the questions",
                         place->written);
}

/* A strategy, or questions of the scenario's own. */
static int make_question(struct making *making, const struct chat_form *form,
                         struct plan_chat *chat)
{
    const struct plan *plan = making->plan;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    for (uint32_t i = 0; i < plan->question_count; i++) {
        if (strcmp(plan->questions[i].name, form->question) == 0) {
            chat->questions = i;
            return 0;
        }
        if (count < MAKING_MAX_NAMES)
            names[count++] = plan->questions[i].name;
    }
    for (size_t i = 0; question_words[i]; i++) {
        if (strcmp(question_words[i], form->question) == 0) {
            chat->strategy_name = question_words[i];
            return 0;
        }
        if (count < MAKING_MAX_NAMES)
            names[count++] = question_words[i];
    }
    return refuse_question(making, form, names, count);
}

static int find_dataset(struct making *making, const struct chat_form *form,
                        struct plan_chat *chat)
{
    const struct plan *plan = making->plan;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    chat->say = PLAN_SAY_DATASET;
    for (uint32_t i = 0; i < plan->dataset_count; i++) {
        if (strcmp(plan->datasets[i].name, form->dataset) == 0) {
            chat->dataset = i;
            return 0;
        }
        if (count < MAKING_MAX_NAMES)
            names[count++] = plan->datasets[i].name;
    }
    return making_refuse_name(making, making_place(&form->form, "dataset"), "datasets",
                              names, count);
}

/* What is said, by the one key that says it. */
static int make_saying(struct making *making, const struct chat_form *form,
                       enum plan_api api, struct plan_chat *chat)
{
    if (form->prompt) {
        chat->say = PLAN_SAY_PROMPT;
        return making_text(making, making_place(&form->form, "prompt"), form->prompt,
                           &chat->prompt);
    }
    if (making_has(&form->form, "messages"))
        return make_messages(making, form, api, chat);
    if (form->dataset)
        return find_dataset(making, form, chat);
    if (form->synthetic.form.node) {
        chat->say = PLAN_SAY_SYNTHETIC;
        return make_synthetic(making, &form->synthetic, &chat->synthetic);
    }
    return make_question(making, form, chat);
}

/* That of the target it goes to; where that is a mistake it was told, and it may be any. */
static enum plan_api api_of(const struct compiling *compiling,
                            const struct plan_step *step)
{
    const struct plan *plan = compiling->making->plan;
    const uint32_t target = compiling_target_of(compiling, step);

    return target < plan->target_count ? plan->targets[target].api : PLAN_API_OPENAI;
}

int make_chat(struct compiling *compiling, const struct chat_form *form,
              enum step_kind kind, struct plan_step *step)
{
    const bool streams = kind != STEP_EMBEDDINGS && form->stream;
    struct making *making = compiling->making;
    struct plan_chat *chat = &step->chat;
    int r = check_chat(making, form);

    *chat = (struct plan_chat){
        .say = kind == STEP_REPLAY ? PLAN_SAY_TRACE : PLAN_SAY_QUESTION,
        .questions = PLAN_NONE,
        .dataset = PLAN_NONE,
        .batch = kind == STEP_EMBEDDINGS ? (uint32_t)form->batch : 1,
        .conversation = (enum plan_conversation)form->conversation,
        .window = (uint32_t)form->window,
        .stream = streams,
        .max_tokens = form->max_tokens,
        .max_completion_tokens = form->max_completion_tokens,
        .temperature =
            making_has(&form->form, "temperature") ? form->temperature : (double)NAN,
        .include_usage = form->include_usage && streams,
    };
    if (r == 0)
        r = make_model(making, form, compiling->class_form, kind, &chat->model);
    if (r == 0)
        r = making_text(making, making_place(&form->form, "system"), form->system,
                        &chat->system);
    chat->names_no_model = kind == STEP_REPLAY && names_no_model(making, form, compiling);
    if (r == 0 && kind != STEP_REPLAY)
        r = make_saying(making, form, api_of(compiling, step), chat);
    if (r == 0)
        r = make_prefix(making, &form->prefix, &chat->prefix);
    return r < 0 ? r : make_extra_body(making, form, &chat->extra_body);
}
