#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "scenario/making.h"

/* What extra_body may hold as JSON. */
#define MAX_EXTRA_BYTES ((size_t)1 << 20)

/* The strategies of workload/question.h in its order; test_scenario_vocabulary compares them. */
static const char *const question_words[] = {
    "historical", "mathematical", "geographical", "hypothetical", "technical", "mixed",
    NULL};
static const char *const conversation_words[] = {
    [PLAN_CONVERSATION_NONE] = "none", [PLAN_CONVERSATION_KEEP] = "keep", NULL};

static const struct field chat_fields[] = {
    {ROW("model", FIELD_TEXT, struct chat_form, model),
     .help = "by default the class's `model`, else the only one under `models`"},
    {ROW("system", FIELD_TEXT, struct chat_form, system),
     .help = "the system message; none by default"},
    {ROW("question", FIELD_CHOICE, struct chat_form, question), .words = question_words,
     .preset = "mixed",
     .help =
         "what is asked: the strategy that makes up the questions, each of them unique"},
    {ROW("prompt", FIELD_TEXT, struct chat_form, prompt),
     .help = "instead of `question`: always this text"},
    {ROW("max_tokens", FIELD_COUNT, struct chat_form, max_tokens), .unit = "tokens",
     .min = "1", .max = "10000000",
     .help = "longest answer; not sent by default. A cost limit is exact only with it"},
    {ROW("max_completion_tokens", FIELD_COUNT, struct chat_form, max_completion_tokens),
     .unit = "tokens", .min = "1", .max = "10000000",
     .help = "the same for models that reason, which refuse `max_tokens`"},
    {ROW("conversation", FIELD_CHOICE, struct chat_form, conversation),
     .words = conversation_words, .preset = "none",
     .help = "`keep`: what was said before is sent along, until the innermost `repeat` "
             "ends, or "
             "else the flow"},
    {ROW("window", FIELD_COUNT, struct chat_form, window), .unit = "turns",
     .max = "100000", .preset = "0",
     .help = "how many turns before this one are sent along; 0: all"},
    {ROW("stream", FIELD_BOOL, struct chat_form, stream), .preset = "true",
     .help = "whether the answer is streamed"},
    {ROW("include_usage", FIELD_BOOL, struct chat_form, include_usage), .preset = "true",
     .help =
         "ask for token counts at the end of a stream (`stream_options.include_usage`)"},
    {ROW("temperature", FIELD_NUMBER, struct chat_form, temperature), .min = "0",
     .max = "2", .help = "not sent by default"},
    {ROW("extra_body", FIELD_NODE, struct chat_form, extra_body), .unit = "a map",
     .help = "merged into the request last, as JSON"},
};

const struct field_table chat_table = {
    TABLE_OF("chat", chat_fields, struct chat_form,
             "One turn with a model: a question is sent, the answer is read to its end."),
    .example =
        "- chat: {model: gpt-4o, question: historical, max_tokens: 200, conversation: "
        "keep}\n"};

static int check_chat(struct making *making, const struct chat_form *form)
{
    if (making_has(&form->form, "prompt") && making_has(&form->form, "question"))
        return MAKING_REFUSE(making, config_find_key(form->form.node, "prompt"),
                             "keep one of them", "both 'question' and 'prompt'");
    if (form->max_tokens > 0 && form->max_completion_tokens > 0)
        return MAKING_REFUSE(making,
                             config_find_key(form->form.node, "max_completion_tokens"),
                             "keep the one that the model takes",
                             "both 'max_tokens' and 'max_completion_tokens'");
    if (making_has(&form->form, "window") && form->conversation == PLAN_CONVERSATION_NONE)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "window"),
                             "add 'conversation: keep'",
                             "'window' without a conversation that is kept");
    return 0;
}

/* What stands as `models:` is none, which was told: the only model may be what was meant by it. */
static bool has_faulty_models(const struct making *making)
{
    const struct config_node *models = config_find(making->form->form.node, "models");

    return models && models->kind != CONFIG_MAP;
}

/* The model of the step, else of the class, else the only one there is. */
static int make_model(struct making *making, const struct chat_form *form,
                      const struct class_form *class_form, uint32_t *ret_model)
{
    if (form->model)
        return make_model_index(making, making_place(&form->form, "model"), form->model,
                                ret_model);
    if (class_form->model)
        return make_model_index(making, making_place(&class_form->form, "model"),
                                class_form->model, ret_model);
    *ret_model = 0;
    if (making->form->models.count == 1 || form->form.faulty || class_form->form.faulty ||
        has_faulty_models(making))
        return 0; /* it may be what was misspelt */
    return MAKING_REFUSE(making, form->form.node,
                         "write 'chat: {model: gpt-4o}', or give the class a 'model'",
                         "a chat without a model");
}

static int make_extra_body(struct making *making, const struct config_node *node,
                           struct plan_text *ret_json)
{
    struct buf json = BUF_INIT(MAX_EXTRA_BYTES);
    int r;

    if (!node)
        return 0;
    if (node->kind != CONFIG_MAP)
        return MAKING_REFUSE(making, node, "write {key: value}",
                             "extra_body: %s where a map should be",
                             config_kind_name(node->kind));
    r = config_write_json(node, &json);
    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, node, NULL, "extra_body: larger than %zu bytes",
                          MAX_EXTRA_BYTES);
    else if (r == 0)
        r = making_text(making, buf_str(&json), ret_json);
    buf_deinit(&json);
    return r;
}

int make_chat(struct making *making, const struct chat_form *form,
              const struct class_form *class_form, struct plan_chat *ret_chat)
{
    int r = check_chat(making, form);

    *ret_chat = (struct plan_chat){
        .say = form->prompt ? PLAN_SAY_PROMPT : PLAN_SAY_QUESTION,
        .questions = PLAN_NONE,
        .batch = 1,
        .strategy_name = question_words[form->question],
        .conversation = (enum plan_conversation)form->conversation,
        .window = (uint32_t)form->window,
        .stream = form->stream,
        .max_tokens = form->max_tokens,
        .max_completion_tokens = form->max_completion_tokens,
        .temperature =
            making_has(&form->form, "temperature") ? form->temperature : (double)NAN,
        .include_usage = form->include_usage && form->stream,
    };
    if (r == 0)
        r = make_model(making, form, class_form, &ret_chat->model);
    if (r == 0)
        r = making_text(making, form->system, &ret_chat->system);
    if (r == 0)
        r = making_text(making, form->prompt, &ret_chat->prompt);
    if (r == 0)
        r = make_extra_body(making, form->extra_body, &ret_chat->extra_body);
    return r;
}
