/*
 * POST /v1/responses: what the request asks for, and the form of the answer: a response object, or
 * the events that lead to it. What came before (previous_response_id) is not remembered.
 * Source: OpenAI API reference, "Create a model response", "The response object", "Streaming
 * events".
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/digits.h"
#include "simulator/asked.h"
#include "simulator/endpoint.h"
#include "simulator/prompt.h"
#include "simulator/usage.h"
#include "simulator/voice.h"

/* The members of a response that repeat those of its request, and what they are without. */
static const struct {
    const char *name;
    const char *fallback;
} repeated[] = {
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"reasoning", "{\"effort\":null,\"summary\":null}"},
    {"store", "true"},
    {"temperature", "1.0"},
    {"text", "{\"format\":{\"type\":\"text\"}}"},
    {"tool_choice", "\"auto\""},
    {"tools", "[]"},
    {"top_p", "1.0"},
    {"truncation", "\"disabled\""},
    {"user", "null"},
    {"previous_response_id", "null"},
};

/* Where in a response's life an object or an item is told. */
enum stage { STAGE_BEGUN, STAGE_DONE };

/* --- The parts of a response. --- */

/* The id's part behind "resp_", which its items share. */
static const char *item_id(const struct generation *generation)
{
    return generation->id + strlen(generation->format->id_prefix);
}

static int append_dumped(const char *bytes, size_t len, void *out)
{
    return buf_append(out, bytes, len);
}

static void write_repeated(const struct generation *generation, struct buf *out)
{
    for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
        const json_t *value = json_object_get(generation->body, repeated[i].name);

        buf_printf(out, ",\"%s\":", repeated[i].name);
        if (value)
            (void)json_dump_callback(value, append_dumped, out,
                                     JSON_COMPACT | JSON_ENCODE_ANY);
        else
            buf_append_str(out, repeated[i].fallback);
    }
}

/* Whether the answer was given up at max_output_tokens. */
static const char *status_of(const struct generation *generation, enum stage stage)
{
    if (stage == STAGE_BEGUN || generation->flaw == TRUTH_FAULT_NO_FINISH)
        return "in_progress";
    return generation->is_cut ? "incomplete" : "completed";
}

static void write_content_part(const struct generation *generation, enum truth_kind kind,
                               enum stage stage, struct buf *out)
{
    buf_append_str(out, kind == TRUTH_REASONING
                            ? "{\"type\":\"reasoning_text\",\"text\":\""
                            : "{\"type\":\"output_text\",\"text\":\"");
    if (stage == STAGE_DONE && kind == TRUTH_REASONING)
        generation_retell_reasoning(generation, out);
    else if (stage == STAGE_DONE)
        generation_retell_choice(generation, 0, out);
    buf_append_str(
        out, kind == TRUTH_REASONING ? "\"}" : "\",\"annotations\":[],\"logprobs\":[]}");
}

static void write_item(const struct generation *generation, enum truth_kind kind,
                       enum stage stage, struct buf *out)
{
    if (kind == TRUTH_REASONING)
        buf_printf(
            out, "{\"id\":\"rs_%s\",\"type\":\"reasoning\",\"summary\":[],\"content\":[",
            item_id(generation));
    else
        buf_printf(out,
                   "{\"id\":\"msg_%s\",\"type\":\"message\",\"status\":\"%s\","
                   "\"role\":\"assistant\",\"content\":[",
                   item_id(generation), status_of(generation, stage));
    if (stage == STAGE_DONE)
        write_content_part(generation, kind, stage, out);
    buf_append_str(out, "]}");
}

static void write_usage(const struct generation *generation, struct buf *out)
{
    const struct usage usage = usage_of(generation);

    buf_printf(out,
               "{\"input_tokens\":%" PRIu64 ",\"input_tokens_details\":{"
               "\"cached_tokens\":%" PRIu64 "},\"output_tokens\":%" PRIu64
               ",\"output_tokens_details\":{\"reasoning_tokens\":%" PRIu64
               "},\"total_tokens\":%" PRIu64 "}",
               usage.prompt, usage.cached, usage.completion, usage.reasoning,
               usage.total);
}

static void write_output(const struct generation *generation, struct buf *out)
{
    if (generation->reasoning_tokens > 0)
        write_item(generation, TRUTH_REASONING, STAGE_DONE, out);
    if (generation->reasoning_tokens > 0 && generation->content_tokens > 0)
        buf_append_char(out, ',');
    if (generation->content_tokens > 0)
        write_item(generation, TRUTH_CONTENT, STAGE_DONE, out);
}

