/*
 * POST /v1/completions: prompts → text that goes on from them. A list of prompts, and n, give
 * several choices, one after the other.
 * Source: OpenAI API reference, "Create completion", "The completion object". `min_tokens` and
 * `ignore_eos` are vLLM's additions to it.
 */
#include <errno.h>
#include <inttypes.h>

#include "simulator/asked.h"
#include "simulator/endpoint.h"
#include "simulator/identity.h"
#include "simulator/prompt.h"
#include "simulator/usage.h"
#include "simulator/voice.h"

/* What a request without max_tokens gets. */
#define TOKENS_BY_DEFAULT 16
#define CHOICES_MAX 128

/* --- The answer. --- */

/* As JSON. */
static const char *finish_reason(const struct generation *generation)
{
    if (generation->flaw == TRUTH_FAULT_NO_FINISH)
        return "null";
    return generation->is_cut ? "\"length\"" : "\"stop\"";
}

static void write_prefix(const struct generation *generation, struct buf *out)
{
    buf_append_str(out, "data: ");
    identity_write(generation, "text_completion", out);
    buf_append_str(out, ",\"choices\":[");
}

/* Writes the prompt before its choice, where the request wants it echoed. */
static void write_echo(const struct generation *generation, uint64_t choice,
                       struct buf *out)
{
    const json_t *prompt = json_object_get(generation->body, "prompt");
    const uint64_t prompts = json_is_array(prompt) ? json_array_size(prompt) : 1;

    if (!json_is_true(json_object_get(generation->body, "echo")))
        return;
    if (json_is_array(prompt))
        prompt = json_array_get(prompt, choice / (generation->choices / prompts));
    if (!json_is_string(prompt)) /* of token ids, which mean nothing here */
        return;
    buf_append_json(out, json_string_value(prompt), json_string_length(prompt));
    buf_append_char(out, ' ');
}

static void write_choice_end(uint64_t choice, const char *finish, struct buf *out)
{
    buf_printf(out, "\",\"index\":%" PRIu64 ",\"logprobs\":null,\"finish_reason\":%s}",
               choice, finish);
}

static void write_chunk(const struct generation *generation,
                        const struct generation_event *event, const char *finish,
                        struct buf *out)
{
    buf_append(out, generation->prefix.bytes, generation->prefix.len);
    buf_append_str(out, "{\"text\":\"");
    if (event->is_first)
        write_echo(generation, event->choice, out);
    buf_append(out, event->text, event->len);
    write_choice_end(event->choice, finish, out);
    buf_append_str(out, generation->include_usage ? "],\"usage\":null}\n\n" : "]}\n\n");
}

static void write_event(struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    if (event->kind == TRUTH_CONTENT) {
        write_chunk(generation, event, "null", out);
    } else if (event->kind == TRUTH_FINISH) {
        write_chunk(generation, event, finish_reason(generation), out);
    } else if (event->kind == TRUTH_USAGE) {
        const struct usage usage = usage_of(generation);

        buf_append(out, generation->prefix.bytes, generation->prefix.len);
        buf_append_str(out, "],");
        usage_write(&usage, out);
        buf_append_str(out, "}\n\n");
    } else if (event->kind == TRUTH_DONE) {
        buf_append_str(out, "data: [DONE]\n\n");
    }
}

static void write_body(struct generation *generation, struct buf *out)
{
    const struct usage usage = usage_of(generation);

    identity_write(generation, "text_completion", out);
    buf_append_str(out, ",\"choices\":[");
    for (uint64_t choice = 0; choice < generation->choices; choice++) {
        buf_append_str(out, choice > 0 ? ",{\"text\":\"" : "{\"text\":\"");
        write_echo(generation, choice, out);
        generation_retell_choice(generation, choice, out);
        write_choice_end(choice, finish_reason(generation), out);
    }
    buf_append_str(out, "],");
    usage_write(&usage, out);
    buf_append_char(out, '}');
}

