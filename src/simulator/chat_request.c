#include "simulator/chat_request.h"

#include <errno.h>
#include <string.h>

/* The prompt's tokens are estimated: see simulator/simulator.h. */
#define TOKENS_OF_PROMPT 3
#define TOKENS_OF_MESSAGE 3
#define TOKENS_OF_IMAGE 85
#define BYTES_PER_TOKEN 4

/* FNV-1a, 64 bits. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_text(uint64_t hash, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * HASH_PRIME;
    /* What ends here differs from what goes on. */
    return (hash ^ 0xff) * HASH_PRIME;
}

static int refuse(struct chat_refusal *refusal, const char *param, const char *code,
                  const char *message)
{
    refusal->error = (struct exchange_error){400, "invalid_request_error", param, code};
    refusal->message = message;
    return -EINVAL;
}

/* What the parts of one message add up to. */
struct content {
    uint64_t text_bytes;
    uint64_t images;
    uint64_t hash;
};

static void add_text(struct content *content, const json_t *text)
{
    content->text_bytes += json_string_length(text);
    content->hash =
        hash_text(content->hash, json_string_value(text), json_string_length(text));
}

/* A string, null, or an array of typed parts. Returns 0; -EINVAL for anything else. */
static int add_content(struct content *content, const json_t *value)
{
    size_t i;
    const json_t *part;

    if (!value || json_is_null(value))
        return 0;
    if (json_is_string(value)) {
        add_text(content, value);
        return 0;
    }
    if (!json_is_array(value))
        return -EINVAL;
    json_array_foreach(value, i, part)
    {
        const char *type = json_string_value(json_object_get(part, "type"));

        if (!type)
            return -EINVAL;
        if (strcmp(type, "text") == 0 && json_is_string(json_object_get(part, "text")))
            add_text(content, json_object_get(part, "text"));
        else if (strcmp(type, "image_url") == 0)
            content->images++;
    }
    return 0;
}

static int read_messages(const json_t *messages, struct generation_spec *spec,
                         struct chat_refusal *refusal)
{
    struct content content = {.hash = HASH_BEGIN};
    size_t i;
    const json_t *message;

    if (!messages)
        return refuse(refusal, "messages", "missing_required_parameter",
                      "Missing required parameter: 'messages'.");
    if (!json_is_array(messages))
        return refuse(refusal, "messages", "invalid_type",
                      "Invalid type for 'messages': expected an array of objects.");
    if (json_array_size(messages) == 0)
        return refuse(refusal, "messages", "empty_array",
                      "Invalid 'messages': empty array. Expected an array with minimum "
                      "length 1, but got an empty array instead.");
    spec->prompt_tokens = TOKENS_OF_PROMPT;
    json_array_foreach(messages, i, message)
    {
        const json_t *role = json_object_get(message, "role");

        if (!json_is_string(role))
            return refuse(refusal, "messages", "missing_required_parameter",
                          "Missing required parameter: 'messages[].role'.");
        content.hash =
            hash_text(content.hash, json_string_value(role), json_string_length(role));
        content.text_bytes = 0;
        if (add_content(&content, json_object_get(message, "content")) < 0)
            return refuse(
                refusal, "messages", "invalid_type",
                "Invalid type for 'messages[].content': expected a string or an "
                "array of content parts.");
        spec->prompt_tokens +=
            TOKENS_OF_MESSAGE +
            (content.text_bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }
    spec->prompt_tokens += TOKENS_OF_IMAGE * content.images;
    spec->content_hash = content.hash;
    return 0;
}

/* Reads an integer ≥ least when it is there. Returns 0; -EINVAL. */
static int read_count(const json_t *value, json_int_t least, uint64_t *count)
{
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < least)
        return -EINVAL;
    *count = (uint64_t)json_integer_value(value);
    return 0;
}

static int read_limits(const json_t *root, struct generation_spec *spec,
                       struct chat_refusal *refusal)
{
    uint64_t choices = 1;

    spec->max_tokens = UINT64_MAX;
    if (read_count(json_object_get(root, "max_tokens"), 1, &spec->max_tokens) < 0)
        return refuse(refusal, "max_tokens", "integer_below_min_value",
                      "Invalid 'max_tokens': expected an integer >= 1.");
    /* The newer name of the two wins. */
    if (read_count(json_object_get(root, "max_completion_tokens"), 1, &spec->max_tokens) <
        0)
        return refuse(refusal, "max_completion_tokens", "integer_below_min_value",
                      "Invalid 'max_completion_tokens': expected an integer >= 1.");
    if (read_count(json_object_get(root, "min_tokens"), 0, &spec->min_tokens) < 0)
        return refuse(refusal, "min_tokens", "integer_below_min_value",
                      "Invalid 'min_tokens': expected an integer >= 0.");
    if (read_count(json_object_get(root, "n"), 1, &choices) < 0 || choices != 1)
        return refuse(refusal, "n", "unsupported_value",
                      "Unsupported value: 'n' must be 1 on this platform.");
    spec->ignore_eos = json_is_true(json_object_get(root, "ignore_eos"));
    return 0;
}

static int read_stream(const json_t *root, struct generation_spec *spec,
                       struct chat_refusal *refusal)
{
    const json_t *stream = json_object_get(root, "stream");
    const json_t *options = json_object_get(root, "stream_options");

    if (stream && !json_is_boolean(stream) && !json_is_null(stream))
        return refuse(refusal, "stream", "invalid_type",
                      "Invalid type for 'stream': expected a boolean.");
    spec->is_stream = json_is_true(stream);
    if (!options || json_is_null(options))
        return 0;
    if (!spec->is_stream)
        return refuse(refusal, "stream_options", NULL,
                      "The 'stream_options' parameter is only allowed when 'stream' is "
                      "enabled.");
    if (!json_is_object(options))
        return refuse(refusal, "stream_options", "invalid_type",
                      "Invalid type for 'stream_options': expected an object.");
    spec->include_usage = json_is_true(json_object_get(options, "include_usage"));
    return 0;
}

int chat_request_read(const json_t *root, struct generation_spec *spec,
                      struct chat_refusal *reterr_refusal)
{
    const json_t *model = json_object_get(root, "model");
    int r;

    if (!json_is_object(root))
        return refuse(
            reterr_refusal, NULL, NULL,
            "We could not parse the JSON body of your request. (HINT: This likely "
            "means you aren't using your HTTP library correctly. The OpenAI API "
            "expects a JSON payload, but what was sent was not valid JSON.)");
    if (!json_is_string(model) || json_string_length(model) == 0)
        return refuse(reterr_refusal, "model", NULL,
                      "you must provide a model parameter");
    spec->model = json_string_value(model);
    r = read_messages(json_object_get(root, "messages"), spec, reterr_refusal);
    if (r == 0)
        r = read_limits(root, spec, reterr_refusal);
    if (r == 0)
        r = read_stream(root, spec, reterr_refusal);
    return r;
}