static void write_response(const struct generation *generation, enum stage stage,
                           struct buf *out)
{
    buf_printf(out,
               "{\"id\":\"%s\",\"object\":\"response\",\"created_at\":%" PRIu64
               ",\"status\":\"%s\",\"background\":false,\"error\":null,"
               "\"incomplete_details\":%s,\"model\":\"",
               generation->id, generation->created_s, status_of(generation, stage),
               stage == STAGE_DONE && generation->is_cut
                   ? "{\"reason\":\"max_output_tokens\"}"
                   : "null");
    buf_append_json(out, generation->model, strlen(generation->model));
    buf_append_char(out, '"');
    write_repeated(generation, out);
    buf_append_str(out, ",\"output\":[");
    if (stage == STAGE_DONE)
        write_output(generation, out);
    buf_append_str(out, "],\"usage\":");
    if (stage == STAGE_DONE)
        write_usage(generation, out);
    else
        buf_append_str(out, "null");
    buf_append_char(out, '}');
}

/* --- The events. --- */

static void begin_event(struct generation *generation, const char *name, struct buf *out)
{
    char number[DIGITS_MAX];

    buf_append_str(out, "event: ");
    buf_append_str(out, name);
    buf_append_str(out, "\ndata: {\"type\":\"");
    buf_append_str(out, name);
    buf_append_str(out, "\",\"sequence_number\":");
    buf_append(out, number,
               (size_t)(digits_decimal(number, generation->sequence++) - number));
}

static void write_response_event(struct generation *generation, const char *name,
                                 enum stage stage, struct buf *out)
{
    begin_event(generation, name, out);
    buf_append_str(out, ",\"response\":");
    write_response(generation, stage, out);
    buf_append_str(out, "}\n\n");
}

/* Which item of the output: an answer comes behind its reasoning. */
static int output_index(const struct generation *generation, enum truth_kind kind)
{
    return kind == TRUTH_CONTENT && generation->reasoning_tokens > 0 ? 1 : 0;
}

static void write_item_event(struct generation *generation, const char *name,
                             enum truth_kind kind, enum stage stage, struct buf *out)
{
    begin_event(generation, name, out);
    buf_printf(out, ",\"output_index\":%d,\"item\":", output_index(generation, kind));
    write_item(generation, kind, stage, out);
    buf_append_str(out, "}\n\n");
}

/* Begins an event about the content of an item, and names the place of that. */
static void begin_content_event(struct generation *generation, const char *name,
                                enum truth_kind kind, struct buf *out)
{
    begin_event(generation, name, out);
    buf_append_str(out, kind == TRUTH_REASONING ? ",\"item_id\":\"rs_"
                                                : ",\"item_id\":\"msg_");
    buf_append_str(out, item_id(generation));
    buf_append_str(out, output_index(generation, kind) == 1
                            ? "\",\"output_index\":1,\"content_index\":0"
                            : "\",\"output_index\":0,\"content_index\":0");
}

static void write_part_event(struct generation *generation, const char *name,
                             enum truth_kind kind, enum stage stage, struct buf *out)
{
    begin_content_event(generation, name, kind, out);
    buf_append_str(out, ",\"part\":");
    write_content_part(generation, kind, stage, out);
    buf_append_str(out, "}\n\n");
}

static void write_delta(struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    const bool is_reasoning = event->kind == TRUTH_REASONING;

    begin_content_event(generation,
                        is_reasoning ? "response.reasoning_text.delta"
                                     : "response.output_text.delta",
                        event->kind, out);
    buf_append_str(out, ",\"delta\":\"");
    buf_append(out, event->text, event->len);
    buf_append_str(out, is_reasoning ? "\"}\n\n" : "\",\"logprobs\":[]}\n\n");
}

static void write_text_done(struct generation *generation, enum truth_kind kind,
                            struct buf *out)
{
    const bool is_reasoning = kind == TRUTH_REASONING;

    begin_content_event(generation,
                        is_reasoning ? "response.reasoning_text.done"
                                     : "response.output_text.done",
                        kind, out);
    buf_append_str(out, ",\"text\":\"");
    if (is_reasoning)
        generation_retell_reasoning(generation, out);
    else
        generation_retell_choice(generation, 0, out);
    buf_append_str(out, is_reasoning ? "\"}\n\n" : "\",\"logprobs\":[]}\n\n");
}

