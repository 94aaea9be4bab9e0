/*
 * POST /v1/embeddings: texts → vectors of length 1 that depend on the seed, the model and the text.
 * Source: OpenAI API reference, "Create embeddings", "The embedding object".
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/rng.h"
#include "simulator/asked.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/model.h"
#include "simulator/prompt.h"
#include "simulator/quota.h"
#include "simulator/spending.h"

#define INPUTS_MAX 2048
#define DIMENSIONS_MAX 4096
/* Of text-embedding-3-small, and of models that call themselves large. */
#define DIMENSIONS_USUAL 1536
#define DIMENSIONS_LARGE 3072

struct embedding_request {
    const char *model;
    const json_t *input;
    size_t count; /* of vectors */
    uint64_t dimensions;
    bool is_base64;
    uint64_t tokens;
};

/* The index-th input: the whole where it is no list of them. */
static const json_t *input_at(const json_t *input, size_t index)
{
    const json_t *first = json_array_get(input, 0);

    return json_is_string(first) || json_is_array(first) ? json_array_get(input, index)
                                                         : input;
}

/* Adds one input: text, or a list of token ids, neither empty. Returns 0; -EINVAL. */
static int read_input(const json_t *input, struct prompt *prompt)
{
    if (json_is_array(input) && json_array_size(input) > 0)
        return prompt_add_token_ids(prompt, input);
    if (!json_is_string(input) || json_string_length(input) == 0)
        return -EINVAL;
    prompt_add_text(prompt, json_string_value(input), json_string_length(input));
    return 0;
}

static int read_inputs(struct embedding_request *request, struct refusal *refusal)
{
    const json_t *first = json_array_get(request->input, 0);

    if (!request->input)
        return refusal_set(refusal, "input", "missing_required_parameter",
                           "Missing required parameter: 'input'.");
    request->count = json_is_string(first) || json_is_array(first)
                         ? json_array_size(request->input)
                         : 1;
    if (request->count > INPUTS_MAX)
        return refusal_set(refusal, "input", "array_above_max_length",
                           "Invalid 'input': array too long, 2048 inputs at most.");
    for (size_t i = 0; i < request->count; i++) {
        struct prompt prompt;

        prompt_init(&prompt);
        if (read_input(input_at(request->input, i), &prompt) < 0)
            return refusal_set(refusal, "input", "invalid_type",
                               "Invalid 'input': expected a string, an array of "
                               "strings, or token ids, none of them empty.");
        request->tokens += prompt.tokens;
    }
    return 0;
}

static int read_request(const json_t *root, struct embedding_request *request,
                        struct refusal *refusal)
{
    const char *encoding = json_string_value(json_object_get(root, "encoding_format"));
    int r = asked_read_model(root, &request->model, refusal);

    if (r < 0)
        return r;
    request->input = json_object_get(root, "input");
    r = read_inputs(request, refusal);
    if (r < 0)
        return r;
    request->dimensions =
        strstr(request->model, "large") ? DIMENSIONS_LARGE : DIMENSIONS_USUAL;
    if (asked_read_count(json_object_get(root, "dimensions"), 1, &request->dimensions) <
            0 ||
        request->dimensions > DIMENSIONS_MAX)
        return refusal_set(refusal, "dimensions", "invalid_value",
                           "Invalid 'dimensions': expected an integer from 1 to 4096.");
    request->is_base64 = encoding && strcmp(encoding, "base64") == 0;
    if (encoding && !request->is_base64 && strcmp(encoding, "float") != 0)
        return refusal_set(refusal, "encoding_format", "invalid_value",
                           "Invalid value for 'encoding_format': expected 'float' or "
                           "'base64'.");
    return 0;
}

/* Draws a direction, each as likely as any other. */
static void draw_vector(const struct embedding_request *request, uint64_t seed,
                        const json_t *input, float *ret_vector)
{
    struct prompt prompt;
    struct rng rng;
    double sum = 0;

    prompt_init(&prompt);
    prompt_add_text(&prompt, request->model, strlen(request->model));
    (void)read_input(input, &prompt);
    rng_init(&rng, seed, prompt.hash, STREAM_VECTOR, RNG_SIMULATOR);
    for (uint64_t i = 0; i < request->dimensions; i++) {
        const double value = rng_normal(&rng);

        ret_vector[i] = (float)value;
        sum += value * value;
    }
    for (uint64_t i = 0; i < request->dimensions; i++)
        ret_vector[i] = (float)((double)ret_vector[i] / sqrt(sum));
}

static void write_vector(const struct embedding_request *request, const float *vector,
                         struct buf *out)
{
    if (request->is_base64) {
        /* Little-endian floats of 32 bits, as all machines that throng runs on have them. */
        buf_append_char(out, '"');
        base64_append(out, vector, request->dimensions * sizeof(*vector));
        buf_append_char(out, '"');
        return;
    }
    for (uint64_t i = 0; i < request->dimensions; i++)
        buf_printf(out, "%c%.9g", i > 0 ? ',' : '[', (double)vector[i]);
    buf_append_char(out, ']');
}

static void write_body(const struct embedding_request *request, uint64_t seed,
                       float *vector, struct buf *out)
{
    buf_append_str(out, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < request->count; i++) {
        draw_vector(request, seed, input_at(request->input, i), vector);
        buf_printf(out, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":",
                   i > 0 ? "," : "", i);
        write_vector(request, vector, out);
        buf_append_char(out, '}');
    }
    buf_append_str(out, "],\"model\":\"");
    buf_append_json(out, request->model, strlen(request->model));
    buf_printf(
        out, "\",\"usage\":{\"prompt_tokens\":%" PRIu64 ",\"total_tokens\":%" PRIu64 "}}",
        request->tokens, request->tokens);
}

/* Vectors are made at once, whenever they are sent. */
static void charge_for(const struct exchange *exchange, uint64_t tokens)
{
    const struct simulator_options *options = exchange->simulator->options;
    struct charge charge =
        spending_reserve(exchange, spending_price_pusd(options, tokens, 0));

    spending_settle(&charge, options, tokens, 0);
}

static void answer(struct exchange *exchange, const struct embedding_request *request)
{
    const struct simulator_options *options = exchange->simulator->options;
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(ANSWER_BYTES_MOST);
    float *vector = malloc(request->dimensions * sizeof(*vector));
    struct head head;

    if (vector)
        write_body(request, options->seed, vector, &body);
    if (!vector || buf_error(&body) < 0) {
        exchange_refuse_status(exchange, 500);
    } else {
        charge_for(exchange, request->tokens);
        exchange_head(exchange, &head);
        exchange_answer(exchange, 200, &head, buf_str(&body), body.len);
    }
    free(vector);
}

void embedding_create(struct exchange *exchange)
{
    struct embedding_request request = {0};
    struct refusal refusal;
    json_t *root = asked_parse(exchange);

    if (read_request(root, &request, &refusal) < 0)
        exchange_refuse(exchange, refusal.error, "%s", refusal.message);
    else if (!model_is_known(exchange->simulator->options, request.model))
        model_refuse(exchange, request.model);
    else if (spending_admits(exchange) && quota_admits(exchange, request.tokens))
        answer(exchange, &request);
    json_decref(root);
}
