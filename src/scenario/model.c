#include <errno.h>
#include <string.h>

#include "scenario/making.h"

#define TOKENS_PER_PRICE INT64_C(1000000)

/* Models that flows may name where `models:` lists none. */
#define MODELS_UNLISTED_MAX 64

static const struct field price_fields[] = {
    {ROW("prompt", FIELD_MONEY, struct price_form, prompt_pusd), .preset = "0",
     .help = "of the tokens that are sent"},
    {ROW("cached", FIELD_MONEY, struct price_form, cached_pusd),
     .help =
         "of those that the server found in its cache; where not given, the prompt's"},
    {ROW("completion", FIELD_MONEY, struct price_form, completion_pusd), .preset = "0",
     .help = "of the tokens that are answered"},
    {ROW("reasoning", FIELD_MONEY, struct price_form, reasoning_pusd),
     .help =
         "of the tokens thought before the answer; where not given, the completion's"},
};

static const struct field_table price_table = {
    TABLE_OF("price", price_fields, struct price_form,
             "What a model costs, in US dollars for a million tokens."),
    .example = "models: {o3: {price: {prompt: 2, cached: 0.50, completion: 8}}}\n"};

static const struct field model_fields[] = {
    {ROW("price", FIELD_MAP, struct model_form, price), .table = &price_table,
     .help = "what it costs; without, requests to it cost nothing"},
    {ROW("theoretical_tps", FIELD_NUMBER, struct model_form, theoretical_tps),
     .unit = "tokens per second", .min = "0", .preset = "0",
     .help = "what one stream could reach at best, for the efficiency in the result"},
    {ROW("target", FIELD_TEXT, struct model_form, target),
     .help = "the target that serves it, where it is not that of the class"},
};

const struct field_table model_table = {
    TABLE_OF(
        "model", model_fields, struct model_form,
        "A model, under the name that the server knows. Models that need neither a price "
        "nor a target\nneed not be listed, unless others are."),
    .example =
        "models:\n  gpt-4o:\n    price: {prompt: 2.50, cached: 1.25, completion: 10}\n"};

/* Of a token, rounded to the nearest pico-dollar. */
static int64_t per_token(int64_t per_million_pusd)
{
    return (per_million_pusd + TOKENS_PER_PRICE / 2) / TOKENS_PER_PRICE;
}

static int make_model(struct making *making, const struct model_form *form,
                      struct plan_model *model)
{
    const struct price_form *price = &form->price;

    model->priced = price->form.node != NULL;
    model->prompt_pusd = per_token(price->prompt_pusd);
    model->completion_pusd = per_token(price->completion_pusd);
    model->cached_pusd = making_has(&price->form, "cached")
                             ? per_token(price->cached_pusd)
                             : model->prompt_pusd;
    model->reasoning_pusd = making_has(&price->form, "reasoning")
                                ? per_token(price->reasoning_pusd)
                                : model->completion_pusd;
    model->theoretical_tps = form->theoretical_tps;
    return making_find_target(making, &form->form, "target", form->target,
                              &model->target);
}

int make_models(struct making *making)
{
    const struct model_form *forms = making->form->models.items;
    const size_t count = making->form->models.count;
    struct plan_model *models =
        making_array(making, count > 0 ? count : MODELS_UNLISTED_MAX, sizeof(*models));
    int r = models ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++) {
        r = making_copy(making, forms[i].form.key->text, &models[i].name);
        if (r == 0)
            r = make_model(making, &forms[i], &models[i]);
    }
    if (r < 0)
        return r;
    making->models = models;
    making->plan->models = models;
    making->plan->model_count = count;
    return 0;
}

static int refuse_model(struct making *making, const struct config_node *place)
{
    const struct plan *plan = making->plan;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    for (size_t i = 0; i < plan->model_count && count < MAKING_MAX_NAMES; i++)
        names[count++] = plan->models[i].name;
    return making_refuse_name(making, place, "models", names, count);
}

int make_model_index(struct making *making, const struct config_node *place,
                     const char *name, uint32_t *ret_index)
{
    struct plan *plan = making->plan;
    struct plan_model *added;

    for (uint32_t i = 0; i < plan->model_count; i++) {
        if (strcmp(plan->models[i].name, name) == 0) {
            *ret_index = i;
            return 0;
        }
    }
    if (making->form->models.count > 0 || plan->model_count == MODELS_UNLISTED_MAX)
        return refuse_model(making, place);
    *ret_index = (uint32_t)plan->model_count;
    added = &making->models[plan->model_count++];
    added->target = PLAN_NONE;
    return making_copy(making, name, &added->name);
}