static const struct generation_format completion_format = {
    .id_prefix = "cmpl-",
    .has_done = true,
    .names_chunks = true,
    .write_prefix = write_prefix,
    .write_event = write_event,
    .write_error = voice_write_failure,
    .write_body = write_body,
};

/* --- The request. --- */

/* Adds one prompt: text, or a list of token ids. Returns 0; -EINVAL. */
static int add_prompt(struct prompt *prompt, const json_t *value)
{
    if (json_is_array(value))
        return prompt_add_token_ids(prompt, value);
    if (!json_is_string(value))
        return -EINVAL;
    prompt_add_text(prompt, json_string_value(value), json_string_length(value));
    return 0;
}

/* Reads the prompts. A list of integers is one prompt, of token ids. */
static int read_prompts(const json_t *value, struct generation_spec *spec)
{
    struct prompt prompt;
    size_t i;
    const json_t *each;
    int r = 0;

    prompt_init(&prompt);
    if (json_is_array(value) && !json_is_integer(json_array_get(value, 0))) {
        json_array_foreach(value, i, each)
        {
            r = add_prompt(&prompt, each);
            if (r < 0)
                return r;
        }
        spec->choices = json_array_size(value);
    } else {
        r = add_prompt(&prompt, value);
    }
    spec->prompt_tokens = prompt.tokens;
    spec->content_hash = prompt.hash;
    return r == 0 && spec->choices > 0 ? 0 : -EINVAL;
}

static int read_limits(const json_t *root, struct generation_spec *spec,
                       struct refusal *refusal)
{
    uint64_t each = 1;

    spec->max_tokens = TOKENS_BY_DEFAULT;
    if (asked_read_count(json_object_get(root, "max_tokens"), 1, &spec->max_tokens) < 0)
        return refusal_set(refusal, "max_tokens", "integer_below_min_value",
                           "Invalid 'max_tokens': expected an integer >= 1.");
    if (asked_read_count(json_object_get(root, "min_tokens"), 0, &spec->min_tokens) < 0)
        return refusal_set(refusal, "min_tokens", "integer_below_min_value",
                           "Invalid 'min_tokens': expected an integer >= 0.");
    if (asked_read_count(json_object_get(root, "n"), 1, &each) < 0 ||
        each > CHOICES_MAX || each * spec->choices > CHOICES_MAX)
        return refusal_set(refusal, "n", "integer_above_max_value",
                           "Invalid 'n': the prompts times n must be 1 to 128.");
    spec->choices *= each;
    spec->ignore_eos = json_is_true(json_object_get(root, "ignore_eos"));
    return 0;
}

static int read_request(json_t *root, struct generation_spec *spec,
                        struct refusal *refusal)
{
    int r = asked_read_model(root, &spec->model, refusal);

    if (r < 0)
        return r;
    if (!json_object_get(root, "prompt"))
        return refusal_set(refusal, "prompt", "missing_required_parameter",
                           "Missing required parameter: 'prompt'.");
    if (read_prompts(json_object_get(root, "prompt"), spec) < 0)
        return refusal_set(refusal, "prompt", "invalid_type",
                           "Invalid type for 'prompt': expected a string, an array of "
                           "strings, or token ids.");
    if (spec->choices > CHOICES_MAX)
        return refusal_set(refusal, "prompt", "array_above_max_length",
                           "Invalid 'prompt': array too long, 128 prompts at most.");
    r = read_limits(root, spec, refusal);
    if (r == 0)
        r = asked_read_stream(root, true, spec, refusal);
    spec->no_reasoning = true;
    if (json_is_true(json_object_get(root, "echo")))
        spec->body = root;
    return r;
}

void completion_create(struct exchange *exchange)
{
    struct generation_spec spec = GENERATION_SPEC(&completion_format);
    struct refusal refusal;
    json_t *root = asked_parse(exchange);
    const int r = read_request(root, &spec, &refusal);

    asked_begin(exchange, r, &spec, &refusal);
    json_decref(root);
}
