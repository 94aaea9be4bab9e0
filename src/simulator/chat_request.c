#include "simulator/chat_request.h"

#include "simulator/prompt.h"

/* What a chat's frame adds to its messages. */
#define TOKENS_OF_FRAME 3

static int read_messages(const json_t *messages, struct generation_spec *spec,
                         struct refusal *refusal)
{
    struct prompt prompt;
    size_t i;
    const json_t *message;

    if (!messages)
        return refusal_set(refusal, "messages", "missing_required_parameter",
                           "Missing required parameter: 'messages'.");
    if (!json_is_array(messages))
        return refusal_set(refusal, "messages", "invalid_type",
                           "Invalid type for 'messages': expected an array of objects.");
    if (json_array_size(messages) == 0)
        return refusal_set(
            refusal, "messages", "empty_array",
            "Invalid 'messages': empty array. Expected an array with minimum length 1, "
            "but got an empty array instead.");
    prompt_init(&prompt);
    prompt.tokens = TOKENS_OF_FRAME;
    json_array_foreach(messages, i, message)
    {
        const json_t *role = json_object_get(message, "role");

        if (!json_is_string(role))
            return refusal_set(refusal, "messages", "missing_required_parameter",
                               "Missing required parameter: 'messages[].role'.");
        if (prompt_add_message(&prompt, json_string_value(role),
                               json_object_get(message, "content")) < 0)
            return refusal_set(
                refusal, "messages", "invalid_type",
                "Invalid type for 'messages[].content': expected a string or an "
                "array of content parts.");
    }
    spec->prompt_tokens = prompt.tokens;
    spec->content_hash = prompt.hash;
    return 0;
}

static int read_limits(const json_t *root, struct generation_spec *spec,
                       struct refusal *refusal)
{
    uint64_t choices = 1;

    if (asked_read_count(json_object_get(root, "max_tokens"), 1, &spec->max_tokens) < 0)
        return refusal_set(refusal, "max_tokens", "integer_below_min_value",
                           "Invalid 'max_tokens': expected an integer >= 1.");
    /* The newer name of the two wins. */
    if (asked_read_count(json_object_get(root, "max_completion_tokens"), 1,
                         &spec->max_tokens) < 0)
        return refusal_set(refusal, "max_completion_tokens", "integer_below_min_value",
                           "Invalid 'max_completion_tokens': expected an integer >= 1.");
    if (asked_read_count(json_object_get(root, "min_tokens"), 0, &spec->min_tokens) < 0)
        return refusal_set(refusal, "min_tokens", "integer_below_min_value",
                           "Invalid 'min_tokens': expected an integer >= 0.");
    if (asked_read_count(json_object_get(root, "n"), 1, &choices) < 0 || choices != 1)
        return refusal_set(refusal, "n", "unsupported_value",
                           "Unsupported value: 'n' must be 1 on this platform.");
    spec->ignore_eos = json_is_true(json_object_get(root, "ignore_eos"));
    return 0;
}

int chat_request_read(const json_t *root, struct generation_spec *spec,
                      struct refusal *reterr_refusal)
{
    int r = asked_read_model(root, &spec->model, reterr_refusal);

    if (r == 0)
        r = read_messages(json_object_get(root, "messages"), spec, reterr_refusal);
    if (r == 0)
        r = read_limits(root, spec, reterr_refusal);
    if (r == 0)
        r = asked_read_stream(root, true, spec, reterr_refusal);
    return r;
}
