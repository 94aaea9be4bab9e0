/*
 * GET /v1/models and /v1/models/{id}.
 * Source: OpenAI API reference, "Models": the model object and the list object.
 */
#include "simulator/model.h"

#include <string.h>

#include "simulator/endpoint.h"
#include "simulator/instance.h"

#define NAME_BYTES_MAX 512

/* What is listed where the options name none. */
static const char *const usual_models[] = {"gpt-4o", "gpt-4o-mini", NULL};

bool model_is_known(const struct simulator_options *options, const char *name)
{
    for (size_t i = 0; options->models[i]; i++) {
        if (strcmp(options->models[i], name) == 0)
            return true;
    }
    return options->models[0] == NULL;
}

void model_refuse(const struct exchange *exchange, const char *name)
{
    exchange_refuse(
        exchange,
        (struct exchange_error){404, "invalid_request_error", NULL, "model_not_found"},
        "The model `%.200s` does not exist or you do not have access to it.", name);
}

static json_t *model_object(const char *name)
{
    /* The second at which OpenAI made gpt-4o. */
    return json_pack("{s:s, s:s, s:i, s:s}", "id", name, "object", "model", "created",
                     1715367049, "owned_by", "system");
}

void models_list(struct exchange *exchange)
{
    const struct simulator_options *options = exchange->simulator->options;
    json_t *list = json_array();

    for (size_t i = 0;; i++) {
        const char *name = options->models[0] ? options->models[i] : usual_models[i];

        if (!name)
            break;
        if (json_array_append_new(list, model_object(name)) < 0) {
            json_decref(list);
            list = NULL;
            break;
        }
    }
    /* "o" takes the list, and a missing one fails the whole. */
    exchange_answer_json(exchange, 200,
                         json_pack("{s:s, s:o}", "object", "list", "data", list));
}

void models_show(struct exchange *exchange)
{
    char name[NAME_BYTES_MAX];

    if (serve_percent_decode(exchange->match.params[0].text,
                             exchange->match.params[0].len, name, sizeof(name)) < 0)
        name[0] = '\0';
    if (name[0] == '\0' || !model_is_known(exchange->simulator->options, name))
        model_refuse(exchange, name);
    else
        exchange_answer_json(exchange, 200, model_object(name));
}
