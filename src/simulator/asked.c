#include "simulator/asked.h"

#include <errno.h>

#include "simulator/instance.h"
#include "simulator/model.h"

int refusal_set(struct refusal *refusal, const char *param, const char *code,
                const char *message)
{
    refusal->error = (struct exchange_error){400, "invalid_request_error", param, code};
    refusal->message = message;
    return -EINVAL;
}

int asked_read_count(const json_t *value, json_int_t least, uint64_t *count)
{
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < least)
        return -EINVAL;
    *count = (uint64_t)json_integer_value(value);
    return 0;
}

int asked_read_model(const json_t *root, const char **ret_model, struct refusal *refusal)
{
    const json_t *model = json_object_get(root, "model");

    if (!json_is_object(root))
        return refusal_set(
            refusal, NULL, NULL,
            "We could not parse the JSON body of your request. (HINT: This likely "
            "means you aren't using your HTTP library correctly. The OpenAI API "
            "expects a JSON payload, but what was sent was not valid JSON.)");
    if (!json_is_string(model) || json_string_length(model) == 0)
        return refusal_set(refusal, "model", NULL, "you must provide a model parameter");
    *ret_model = json_string_value(model);
    return 0;
}

int asked_read_bool(const json_t *root, const char *name, bool *ret_value)
{
    const json_t *value = json_object_get(root, name);

    if (value && !json_is_boolean(value) && !json_is_null(value))
        return -EINVAL;
    *ret_value = json_is_true(value);
    return 0;
}

int asked_read_stream(const json_t *root, bool has_options, struct generation_spec *spec,
                      struct refusal *refusal)
{
    const json_t *options = has_options ? json_object_get(root, "stream_options") : NULL;

    if (asked_read_bool(root, "stream", &spec->is_stream) < 0)
        return refusal_set(refusal, "stream", "invalid_type",
                           "Invalid type for 'stream': expected a boolean.");
    if (!options || json_is_null(options))
        return 0;
    if (!spec->is_stream)
        return refusal_set(refusal, "stream_options", NULL,
                           "The 'stream_options' parameter is only allowed when "
                           "'stream' is enabled.");
    if (!json_is_object(options))
        return refusal_set(refusal, "stream_options", "invalid_type",
                           "Invalid type for 'stream_options': expected an object.");
    spec->include_usage = json_is_true(json_object_get(options, "include_usage"));
    return 0;
}

json_t *asked_parse(const struct exchange *exchange)
{
    size_t len;
    const char *body = serve_request_body(exchange->request, &len);

    return json_loadb(body, len, 0, NULL);
}

void asked_begin(struct exchange *exchange, int r, const struct generation_spec *spec,
                 const struct refusal *refusal)
{
    if (r < 0)
        exchange_refuse(exchange, refusal->error, "%s", refusal->message);
    else if (!model_is_known(exchange->simulator->options, spec->model))
        model_refuse(exchange, spec->model);
    else
        generation_begin(exchange, spec);
}