/* Words, with what opens their item before the first and closes it behind the last. */
static void write_words(struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    if (event->is_first) {
        write_item_event(generation, "response.output_item.added", event->kind,
                         STAGE_BEGUN, out);
        write_part_event(generation, "response.content_part.added", event->kind,
                         STAGE_BEGUN, out);
    }
    write_delta(generation, event, out);
    if (event->is_last) {
        write_text_done(generation, event->kind, out);
        write_part_event(generation, "response.content_part.done", event->kind,
                         STAGE_DONE, out);
        write_item_event(generation, "response.output_item.done", event->kind, STAGE_DONE,
                         out);
    }
}

static void write_event(struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    if (event->kind == TRUTH_ROLE) {
        write_response_event(generation, "response.created", STAGE_BEGUN, out);
        write_response_event(generation, "response.in_progress", STAGE_BEGUN, out);
    } else if (event->kind == TRUTH_REASONING || event->kind == TRUTH_CONTENT) {
        write_words(generation, event, out);
    } else if (event->kind == TRUTH_FINISH) {
        write_response_event(
            generation, generation->is_cut ? "response.incomplete" : "response.completed",
            STAGE_DONE, out);
    }
}

static void write_error(struct generation *generation, struct buf *out)
{
    begin_event(generation, "error", out);
    buf_append_str(out, ",\"code\":\"server_error\",\"message\":\"" VOICE_SERVER_ERROR
                        "\",\"param\":null}\n\n");
}

static void write_body(struct generation *generation, struct buf *out)
{
    write_response(generation, STAGE_DONE, out);
}

static const struct generation_format responses_format = {
    .id_prefix = "resp_",
    .names_chunks = true, /* their items have it too */
    .write_event = write_event,
    .write_error = write_error,
    .write_body = write_body,
};

/* --- The request. --- */

static int read_items(const json_t *items, struct prompt *prompt)
{
    size_t i;
    const json_t *item;

    json_array_foreach(items, i, item)
    {
        const char *role = json_string_value(json_object_get(item, "role"));

        if (!json_is_object(item))
            return -EINVAL;
        /* Items that are no messages, such as the outputs of tools, have no text to count. */
        if (role &&
            prompt_add_message(prompt, role, json_object_get(item, "content")) < 0)
            return -EINVAL;
    }
    return json_array_size(items) > 0 ? 0 : -EINVAL;
}

static int read_input(const json_t *root, struct generation_spec *spec,
                      struct refusal *refusal)
{
    const json_t *input = json_object_get(root, "input");
    const json_t *instructions = json_object_get(root, "instructions");
    struct prompt prompt;
    int r = 0;

    if (!input)
        return refusal_set(refusal, "input", "missing_required_parameter",
                           "Missing required parameter: 'input'.");
    prompt_init(&prompt);
    if (json_is_string(instructions))
        r = prompt_add_message(&prompt, "developer", instructions);
    if (r == 0 && json_is_array(input))
        r = read_items(input, &prompt);
    else if (r == 0)
        r = json_is_string(input) ? prompt_add_message(&prompt, "user", input) : -EINVAL;
    if (r < 0)
        return refusal_set(refusal, "input", "invalid_type",
                           "Invalid type for 'input': expected a string or an array of "
                           "input items.");
    spec->prompt_tokens = prompt.tokens;
    spec->content_hash = prompt.hash;
    return 0;
}

static int read_request(json_t *root, struct generation_spec *spec,
                        struct refusal *refusal)
{
    int r = asked_read_model(root, &spec->model, refusal);

    if (r == 0)
        r = read_input(root, spec, refusal);
    if (r < 0)
        return r;
    if (asked_read_count(json_object_get(root, "max_output_tokens"), 1,
                         &spec->max_tokens) < 0)
        return refusal_set(refusal, "max_output_tokens", "integer_below_min_value",
                           "Invalid 'max_output_tokens': expected an integer >= 1.");
    spec->body = root;
    return asked_read_stream(root, false, spec, refusal);
}

void responses_create(struct exchange *exchange)
{
    struct generation_spec spec = GENERATION_SPEC(&responses_format);
    struct refusal refusal;
    json_t *root = asked_parse(exchange);
    const int r = read_request(root, &spec, &refusal);

    asked_begin(exchange, r, &spec, &refusal);
    json_decref(root);
}
